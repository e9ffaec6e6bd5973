package try

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// outcome is what a trial of a document has to find.
type outcome struct {
	changes   string // of the stand-in
	follow    []string
	verdict   Verdict
	version   string
	undecided bool
	reasons   []string
	fails     []string // tests of the contract
	changelog string   // the whole entry
	files     []string
	done      int // steps that are run, the copy included
}

var outcomes = []outcome{
	{changes: "editorial", verdict: Safe, version: "none", done: 2,
		reasons: []string{"operationId changed"}, files: []string{"spec/upstream.lock"}},
	{changes: "renamed-parameter", verdict: Safe, version: "none", done: 2,
		reasons: []string{"certificate_id → cert_id"}, files: []string{"spec/upstream.lock"}},
	{changes: "new-operation", verdict: Safe, version: "none", done: 2,
		reasons: []string{"listed as ignored: GET /zones/{zone_id}/origin_tls_client_auth/statistics; --follow operation-added:"},
		files:   []string{"drift.yaml", "spec/upstream.lock"}},
	{changes: "hostile", verdict: Refused, version: "none", done: 2,
		reasons: []string{"properties/id/x-go-type: it instructs a code generator"}},
	{changes: "removed-credentials", verdict: Breaking, version: "major", undecided: true, done: 2,
		reasons:   []string{"to be decided: security requirement removed"},
		changelog: "### Breaking\n\n- Security requirement removed: `header x-auth-email + header x-auth-key`, in `security` of 6 operations.\n"},
	{changes: "nullable-result", verdict: Breaking, version: "major", undecided: true, done: 2,
		reasons:   []string{"to be decided: response: null allowed, at response 200 .result"},
		changelog: "### Breaking\n\n- Null allowed: `object` → `null|object`, in `response 200 .result` of `GET /zones/{zone_id}/origin_tls_client_auth/settings` and `PUT /zones/{zone_id}/origin_tls_client_auth/settings`.\n"},
	// Both in one, since each trial compiles for long.
	{changes: "new-status new-code", verdict: Additive, version: "minor", done: 7,
		reasons: []string{
			`adopted: response: enum value added, at response 200 .result.status: "expired"`, "the Go API: originpull.StatusExpired: added",
			"adopted: response: enum value added, at response 200 .errors[].code", "the Go API: originpull.Code1440: added",
		},
		changelog: `### Added

- ` + "`originpull.Code1440` (`1440`)" + `.
- ` + "`originpull.StatusExpired` (`\"expired\"`)" + `.
`,
		files: strings.Fields("CHANGELOG.md gen/api/api.gen.go gen/openapi.yaml originpull/values.gen.go spec/openapi.yaml spec/upstream.lock")},
	{changes: "new-sibling", follow: []string{"all"}, verdict: Breaking, version: "minor", done: 5, // the simulator has to learn it
		reasons:   []string{"adopted: operation added", "service does not implement server.StrictServerInterface (missing method RotateCertificate)"},
		changelog: "### Added\n\n- Operation added: `POST /zones/{zone_id}/origin_tls_client_auth/{certificate_id}/rotate`.\n- " + unlisted + "\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "gen/server/server.gen.go", "spec/openapi.yaml", "spec/upstream.lock"}},
	{changes: "removed-credentials", follow: []string{"all"}, verdict: Breaking, version: "major", done: 7,
		reasons:   []string{"adopted: security requirement removed"},
		fails:     []string{"TestSimulator", "TestSimulator/email_and_key", "TestSimulator/email_and_an_unknown_key"},
		changelog: "### Breaking\n\n- Security requirement removed: `header x-auth-email + header x-auth-key`, in `security` of 6 operations.\n",
		files:     []string{"CHANGELOG.md", "gen/openapi.yaml", "overlays/upstream/010-credentials.yaml", "spec/openapi.yaml", "spec/upstream.lock"}},
}

// failing is a test that failed, in what the go command prints.
var failing = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// TestTry takes documents with changes the whole way. A new field,
// and a result that can be null when it is followed, are what the guide shows.
func TestTry(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK anew")
	}
	dir := fresh(t)
	before := files(t, dir)
	for _, want := range outcomes {
		t.Run(strings.Join(append([]string{want.changes}, want.follow...), " "), func(t *testing.T) {
			args := []string{"try", standin(t, dir, strings.Fields(want.changes)...), "-o", "json"}
			for _, id := range want.follow {
				args = append(args, "--follow", id)
			}
			output, status := run(t, dir, args...)
			if want := map[Verdict]int{Breaking: 1, Refused: 2}[want.verdict]; status != want {
				t.Errorf("drift try ends with %d, want %d", status, want)
			}
			var r Result
			if err := json.Unmarshal([]byte(output), &r); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			want.check(t, &r)
		})
	}
	if !maps.EqualFunc(before, files(t, dir), bytes.Equal) {
		t.Error("a trial has changed the tree, not only its copy")
	}
}

func (want outcome) check(t *testing.T, r *Result) {
	t.Helper()
	var reasons []string
	for _, reason := range r.Reasons {
		reasons = append(reasons, reason.Text)
	}
	if r.Verdict != want.verdict || r.Version != want.version || r.Undecided != want.undecided {
		t.Errorf("%s, %s version, undecided %v; want %s, %s, %v: %q", r.Verdict, r.Version, r.Undecided, want.verdict, want.version, want.undecided, reasons)
	}
	mention(t, "reasons", reasons, want.reasons...)
	var fails []string
	for _, found := range failing.FindAllStringSubmatch(strings.Join(reasons, "\n"), -1) {
		fails = append(fails, found[1])
	}
	if !slices.Equal(fails, want.fails) {
		t.Errorf("these tests fail: %q, want %q: %q", fails, want.fails, reasons)
	}
	if r.Changelog != want.changelog {
		t.Errorf("the changelog entry is\n%s\nwant\n%s", r.Changelog, want.changelog)
	}
	if !want.undecided && !slices.Equal(r.Files, want.files) {
		t.Errorf("these files change: %q, want %q", r.Files, want.files)
	}
	done := 0
	for _, step := range r.Steps {
		if step.Outcome != "skipped" {
			done++
		}
		t.Logf("%-27s %5.1f s  %s %s", step.Name, step.Seconds, step.Outcome, step.Note)
	}
	if done != want.done {
		t.Errorf("%d steps are run, want %d", done, want.done)
	}
}

// TestWrite requires that programs and people can read a result.
func TestWrite(t *testing.T) {
	t.Parallel()
	r := &Result{
		Verdict: Additive, Version: "minor", Reasons: []Reason{{Additive, "one\nand more"}}, Review: []string{"word it"},
		Changelog: "### Added\n\n- `lib.New`.\n", Files: []string{"spec/openapi.yaml"},
		Steps: []Step{{Name: "propose", Outcome: "done", Seconds: 1.24}, {Name: "generate", Outcome: "skipped", Note: "why"}},
	}
	var text strings.Builder
	if err := r.Write(&text, "text"); err != nil {
		t.Fatal(err)
	}
	const want = `ADDITIVE: a minor version

why
  additive  one
            and more

to be reviewed, in our document
  word it

changelog
  ### Added

  - ` + "`lib.New`" + `.

files that change
  spec/openapi.yaml

steps
  propose                        1.2 s  done
  generate                    skipped: why
`
	if text.String() != want {
		t.Errorf("prints\n%s\nwant\n%s", text.String(), want)
	}
	text.Reset()
	if err := r.Write(&text, "json"); err != nil {
		t.Fatal(err)
	}
	var read Result
	if err := json.Unmarshal([]byte(text.String()), &read); err != nil || read.Verdict != Additive || read.Changelog != r.Changelog || len(read.Steps) != 2 {
		t.Errorf("the JSON reads as %+v, %v", read, err)
	}
}
