package propose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

const named = "tls-certificates-and-hostnames_"

// upstreamChanges are changes of the published document, each of a class of
// its own, and what becomes of them with our configuration.
var upstreamChanges = map[string]struct {
	change func(paths, schemas drifttest.Tree)
	follow string
	open   string // what is open without it
	says   string // in the proposal
}{
	"a property": {func(_, s drifttest.Tree) {
		drifttest.Dig(s, named+"certificateObject", "properties")["owner"] = drifttest.Tree{"type": "string", "description": "Theirs."}
	}, "", "", "is undocumented upstream (string)."},
	"a property of every response": {func(_, s drifttest.Tree) {
		drifttest.Dig(s, named+"messages", "items", "properties")["hint"] = drifttest.Tree{"type": "string", "maxLength": 100}
	}, "", "", "$.components.schemas.Message.properties"},
	"a status of a certificate": {func(_, s drifttest.Tree) {
		status := drifttest.Dig(s, named+"zone-authenticated-origin-pull_components-schemas-status")
		status["enum"] = append(status["enum"].([]any), "suspended")
	}, "", "", "- `suspended`: not described yet"},
	"error codes": {func(_, s drifttest.Tree) {
		drifttest.Dig(s, named+"messages", "items", "properties", "code")["enum"] = []any{1406, 1407, 1408}
	}, "all", "response-enum-value-removed", "- 1407: not described yet"},
	"an operation": {func(p, _ drifttest.Tree) {
		op := drifttest.Clone(drifttest.Dig(p, drifttest.SettingsPath, "get"))
		op["operationId"] = "zone-level-authenticated-origin-pulls-patch-enablement"
		drifttest.Dig(p, drifttest.SettingsPath)["patch"] = op
	}, "", "", "IGNORED"},
	"a path parameter's name": {func(p, _ drifttest.Tree) {
		item := drifttest.Dig(p, drifttest.ZonePath+"/{certificate_id}")
		delete(p, drifttest.ZonePath+"/{certificate_id}")
		for _, method := range item {
			for _, parameter := range method.(drifttest.Tree)["parameters"].([]any) {
				if parameter.(drifttest.Tree)["name"] == "certificate_id" {
					parameter.(drifttest.Tree)["name"] = "cert"
				}
			}
		}
		p[drifttest.ZonePath+"/{cert}"] = item
	}, "", "", "ACCEPTED"},
	"what a correction says": {func(_, s drifttest.Tree) {
		drifttest.Dig(s, named+"certificateObject", "properties")["serial_number"] = drifttest.Tree{"type": "string"}
	}, "", "", "overlays/upstream/030-certificates.yaml action 3"},
	"a response that can be null": {func(_, s drifttest.Tree) {
		result := drifttest.Dig(s, named+"api-response-single")["allOf"].([]any)[1].(drifttest.Tree)
		drifttest.Dig(result, "properties")["result"] = drifttest.Tree{"type": "object", "nullable": true}
		enabled := drifttest.Dig(s, named+"enabled_response")["allOf"].([]any)[1].(drifttest.Tree)
		drifttest.Dig(enabled, "properties", "result")["nullable"], drifttest.Dig(enabled, "properties", "result")["type"] = true, "object"
	}, "all", "response-nullable-added", "nullable: true"},
}

// ourOwn copies what the configuration of this project is about into a folder, as it
// was in step with the published document: ours may have left that behind since.
func ourOwn(t *testing.T) *drift.Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../internal/cmd/fakeupstream/testdata/ours")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "drift.yaml")
	config, _, _ := strings.Cut(drifttest.ReadFile(t, file), "affected:")
	drifttest.WriteFile(t, file, config)
	return mustLoad(t, file)
}

func mustLoad(t *testing.T, file string) *drift.Config {
	t.Helper()
	c, err := drift.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each change of the published document goes the whole way: proposed, decided
// where it has to be, and written, after which nothing is left to say.
func TestProposeUpstreamChanges(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	published := drifttest.ReadTree(t, upstreamFile(t, "2024-07-31.slice.json"))
	for name, u := range upstreamChanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(published)
			u.change(drifttest.Dig(theirs, "paths"), drifttest.Dig(theirs, "components", "schemas"))
			doc, c := parseTree(t, theirs), ourOwn(t)
			p := mustPropose(t, c, doc)
			if got := kindsOf(p.Undecided); !strings.Contains(got, u.open) || u.open == "" && u.follow == "" && got != "" {
				t.Errorf("open without a decision: %q, want %q", got, u.open)
			}
			if u.follow != "" {
				p = mustPropose(t, c, doc, u.follow)
			}
			for _, o := range p.Undecided {
				t.Errorf("open: %s: %s", o.Finding.ID, o.Question)
			}
			var text strings.Builder
			if err := p.Write(&text, "text"); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), u.says) {
				t.Errorf("the proposal does not say %q:\n%s", u.says, text.String())
			}
			if err := p.Apply(c, drifttest.SomeDay, "a test"); err != nil {
				t.Fatal(err)
			}
			if again := mustPropose(t, mustLoad(t, c.File()), doc); again.summary() != "in step: nothing to propose" || again.Report.Version == nil {
				t.Errorf("after it: %s, version accepted %v", again.text(), again.Report.Version)
			}
		})
	}
}

// What was accepted of several operations is not decided again, nor adopted,
// because one of them is gone or has a status of its own.
func TestProposeKeepsAcceptances(t *testing.T) {
	t.Parallel()
	published := drifttest.ReadTree(t, upstreamFile(t, "2024-07-31.slice.json"))
	for name, test := range map[string]struct {
		change func(paths drifttest.Tree)
		open   string
	}{
		"an operation less": {func(paths drifttest.Tree) {
			delete(drifttest.Dig(paths, drifttest.ZonePath+"/{certificate_id}"), "delete")
		}, "operation-removed"},
		"a status of its own": {func(paths drifttest.Tree) {
			responses := drifttest.Dig(paths, drifttest.SettingsPath, "get", "responses")
			responses["429"] = drifttest.Clone(drifttest.Dig(responses, "4XX"))
		}, "response-enum-contradicted response-header-removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(published)
			test.change(drifttest.Dig(theirs, "paths"))
			p := mustPropose(t, ourOwn(t), parseTree(t, theirs))
			if got := kindsOf(p.Undecided); got != test.open || len(p.Report.Accepted) < 40 {
				t.Errorf("open is %q, want %q: %s", got, test.open, p.text())
			}
			for _, a := range p.Adopted {
				if len(a.Finding.Where) > 1 || !strings.HasPrefix(a.Finding.Where[0].Place, "response 429") {
					t.Errorf("adopted, though not asked for: %s", a.Finding.Change())
				}
			}
		})
	}
}

func kindsOf(open []Undecided) string {
	var kinds []string
	for _, o := range open {
		kinds = append(kinds, o.Finding.Kind)
	}
	return strings.Join(kinds, " ")
}
