package nightly

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/modcopy"
	"github.com/originpull/originpull-go/internal/network"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/prism"
	"github.com/originpull/originpull-go/internal/upgrade"
)

// The parts that are about upstream's document.
const (
	driftPart         = "drift of upstream's document"
	prismUpstreamPart = "contract: Prism, upstream's document"
)

// Checks returns the checks of the night, which run in the root of the module.
func Checks() []Check {
	checks := []Check{
		{driftPart, checkDrift},
		{"contract: examples", checkExamples},
		{"contract: simulator", func(ctx context.Context, _ *Night) Part {
			t := contract.InProcess()
			t.RetryFailed = true
			return ofContract(contract.Run(ctx, t))
		}},
		{"contract: recordings", checkRecordings},
		{"contract: Prism, our document", func(ctx context.Context, _ *Night) Part {
			return ofPrism(prism.OurContract(ctx))
		}},
		{"contract: simulator behind Prism", func(ctx context.Context, _ *Night) Part {
			return ofPrism(prism.ProxyContract(ctx))
		}},
		{prismUpstreamPart, func(ctx context.Context, night *Night) Part {
			if night.Upstream == "" {
				return skipped(noUpstream)
			}
			return ofPrism(prism.UpstreamContract(ctx, night.Upstream))
		}},
		{"contract: live", checkLive},
		{"foreign clients", checkForeign},
		{"rotation, explored", func(ctx context.Context, _ *Night) Part { return command(ctx, countTests, "make", "explore") }},
		{"example of a workflow engine, deployment", func(ctx context.Context, _ *Night) Part {
			return command(ctx, countTests, "make", "temporal", "deploy-check")
		}},
		{"pull request, with a stand-in for upstream", func(ctx context.Context, _ *Night) Part {
			return command(ctx, countTests, "make", "upstream-pr-try")
		}},
		{"known vulnerabilities", checkVulnerabilities},
		{"newest generator", func(ctx context.Context, _ *Night) Part { return ofUpgrade(upgrade.Check(ctx, ".")) }},
	}
	return checks
}

// noUpstream is why what needs upstream's document is skipped.
const noUpstream = "UPSTREAM names no document: set it to a file or an https URL"

func skipped(reason string) Part { return Part{Outcome: Skipped, Reason: reason} }

func inconclusive(err error) Part { return Part{Outcome: Inconclusive, Reason: err.Error()} }

// checkDrift reads the upstream document and compares it with ours. What breaks programs
// fails the night; what is only more than ours has is a warning. A document that could not
// be read is never in step.
func checkDrift(ctx context.Context, night *Night) Part {
	if night.Upstream == "" {
		return skipped(noUpstream)
	}
	doc, err := drift.Read(ctx, night.Upstream)
	if err != nil {
		return inconclusive(err)
	}
	config, err := drift.LoadConfig("drift.yaml")
	if err != nil {
		return inconclusive(err)
	}
	report, err := drift.Check(ctx, doc, config, time.Now())
	switch {
	case err != nil:
		return inconclusive(err)
	case report.Operations == 0:
		return inconclusive(errors.New("the document has none of our operations"))
	}
	night.Fingerprint = report.Fingerprint
	var text bytes.Buffer
	if err := report.Write(&text, "text"); err != nil {
		return inconclusive(err)
	}
	part := Part{Outcome: Passed, Verified: report.Operations, Detail: text.String()}
	part.Reason = printable.Count(report.Operations, "operation") + " compared, " + printable.Count(len(report.Findings), "finding")
	switch {
	case report.AtLeast("breaking"):
		part.Outcome = Failed
	case report.AtLeast("additive"):
		part.Warning = "upstream's document has more than ours: " + report.Next
	}
	return part
}

func checkExamples(ctx context.Context, _ *Night) Part {
	t, err := contract.DocumentExamples()
	if err != nil {
		return inconclusive(err)
	}
	t.RetryFailed = true
	return ofContract(contract.Run(ctx, t))
}

// checkRecordings replays the recordings of the repository, which has some.
func checkRecordings(ctx context.Context, _ *Night) Part {
	files, err := filepath.Glob("contract_test/testdata/recordings/*.json")
	if err != nil || len(files) == 0 {
		return inconclusive(errors.New("there are no recordings in contract_test/testdata/recordings"))
	}
	all, reasons := Part{Outcome: Passed}, []string(nil)
	for _, file := range files {
		part := replayed(ctx, file)
		for _, c := range part.Cases {
			c.Name = filepath.Base(file) + " " + c.Name
			all.Cases = append(all.Cases, c)
		}
		all.Outcome, all.Detail, all.Verified = worse(all.Outcome, part.Outcome), all.Detail+part.Detail, all.Verified+part.Verified
		reasons = append(reasons, filepath.Base(file)+": "+part.Reason)
		if part.Warning != "" {
			all.Warning = strings.TrimPrefix(all.Warning+"; "+filepath.Base(file)+": "+part.Warning, "; ")
		}
	}
	all.Reason = strings.Join(reasons, "; ")
	return all
}

func replayed(ctx context.Context, file string) Part {
	recording, err := contract.ReadRecording(file)
	if err != nil {
		return inconclusive(err)
	}
	return ofContract(contract.Replay(ctx, recording))
}

func checkLive(ctx context.Context, _ *Night) Part {
	l := contract.Live{Token: os.Getenv("CLOUDFLARE_API_TOKEN"), ZoneID: os.Getenv("CONTRACT_ZONE_ID"), BaseURL: os.Getenv("CLOUDFLARE_BASE_URL")}
	if l.Token == "" || l.ZoneID == "" {
		return skipped("CLOUDFLARE_API_TOKEN or CONTRACT_ZONE_ID is not set")
	}
	return ofContract(contract.RunLive(ctx, l))
}

func ofPrism(r contract.Report, err error) Part {
	switch {
	case errors.Is(err, prism.ErrMissing):
		return skipped(err.Error())
	case err != nil:
		return inconclusive(err)
	}
	return ofContract(r)
}

// ofContract returns the part for the report of a run.
func ofContract(r contract.Report) Part {
	var text strings.Builder
	r.WriteText(&text) // to memory
	part, kinds := Part{Outcome: Passed, Verified: r.Verified(), Detail: text.String()}, len(r.Drift())
	counts := fmt.Sprintf("%d passed, %s, %d skipped, %s, %s of drift", r.Count(contract.Passed),
		printable.Count(r.Count(contract.KnownFailure), "known failure"), r.Count(contract.Skipped), printable.Count(r.Exchanges(), "exchange"), printable.Count(kinds, "kind"))
	part.Reason = counts
	if kinds > 0 {
		part.Warning = printable.Count(kinds, "kind") + " of drift at run time"
	}
	for _, result := range r.Results {
		part.Cases = append(part.Cases, ofResult(result))
	}
	if err := r.Err(); err != nil {
		part.Outcome, part.Reason = Failed, err.Error()+"; "+counts
		if r.Inconclusive() {
			part.Outcome = Inconclusive
		}
	}
	return part
}

func ofResult(result contract.Result) Case {
	c := Case{Name: result.Case, Reason: result.Reason, Flaky: result.Flaky}
	switch result.Outcome {
	case contract.Passed:
		c.Outcome = Passed
	case contract.Skipped, contract.KnownFailure:
		c.Outcome = Skipped
	case contract.Inconclusive:
		c.Outcome = Inconclusive
	default:
		c.Outcome = Failed
	}
	for _, violation := range result.Violations {
		c.Reason = strings.TrimPrefix(c.Reason+"; "+violation.String(), "; ")
	}
	return c
}

// command runs a command. If the command or the network is missing, the part is
// inconclusive; if a test fails it is failed, whatever it prints. That it succeeds proves
// nothing by itself: count says from its output how much it has verified.
func command(ctx context.Context, count func(output []byte) (verified int, what string), name string, args ...string) Part {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = modcopy.Environment() // only the live contract gets credentials
	output, err := cmd.CombinedOutput()
	part := Part{Outcome: Passed, Detail: tail(output)}
	if err == nil {
		part.Verified, part.Reason = count(output)
		return part
	}
	part.Outcome, part.Reason = Failed, fmt.Sprintf("%s %s: %v", name, strings.Join(args, " "), err)
	if testFailed.Match(output) {
		return part
	}
	if network.Unreachable(output) || errors.Is(err, exec.ErrNotFound) {
		part.Outcome = Inconclusive
		part.Reason += ": a program or the network is missing"
	}
	return part
}

// checkForeign runs the clients that others wrote against the simulator.
func checkForeign(ctx context.Context, _ *Night) Part {
	verbose := "GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -v") // go test then names each test
	return command(ctx, countForeign, "make", "foreign", verbose)
}

// foreignClients are the folders of internal/foreign, one for each client.
var foreignClients = []string{"v0", "v7"}

// countForeign is countTests, and none if the tests of a client are not among them.
func countForeign(output []byte) (verified int, what string) {
	verified, what = countTests(output)
	for _, client := range foreignClients {
		if !strings.Contains(what, "/"+client+": ") {
			verified, what = 0, what+"; "+client+" was not tried"
		}
	}
	return verified, what
}

// testLine matches a top-level test that passed, and the end of a package, in the output
// of go test -v.
var testLine = regexp.MustCompile(`(?m)^(?:--- PASS: .*|ok\s+(\S+)\s.*)$`)

// countTests returns how many tests passed according to go test -v, in each package. A
// package without one makes it none.
func countTests(output []byte) (verified int, what string) {
	var packages []string
	tests, empty := 0, false
	for _, line := range testLine.FindAllSubmatch(output, -1) {
		if name := string(line[1]); name == "" {
			tests++
		} else {
			packages = append(packages, name+": "+printable.Count(tests, "test"))
			verified, tests, empty = verified+tests, 0, empty || tests == 0
		}
	}
	if empty || len(packages) == 0 {
		verified = 0
	}
	return verified, cmp.Or(strings.Join(packages, "; "), "no test was run")
}

// testFailed matches a failed test in the output of go test.
var testFailed = regexp.MustCompile(`(?m)^\s*--- FAIL: `)

// tail returns the end of a long output.
func tail(output []byte) string {
	const most = 8 << 10
	return strings.ToValidUTF8(string(output[max(0, len(output)-most):]), "")
}

// checkVulnerabilities runs govulncheck, which ends with 3 if it finds any, and with 1
// if it cannot look.
func checkVulnerabilities(ctx context.Context, _ *Night) Part {
	dir, err := os.MkdirTemp("", "nightly")
	if err != nil {
		return inconclusive(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "govulncheck")
	if built := command(ctx, func([]byte) (int, string) { return 1, "" }, "go", "build", "-o", program, "golang.org/x/vuln/cmd/govulncheck"); built.Outcome != Passed {
		built.Outcome = Inconclusive
		return built
	}
	part := command(ctx, countPackages, program, "-show", "verbose", "./...")
	if part.Outcome == Failed && !strings.Contains(part.Reason, "exit status 3") {
		part.Outcome = Inconclusive
	}
	part.Reason = strings.ReplaceAll(part.Reason, program, "govulncheck")
	return part
}

// scanned matches what govulncheck says of its input.
var scanned = regexp.MustCompile(`matched the following (\d+) root packages:[\s\S]*scanned the following (\d+) modules`)

// countPackages returns how many packages govulncheck has looked at.
func countPackages(output []byte) (verified int, what string) {
	counts := scanned.FindSubmatch(output)
	if counts == nil {
		return 0, "no package was looked at"
	}
	verified, _ = strconv.Atoi(string(counts[1]))
	return verified, fmt.Sprintf("%d packages and %s modules that they need", verified, counts[2])
}

// ofUpgrade returns the part for the report on the newest versions. They are made by
// others, so they never fail the night; what they change is a warning.
func ofUpgrade(r upgrade.Report, err error) Part {
	if err != nil {
		return skipped(err.Error())
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		return skipped(err.Error())
	}
	listed := 0
	for _, m := range r.Modules {
		if m.Unlisted == "" {
			listed++
		}
	}
	return Part{Outcome: Passed, Verified: listed, Reason: r.Summary(), Warning: r.Warning(), Detail: text.String()}
}
