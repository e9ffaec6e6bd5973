package trial

import (
	"bytes"
	"encoding/json"
	"errors"
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
		reasons: []string{"an operation is called otherwise"}, files: []string{"spec/upstream.lock"}},
	{changes: "renamed-parameter", verdict: Safe, version: "none", done: 2,
		reasons: []string{"certificate_id → cert_id"}, files: []string{"spec/upstream.lock"}},
	{changes: "new-operation", verdict: Safe, version: "none", done: 2,
		reasons: []string{"listed as known: GET /zones/{zone_id}/origin_tls_client_auth/statistics; --follow operation-added:"},
		files:   []string{"drift.yaml", "spec/upstream.lock"}},
	{changes: "hostile", verdict: Refused, version: "none", done: 2,
		reasons: []string{"properties/id/x-go-type: it instructs a code generator"}},
	{changes: "removed-credentials", verdict: Breaking, version: "major", undecided: true, done: 2,
		reasons:   []string{"to be decided: these credentials no longer authorise"},
		changelog: "### Breaking\n\n- These credentials no longer authorise: `header x-auth-email + header x-auth-key`, in `security` of 6 operations.\n"},
	{changes: "nullable-result", verdict: Breaking, version: "major", undecided: true, done: 2,
		reasons:   []string{"to be decided: response: a value can be null, at response 200 .result"},
		changelog: "### Breaking\n\n- A value can be null: `object` → `null|object`, in `response 200 .result` of `GET /zones/{zone_id}/origin_tls_client_auth/settings` and `PUT /zones/{zone_id}/origin_tls_client_auth/settings`.\n"},
	// Both in one, since each trial compiles for long.
	{changes: "new-status new-code", verdict: Additive, version: "minor", done: 7,
		reasons: []string{
			`adopted: response: a set has one more value, at response 200 .result.status: "expired"`, "the Go API: originpull.StatusExpired: added",
			"adopted: response: a set has one more value, at response 200 .errors[].code", "the Go API: originpull.Code1440: added",
		},
		changelog: `### Added

- ` + "`originpull.Code1440` (`1440`)" + `.
- ` + "`originpull.StatusExpired` (`\"expired\"`)" + `.
`,
		files: strings.Fields("CHANGELOG.md gen/api/api.gen.go gen/openapi.yaml originpull/values.gen.go spec/openapi.yaml spec/upstream.lock")},
	{changes: "new-sibling", follow: []string{"all"}, verdict: Breaking, version: "minor", done: 5, // the simulator has to learn it
		reasons:   []string{"adopted: there is an operation that was not there", "service does not implement server.StrictServerInterface (missing method RotateCertificate)"},
		changelog: "### Added\n\n- There is an operation that was not there: `POST /zones/{zone_id}/origin_tls_client_auth/{certificate_id}/rotate`.\n- " + unlisted + "\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "gen/server/server.gen.go", "spec/openapi.yaml", "spec/upstream.lock"}},
	{changes: "removed-credentials", follow: []string{"all"}, verdict: Breaking, version: "major", done: 7,
		reasons:   []string{"adopted: these credentials no longer authorise"},
		fails:     []string{"TestSimulator", "TestSimulator/email_and_key", "TestSimulator/email_and_an_unknown_key"},
		changelog: "### Breaking\n\n- These credentials no longer authorise: `header x-auth-email + header x-auth-key`, in `security` of 6 operations.\n",
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

// TestVet puts into the generated code of a copy what generated code may not be,
// and requires that it is refused before it is compiled.
func TestVet(t *testing.T) {
	t.Parallel()
	c := copyOf(t, root)
	tests := map[string]struct{ file, old, new, want string }{
		"an import":           {"gen/api/api.gen.go", "import (\n", "import (\n\t\"os/exec\"\n", `import "os/exec" is not in the list`},
		"func init":           {"gen/api/api.gen.go", "// Defines values for ErrorCode.\n", "func init() {}\n\n// Defines values for ErrorCode.\n", "func init"},
		"a variable's call":   {"gen/server/server.gen.go", "// ServerInterface represents", "var x = fmt.Sprint()\n\n// ServerInterface represents", "calls a function"},
		"linkname":            {"gen/server/server.gen.go", "// ServerInterface represents", "//go:linkname now time.now\n\n// ServerInterface represents", "directive //go:linkname"},
		"an import of values": {"originpull/values.gen.go", "import \"github.com", "import _ \"unsafe\"\n\nimport \"github.com", `import "unsafe" is not in the list`},
		"a file of its own":   {"gen/api/more.go", "", "package api\n", "more.go"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := string(c.Before[test.file])
			if !strings.Contains(text, test.old) {
				t.Fatalf("%s does not hold %q any more: mend the test", test.file, test.old)
			}
			if err := c.Write(test.file, []byte(strings.Replace(text, test.old, test.new, 1))); err != nil {
				t.Fatal(err)
			}
			attempt := &trial{Copy: c}
			var refused *refusal
			if err := attempt.vet(t.Context()); !errors.As(err, &refused) {
				t.Fatalf("code that holds it would be compiled: %v", err)
			}
			mention(t, "reasons", refused.reasons, test.want)
			if err := c.Reset(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestVetRefusesHarmOnly lets code pass that only reads badly: it is compiled, and the
// other tests in gen say what to mend.
func TestVetRefusesHarmOnly(t *testing.T) {
	t.Parallel()
	c := copyOf(t, root)
	const file, before = "gen/api/api.gen.go", "// Defines values for ErrorCode.\n"
	text := strings.Replace(string(c.Before[file]), before, "type Anything struct {\n\tURL interface{}\n}\n\n"+before, 1)
	if err := c.Write(file, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := (&trial{Copy: c}).vet(t.Context()); err != nil {
		t.Errorf("it is not compiled: %v", err)
	}
	var failed *failure
	if err := c.command(t.Context(), ".", "test", "-vet=off", "./gen"); !errors.As(err, &failed) {
		t.Fatalf("error %v, want a failure", err)
	}
	mention(t, "failures", []string{failed.text}, "TestGeneratedCodeIsPlain", "interface{}")
}

// TestGenerate lets commands of go generate fail, and write where they have nothing to
// write. Only that is refused.
func TestGenerate(t *testing.T) {
	t.Parallel()
	const more = "\n//go:generate cp LICENSE originpull/more.gen.go\n//go:generate cp LICENSE README.md\n"
	tests := map[string]struct {
		commands string
		refused  []string
		fails    string
	}{
		"it writes elsewhere":                 {more, []string{"README.md: generating", "originpull/more.gen.go: generating"}, ""},
		"it fails":                            {"\n//go:generate cp LICENSE gen/api/api.gen.go\n//go:generate cat no-such-file\n", nil, "no-such-file"},
		"it fails when it has done so":        {more + "//go:generate cat no-such-file\n", []string{"README.md: generating", "originpull/more.gen.go: generating"}, ""},
		"it writes what it is there to write": {"\n//go:generate cp LICENSE gen/api/api.gen.go\n", nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := copyOf(t, root)
			set(t, c.Dir, "generate.go", "package originpullgo\n"+test.commands)
			r := &Result{}
			err := (&trial{Copy: c, result: r}).generate(t.Context())
			var refused *refusal
			if errors.As(err, &refused) {
				mention(t, "reasons", refused.reasons, test.refused...)
			} else {
				refused = &refusal{}
			}
			if len(refused.reasons) != len(test.refused) {
				t.Errorf("refuses %q, want %q", refused.reasons, test.refused)
			}
			var failed *failure
			if errors.As(err, &failed) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("error %v, want a failure that says %q", err, test.fails)
			}
			if test.fails == "" {
				return
			}
			if got := get(c.Dir, "gen/api/api.gen.go"); got != string(c.Before["gen/api/api.gen.go"]) {
				t.Errorf("what nobody has looked at stays, and would be written into the tree: %.40q", got)
			}
			if !r.unlisted {
				t.Error("the changelog would not say that the Go API was not compared")
			}
		})
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
