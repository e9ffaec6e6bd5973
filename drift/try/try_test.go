package try

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// outcome is what a trial of a document has to find.
type outcome struct {
	name      string    // where it is not that of the changes
	changes   string    // of fakeupstream
	edit      [2]string // a text in it and what stands there then
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
	{changes: "new-operation", verdict: Ignored, version: "none", done: 2,
		reasons: []string{"listed as ignored: GET /zones/{zone_id}/origin_tls_client_auth/statistics"},
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
			`adopted: response: enum value added, at response 200 .result.status, response 200 .result[].status: "expired"`, "the Go API: originpull.StatusExpired: added",
			"adopted: response: enum value added, at response 200 .errors[].code", "the Go API: originpull.Code1440: added",
		},
		changelog: `### Added

- ` + "`originpull.Code1440` (`1440`)" + `.
- ` + "`originpull.StatusExpired` (`\"expired\"`)" + `.
`,
		files: strings.Fields("CHANGELOG.md gen/api/api.gen.go gen/openapi.yaml originpull/values.gen.go spec/openapi.yaml spec/upstream.lock")},
	{changes: "new-sibling", follow: []string{"all"}, verdict: Additive, version: "minor", undecided: true, done: 2,
		reasons:   []string{"to be decided: operation added", "An operation needs a method, its tests and a simulator that knows it"},
		changelog: "### Added\n\n- Operation added: `POST /zones/{zone_id}/origin_tls_client_auth/{certificate_id}/rotate`.\n"},
	{changes: "removed-credentials", follow: []string{"all"}, verdict: Breaking, version: "major", undecided: true, done: 2,
		reasons:   []string{"to be decided: security requirement removed", "The options of the client name the credentials too"},
		changelog: "### Breaking\n\n- Security requirement removed: `header x-auth-email + header x-auth-key`, in `security` of 6 operations.\n"},
	{name: "a value of an example less", edit: [2]string{"\n        - active", ""}, follow: []string{"all"}, verdict: Breaking, version: "major", done: 3,
		reasons: []string{`adopted: response: enum value removed, at response 200 .result.status, response 200 .result[].status: "active"`,
			`schema "Certificate": invalid example`, "what was written into our document: $.components.schemas.CertificateStatus"},
		changelog: "### Breaking\n\n- Enum value removed: `\"active\"`, in `response 200 .result.status` of 3 operations, `response 200 .result[].status` of `GET /zones/{zone_id}/origin_tls_client_auth`.\n- " + unlisted + "\n",
		files:     []string{"CHANGELOG.md", "spec/openapi.yaml", "spec/upstream.lock"}},
	{changes: "nullable-result", follow: []string{"all"}, verdict: Breaking, version: "major", done: 5, // the SDK has to learn it
		reasons:   []string{"cannot use enabled (variable of struct type api.Settings) as api.SettingsEnvelopeResult", "what was written into our document: $.components.schemas.SettingsEnvelope"},
		changelog: "### Breaking\n\n- Null allowed: `object` → `null|object`, in `response 200 .result` of `GET /zones/{zone_id}/origin_tls_client_auth/settings` and `PUT /zones/{zone_id}/origin_tls_client_auth/settings`.\n- " + unlisted + "\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "spec/openapi.yaml", "spec/upstream.lock"}},
	{name: "a secret", changes: "new-field", edit: [2]string{"region:", "recovery_token:"}, verdict: Breaking, version: "minor", done: 7,
		reasons:   []string{"Certificate.recovery_token: it reads like a secret and is not writeOnly", "what was written into our document: $.components.schemas.Certificate.properties"},
		fails:     []string{"TestSecretsAreMarked"},
		changelog: "### Added\n\n- `originpull.Certificate.RecoveryToken` (`string`).\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "spec/openapi.yaml", "spec/upstream.lock"}},
}

// failing is a test that failed, in what the go command prints.
var failing = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// TestTry takes documents with changes the whole way. A new field,
// and a result that can be null when it is followed, are what the guide shows.
func TestTry(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK again")
	}
	dir := fresh(t)
	before := files(t, dir)
	for _, want := range outcomes {
		t.Run(strings.Join(append([]string{cmp.Or(want.name, want.changes)}, want.follow...), " "), func(t *testing.T) {
			file := fakeUpstream(t, dir, strings.Fields(want.changes)...)
			replace(t, file, want.edit[0], want.edit[1])
			args := []string{"try", file, "-o", "json"}
			for _, id := range want.follow {
				args = append(args, "--follow", id)
			}
			output, status := run(t, dir, args...)
			ends := map[Verdict]int{Breaking: 1, Refused: 2}[want.verdict]
			if want.undecided {
				ends = 1
			}
			if status != ends {
				t.Errorf("drift try ends with %d, want %d", status, ends)
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

// replace puts one text in the place of another in a file.
func replace(t *testing.T, file, old, new string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q any more: fix the test: %v", file, old, err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
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
		Verdict: Additive, Version: "minor", Reasons: []Reason{{Additive, "one\nand more"}}, Review: []string{"describe it"},
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
  describe it

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
