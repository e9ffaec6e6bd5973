package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

func TestCheckInStep(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.run(0, "check", "theirs.yaml")
	l.run(0, "check", "-")
	l.run(0, "check", "theirs.yaml", "--fail-on", "any")
}

func TestStatusFollowsFailOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		old, new                         string
		breaking, additive, any, nothing int
	}{
		{"enum: [shelved, lent, lost]", "enum: [shelved, lent]", 1, 1, 1, 0},
		{"isbn: {type: string, minLength: 10, maxLength: 13}", "isbn: {type: string, minLength: 10, maxLength: 14}", 0, 1, 1, 0},
		{"operationId: listBooks", "operationId: books", 0, 0, 1, 0},
		{"summary", "summary", 0, 0, 0, 0},
	} {
		l := newLibrary(t)
		if c.old != "summary" {
			l.edit(c.old, c.new)
		}
		l.run(c.additive, "check", "theirs.yaml")
		l.run(c.breaking, "check", "theirs.yaml", "--fail-on", "breaking")
		l.run(c.additive, "check", "--fail-on=additive", "theirs.yaml")
		l.run(c.any, "check", "theirs.yaml", "--fail-on", "any")
		l.run(c.nothing, "check", "theirs.yaml", "--fail-on", "none")
		l.run(1, "diff", "ours.yaml", "theirs.yaml", "--prefix", "/books") // it knows no corrections
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if stdout, _ := newLibrary(t).run(0, "--version"); !strings.HasPrefix(stdout, "drift version "+originpull.Version) {
		t.Errorf("drift --version prints %q, want version %s", stdout, originpull.Version)
	}
}

// TestWrongUse: whoever uses a command in another way than its help says is shown how
// to get that help.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, args := range [][]string{
		{"chek"}, {"check"}, {"check", "a", "b"}, {"diff", "theirs.yaml"}, {"check", "theirs.yaml", "--fail-on", "all"},
		{"check", "theirs.yaml", "-o", "xml"}, {"check", "theirs.yaml", "--nope"}, {"accept", "theirs.yaml"}, {"propose", "theirs.yaml", "-o", "github"},
	} {
		help := "See 'drift " + args[0] + " --help'.\n"
		if args[0] == "chek" {
			help = "See 'drift --help'.\n"
		}
		if _, stderr := l.run(2, args...); !strings.HasPrefix(stderr, "drift: ") || !strings.HasSuffix(stderr, help) {
			t.Errorf("drift %v says %q, want what is wrong and %q", args, stderr, help)
		}
	}
}

// TestMissingArguments: each command says which argument is missing, by its name in the
// help.
func TestMissingArguments(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, command := range []string{"check", "fingerprint", "slice", "accept", "propose", "diff"} {
		want := "drift: DOC is missing: want "
		if command == "diff" {
			want = "drift: OLD is missing: want "
		}
		if _, stderr := l.run(2, command); !strings.HasPrefix(stderr, want) {
			t.Errorf("drift %s says %q, want %q", command, stderr, want)
		}
	}
}

// TestCannotBeRead: what is missing or cannot be judged is an error, not wrong use.
func TestCannotBeRead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, args := range [][]string{
		{"check", "missing.yaml"}, {"check", "http://example.com/x.json"},
		{"fingerprint", "theirs.yaml", "--config", "missing.yaml"}, {"slice", "theirs.yaml", "--prefix", "/none"},
	} {
		if _, stderr := l.run(2, args...); !strings.HasPrefix(stderr, "drift: ") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("drift %v says %q, want one line", args, stderr)
		}
	}
}

// TestDiffReads: both documents of a diff are read, one of them or both from standard
// input, and if neither can be read, the error is that of the first.
func TestDiffReads(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, test := range []struct {
		old, new string
		want     int
		says     string
	}{
		{"-", "theirs.yaml", 0, ""},
		{"theirs.yaml", "-", 0, ""},
		{"-", "-", 2, "drift: read -: the text is empty"},
		{"theirs.yaml", "missing.yaml", 2, "drift: read missing.yaml: "},
		{"gone.yaml", "missing.yaml", 2, "drift: read gone.yaml: "},
	} {
		if _, stderr := l.run(test.want, "diff", test.old, test.new); !strings.HasPrefix(stderr, test.says) {
			t.Errorf("diff %s %s says %q, want %q", test.old, test.new, stderr, test.says)
		}
	}
}

// TestHelp: without arguments the program shows what it can do.
func TestHelp(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	if stdout, stderr := l.run(0); !strings.Contains(stdout, "Available Commands:") || stderr != "" {
		t.Errorf("drift prints %q and %q", stdout, stderr)
	}
}

// A version is looked at once: accepted, it stays quiet, and is quiet again
// when upstream goes back to it; until the acceptance expires.
func TestAcceptFlipAndExpire(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	first := l.upstream
	l.edit("enum: [shelved, lent, lost]", "enum: [shelved, lent, lost, repaired]")
	l.edit("operationId: listBooks", "operationId: books")
	second := l.upstream
	findings := l.wantKinds(1, "response-enum-value-added", "request-enum-value-added", "operation-id-changed")
	if findings[0].Class != drift.Breaking || findings[0].Reason == "" {
		t.Errorf("the configuration says breaking, found %s because %q", findings[0].Class, findings[0].Reason)
	}

	l.run(2, "accept", "theirs.yaml", "--reason", "x", "--id", "no-such-finding")
	l.run(0, "accept", "theirs.yaml", "--id", findings[0].ID, "--reason", "our screens show it")
	l.wantKinds(1, "request-enum-value-added", "operation-id-changed")
	l.run(0, "accept", "theirs.yaml", "--reason", "books are repaired now")
	l.run(0, "check", "theirs.yaml", "--fail-on", "any")

	l.upstream = first
	l.run(0, "check", "theirs.yaml", "--fail-on", "any")
	l.upstream = second
	l.run(0, "check", "theirs.yaml", "--fail-on", "any")
	l.edit("repaired", "sold")
	l.wantKinds(1, "response-enum-value-added", "request-enum-value-added")

	l.upstream = second
	file := filepath.Join(l.dir, "upstream.lock")
	lock, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"reason: our screens show it", "reason: books are repaired now", "source: theirs.yaml", `"repaired"`, "versions:"} {
		if !strings.Contains(string(lock), want) {
			t.Errorf("the lock does not say %q:\n%s", want, lock)
		}
	}
	expired := strings.Replace(string(lock), "source:", "until: \"2020-01-01\"\n    source:", 4)
	if err := os.WriteFile(file, []byte(expired), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := l.run(1, "check", "theirs.yaml"); !strings.Contains(out, "accepted until 2020-01-01") {
		t.Errorf("does not say that an acceptance expired:\n%s", out)
	}
	if err := os.WriteFile(file, []byte("<<<<<<< ours\n"+string(lock)), 0o600); err != nil {
		t.Fatal(err)
	}
	l.run(2, "check", "theirs.yaml")
}

// TestCorrectionOfAKind corrects values to ones of another kind, which JSON reads as such:
// nothing is left to report, and the correction is obsolete only once upstream agrees.
func TestCorrectionOfAKind(t *testing.T) {
	t.Parallel()
	const ours = "{name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}"
	for theirs, update := range map[string]string{
		"minimum: 1, default: '1'":  "{default: 1}",
		"minimum: 1, default: null": "{default: 1}",
		"minimum: 1.5, default: 1":  "{minimum: 1}",
	} {
		l := newLibrary(t)
		l.correct("$.paths['/books'].get.parameters[?match(@.name, 'page')].schema", "update: "+update)
		l.wantKinds(1, "correction-obsolete")
		l.edit(ours, strings.Replace(ours, "minimum: 1, default: 1", theirs, 1))
		l.wantKinds(0)
	}
}

// TestCorrectionOfWhatIsMissing removes by a property that nothing has.
func TestCorrectionOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.correct("$.components.schemas[?match(@.title, 'Foo')]", "remove: true")
	l.wantKinds(1, "correction-unmatched")

	l = newLibrary(t)
	l.correct("$.components.schemas[?match(@.title, '[')]", "remove: true")
	if _, stderr := l.run(2, "check", "theirs.yaml"); !strings.Contains(stderr, "overlays/020-more.yaml: action 1 (target $.components.schemas[?match(@.title, '[')])") {
		t.Errorf("the error does not say which action is at fault: %s", stderr)
	}
}

func TestCorrectionsAndKnown(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.edit("title: {type: string}\n                cover", "title: {type: string, maxLength: 200}\n                cover")
	l.wantKinds(1, "correction-obsolete")

	l = newLibrary(t)
	l.edit("title: {type: string}\n                cover", "name: {type: string}\n                cover")
	l.wantKinds(1, "request-property-removed", "correction-unmatched", "request-property-added")

	l = newLibrary(t)
	l.edit("    delete: {operationId: dropBook, responses: {'204': {description: Gone.}}}\n", "")
	l.wantKinds(0, "known-operation-gone")

	l = newLibrary(t)
	l.edit("  /members/", "  /books/{id}/loans:\n    get: {responses: {}}\n  /members/")
	l.wantKinds(1, "operation-added")
}

// The same findings, for people, programs, reviews and CI.
func TestOutputs(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.edit("isbn: {type: string, minLength: 10, maxLength: 13}", "isbn: {type: integer}")
	for format, wants := range map[string][]string{
		"text":     {"BREAKING: programs", "response: type changed", "at       response 200 (book).isbn", "before   string", "after    integer", "affected ours.yaml:", "next: "},
		"markdown": {"## Drift: 2 findings", "| breaking | response type changed |"},
		"github":   {"::error file=ours.yaml,line=", "title=drift%3A breaking%2C response-type-changed::", "::notice title=drift::2 findings"},
		"json":     {`"kind": "response-type-changed"`, `"class": "breaking"`, `"before": "string, maxLength 13"`},
	} {
		out, _ := l.run(1, "check", "theirs.yaml", "-o", format)
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("-o %s does not say %q:\n%s", format, want, out)
			}
		}
	}
}

// What a document says must not act on a terminal, or on a CI run.
func TestOutputsAreSafe(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.edit("isbn: {type: string, minLength: 10, maxLength: 13}", `isbn: {type: string, pattern: "\e[2J\n::error::|<b>`+"`"+`"}`)
	for _, format := range []string{"text", "markdown", "github"} {
		out, _ := l.run(1, "check", "theirs.yaml", "-o", format)
		if strings.Contains(out, "\x1b") || strings.Contains(out, "\n::error::|") {
			t.Errorf("-o %s passes on what acts:\n%q", format, out)
		}
	}
}

func TestFingerprintAndSlice(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	fromFile, _ := l.run(0, "fingerprint", "theirs.yaml")
	fromInput, _ := l.run(0, "fingerprint", "-")
	if fromFile != fromInput || len(fromFile) != 33 {
		t.Errorf("fingerprints %q and %q", fromFile, fromInput)
	}
	slice, _ := l.run(0, "slice", "theirs.yaml")
	if err := os.WriteFile(filepath.Join(l.dir, "slice.yaml"), []byte(slice), 0o600); err != nil {
		t.Fatal(err)
	}
	l.run(0, "diff", "theirs.yaml", "slice.yaml", "--fail-on", "any")
	if fromSlice, _ := l.run(0, "fingerprint", "slice.yaml"); fromSlice != fromFile {
		t.Errorf("the slice has the fingerprint %q, the document %q", fromSlice, fromFile)
	}
}

// The upstream document, as published, is accepted as it is, until a newer one has
// been followed: that one is not here, and this one may differ then.
func TestUpstreamIsAccepted(t *testing.T) {
	t.Parallel()
	doc, err := filepath.Abs("../../../shared/upstream/2024-07-31.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(doc); err != nil {
		t.Skipf("%s is not here", doc)
	}
	cmd := exec.Command(program(t), "check", doc, "--fail-on", "any", "-o", "json")
	cmd.Dir = "../.."
	out, failed := cmd.Output()
	var r drift.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v, %v: %s", failed, err, out)
	}
	if newer := newerThan(t, r.Fingerprint); newer != "" {
		t.Skipf("spec/upstream.lock has since accepted version %s, which is not here", newer)
	}
	if failed != nil {
		t.Errorf("%v:\n%s", failed, out)
	}
}

// newerThan is a version that our lock has accepted after another one, for all that
// their days say, or empty.
func newerThan(t *testing.T, fingerprint string) string {
	t.Helper()
	c, err := drift.LoadConfig("../../drift.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	held, ok := lock.Versions[fingerprint]
	for version, a := range lock.Versions {
		if ok && version != fingerprint && a.Accepted >= held.Accepted {
			return version
		}
	}
	return ""
}

// A configuration that says what cannot be is an error, and says where.
func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	for config, says := range map[string]string{
		"prefix: books\nspec: ours.yaml\n":                                                               "prefix",
		"prefix: /books\nspecs: ours.yaml\n":                                                             "specs",
		"prefix: /books\n":                                                                               "spec",
		"prefix: /books\nspec: ours.yaml\nnext: make sync\n":                                             "next: want one line with the word DOC",
		"prefix: /books\nspec: ours.yaml\nignored: [x]\n":                                                "ignored",
		"prefix: /books\nspec: ours.yaml\nignored: [GET /books]\n":                                       "remove it from the list",
		"prefix: /books\nspec: ours.yaml\nclasses: [{kind: no-such, class: additive, reason: r}]\n":      "no-such",
		"prefix: /books\nspec: ours.yaml\nclasses: [{kind: operation-removed, class: bad, reason: r}]\n": "bad",
		"prefix: /books\nspec: ours.yaml\nclasses: [{kind: operation-removed, class: additive}]\n":       "reason",
		"prefix: /books\nspec: ours.yaml\npropose: {parameters: [body]}\n":                               `propose: parameters: "body" is not a place of a parameter, want path, query, header or cookie`,
		"prefix: /books\nspec: ours.yaml\npropose: {formats: [a b]}\n":                                   `propose: formats: "a b" is not a format`,
		"prefix: /books\nspec: ours.yaml\ncorrections: nowhere\n":                                        "nowhere",
		"prefix: /books\nspec: ours.yaml\naffected: {code: [nowhere]}\n":                                 "nowhere",
		"prefix: /books\nspec: missing.yaml\n":                                                           "missing.yaml",
	} {
		l := newLibrary(t)
		if err := os.WriteFile(filepath.Join(l.dir, "drift.yaml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, stderr := l.run(2, "check", "theirs.yaml"); !strings.Contains(stderr, says) {
			t.Errorf("with %q it does not speak of %q: %s", config, says, stderr)
		}
	}
}

// TestNothingFromOutsideActs gives names that hold line breaks and escape sequences, in
// documents that can be read and in such that cannot.
func TestNothingFromOutsideActs(t *testing.T) {
	const hostile = "/a\n::error::pwn\x1b[31m\u202e"
	write := func(paths any) string {
		text, err := json.Marshal(map[string]any{"openapi": "3.0.3", "info": map[string]any{"title": "t", "version": "1"}, "paths": paths})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "openapi.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	operation := func(properties map[string]any) map[string]any {
		return map[string]any{"/a": map[string]any{"get": map[string]any{"operationId": hostile, "responses": map[string]any{"200": map[string]any{
			"description": hostile, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"type": "object", "properties": properties}}},
		}}}}}
	}
	one, other := write(operation(map[string]any{})), write(operation(map[string]any{hostile: map[string]any{"type": "string", "enum": []any{hostile}}}))
	unreadable := write(map[string]any{hostile: map[string]any{"get": map[string]any{"responses": 5}}})
	commands := [][]string{{"diff", unreadable, unreadable}, {"slice", unreadable}, {"fingerprint", unreadable}, {"slice", other}}
	for _, format := range []string{"text", "json", "markdown", "github"} {
		commands = append(commands, []string{"diff", one, other, "-o", format})
	}
	for _, args := range commands {
		var stdout, stderr strings.Builder
		cli.Run(t.Context(), newCommand(), append(args, "--prefix", "/"), &stdout, &stderr)
		printed := stdout.String() + stderr.String()
		if strings.Contains(printed, "\n::error::pwn") || strings.ContainsAny(printed, "\x1b\u202e") {
			t.Errorf("drift %s prints what acts: %.300q", args[0], printed)
		}
		if !strings.Contains(printed, `error::pwn`) {
			t.Errorf("drift %s does not show the hostile name at all: %.300q", args[0], printed)
		}
	}
}
