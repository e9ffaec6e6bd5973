package module_test

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

// insertion is what a step of CONTRIBUTING.md writes into a file, before a line that
// stands there.
type insertion struct{ file, before, text string }

// byHand adds an operation: a second way to get the enablement. Its entry in the
// document is made of that of GetSettings.
var byHand = []insertion{
	{"originpull/settings.go", "// Enable makes Cloudflare present", `// Summary returns what Get returns.
func (s SettingsClient) Summary(ctx context.Context, options ...CallOption) (Settings, error) {
	envelope, err := api.GetSummary(ctx, s.client.call(options, requireEnabled), s.zone)
	if err != nil {
		return Settings{}, err
	}
	return envelope.Result, nil
}

`},
	{"originpull/operations_test.go", "\t}\n}\n\n// shown returns", `		{
			id: "GetSummary", method: "GET", url: collectionURL + "/summary", permission: read,
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return z.Settings.Summary(ctx) },
			responses: map[string]any{"Enabled": originpull.Settings{Enabled: true}, "Disabled": originpull.Settings{Enabled: false}},
		},
`},
	{"originpull/originpulltest/service.go", "func (sv service) SetSettings", `func (sv service) GetSummary(_ context.Context, request server.GetSummaryRequestObject) (server.GetSummaryResponseObject, error) {
	s := sv.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	enabled := api.Settings{Enabled: s.read(request.ZoneID).enabled}
	return server.GetSummary200JSONResponse{Success: true, Errors: none, Messages: none, Result: enabled}, nil
}

`},
	{"contract_test/scene.go", "\t}\n}\n\n// do sends a request", `		{"GetSummary", true, func(ctx context.Context, s *scene, who caller) error {
			_, err := s.summary(ctx, who)
			return err
		}},
`},
	{"contract_test/scene.go", "func (s *scene) set(", `func (s *scene) summary(ctx context.Context, who caller) (settings originpull.Settings, err error) {
	err = s.call(who, "GetSummary", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		settings, err = z.Settings.Summary(ctx, originpull.WithoutRetry())
		return settings, err
	})
	return settings, err
}

`},
	{"contract_test/cases_behaviour.go", "\t}\n}\n\nfunc enablement(", `		{
			Name: "summary of a new zone", Cell: Cell{"GetSummary", 200}, Example: "disabled", Shape: true, Needs: []Capability{OwnZone, Settings},
			Claim: "The summary is the enablement.", Source: reference,
			then: then("get", func(ctx context.Context, s *scene) error { _, err := s.summary(ctx, s.me()); return err }),
		},
		{
			Name: "summary of an enabled zone", Cell: Cell{"GetSummary", 200}, Example: "enabled",
			Claim: "The summary is the enablement.", Source: reference,
			then: then("get", func(ctx context.Context, s *scene) error { _, err := s.summary(ctx, s.me()); return err }),
		},
`},
	{"CHANGELOG.md", "- The curated OpenAPI document", "- `SettingsClient.Summary`.\n"},
}

// TestAddAnOperation follows "Add an operation" of CONTRIBUTING.md in a copy: what
// stands there is all that is needed, and the tests ask for what is left out.
func TestAddAnOperation(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK again")
	}
	t.Parallel()
	c, err := modcopy.New(t.Context(), ".", "operation")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Remove() })
	run := func(args ...string) (string, error) {
		output, err := c.Command(t.Context(), ".", "go", args...).CombinedOutput()
		return string(output), err
	}
	// The tests of the SDK and of the contract that an operation concerns.
	concerned := func() (string, error) {
		return run("test", "-vet=off", "-run=^(TestOperations|TestEveryOperationIsTested|TestEveryExampleHasItsCase|TestCasesMeetAllThatIsAttainable|TestExamples|TestSimulator)$", "./originpull", "./contract_test")
	}

	const document = "spec/openapi.yaml"
	write(t, c, document, withSummary(t, string(c.Before[document])))
	if output, err := run("generate", "./..."); err != nil {
		t.Fatalf("with the entry in the document go generate fails: %v\n%s", err, output)
	}
	generated, err := c.Changed()
	if err != nil {
		t.Fatal(err)
	}
	output, err := concerned()
	for _, want := range []string{"no test calls GetSummary", "no case is about GetSummary"} {
		if err == nil || !strings.Contains(output, want) {
			t.Errorf("with the generated code alone no test says %q: %v\n%s", want, err, output)
		}
	}

	for _, step := range byHand {
		data, err := os.ReadFile(c.Dir + "/" + step.file)
		if err != nil || !bytes.Contains(data, []byte(step.before)) {
			t.Fatalf("%s has no line %q any more: fix the test: %v", step.file, step.before, err)
		}
		write(t, c, step.file, strings.Replace(string(data), step.before, step.text+step.before, 1))
	}
	if output, err := concerned(); err != nil {
		t.Errorf("after all that CONTRIBUTING.md lists, the tests fail: %v\n%s", err, output)
	}
	if output, err := run("test", "-vet=off", "./spec", "./gen"); err != nil {
		t.Errorf("after all that CONTRIBUTING.md lists, the rules of the document or of generated code are broken: %v\n%s", err, output)
	}

	changed, err := c.Changed()
	if err != nil {
		t.Fatal(err)
	}
	for name := range generated {
		if name != document {
			delete(changed, name)
		}
	}
	for name := range generated {
		if name != document && !strings.HasPrefix(name, "gen/") {
			t.Errorf("a new operation changes %s: CONTRIBUTING.md says that only gen/ is generated again", name)
		}
	}
	if have, want := checklist(t), slices.Sorted(maps.Keys(changed)); !slices.Equal(have, want) {
		t.Errorf("CONTRIBUTING.md lists %q, and an operation changes %q", have, want)
	}
}

// checklist returns the files that the steps of "Add an operation" begin with.
func checklist(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "\n## Add an operation\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var files []string
	for _, found := range regexp.MustCompile("(?m)^\\d+\\. `([^`]+)`").FindAllStringSubmatch(section, -1) {
		files = append(files, found[1])
	}
	slices.Sort(files)
	return files
}

// withSummary returns the document with the operation GetSummary, like GetSettings.
func withSummary(t *testing.T, document string) string {
	t.Helper()
	const path = "  /zones/{zone_id}/origin_tls_client_auth/settings:\n"
	before, entry, ok := strings.Cut(document, path)
	get, rest, put := strings.Cut(entry, "    put:\n")
	if !ok || !put {
		t.Fatal("the document has no settings with get and put any more: fix the test")
	}
	summary := strings.ReplaceAll(get, "GetSettings", "GetSummary")
	return before + path + get + "    put:\n" + strings.Replace(rest, "\n  /", "\n"+strings.Replace(path, "settings", "summary", 1)+summary+"  /", 1)
}

func write(t *testing.T, c *modcopy.Copy, name, text string) {
	t.Helper()
	if err := os.WriteFile(c.Dir+"/"+name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
