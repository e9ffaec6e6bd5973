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

// byHand adds an operation with a body, a result and an envelope of its own: a check
// whether the origin is shown a certificate. Its entry in the document is made of that of
// SetSettings.
var byHand = []insertion{
	{"spec/examples_test.go", "\t\"SettingsEnvelope\":", "\t\"OriginCheck\": func() any { return new(api.OriginCheck) },\n\t\"OriginCheckEnvelope\": func() any { return new(api.OriginCheckEnvelope) },\n"},
	{"originpull/types.go", "\n\t// Message is one error", `
	// OriginCheckResult is the result of a check:
	//
	//	Presented bool // whether a certificate was presented
	OriginCheckResult = api.OriginCheckResult
`},
	{"originpull/settings.go", "// Enable makes Cloudflare present", `// Check reports whether an origin is shown a certificate.
func (s SettingsClient) Check(ctx context.Context, hostname string, options ...CallOption) (OriginCheckResult, error) {
	envelope, err := api.CheckOrigin(ctx, s.client.call(options, requirePresented), s.zone, api.OriginCheck{Hostname: hostname})
	if err != nil {
		return OriginCheckResult{}, err
	}
	return envelope.Result, nil
}

// requirePresented is the [check] of a response that has to say what was presented.
func requirePresented(_ any, body []byte, _ []string) string {
	var envelope struct {
		Result struct {
			Presented *bool ` + "`json:\"presented\"`" + `
		} ` + "`json:\"result\"`" + `
	}
	if _, err := decode(body, &envelope); err != nil || envelope.Result.Presented == nil {
		return "it has no presented"
	}
	return ""
}

`},
	{"originpull/operations_test.go", "\t}\n}\n\n// shown returns", `		{
			id: "CheckOrigin", method: "POST", url: settingsURL + "/checks", permission: write, sends: map[string]any{"hostname": "origin.example"},
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return z.Settings.Check(ctx, "origin.example") },
			responses: map[string]any{"NotPresented": originpull.OriginCheckResult{Presented: false}},
			needs:     map[string]accepts{"/result": nothingElse, "/result/presented": nothingElse},
		},
`},
	{"originpull/originpulltest/service.go", "func (service) SetSettings", `func (service) CheckOrigin(ctx context.Context, request server.CheckOriginRequestObject) (server.CheckOriginResponseObject, error) {
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	result := api.OriginCheckResult{Presented: s.read(request.ZoneID).enabled}
	return server.CheckOrigin200JSONResponse{Success: true, Errors: none, Messages: none, Result: result}, nil
}

`},
	{"contract_test/scene.go", "\t}\n}\n\n// do sends a request", `		{"CheckOrigin", false, func(ctx context.Context, s *scene, who caller) error { return s.check(ctx, who) }},
`},
	{"contract_test/scene.go", "func (s *scene) set(", `func (s *scene) check(ctx context.Context, who caller) error {
	return s.call(who, "CheckOrigin", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		return z.Settings.Check(ctx, "origin.example", originpull.WithoutRetry())
	})
}

`},
	{"contract_test/form.go", "\t\"SetSettings\": ", "\t\"CheckOrigin\": {\"hostname\": \"\"},\n"},
	{"contract_test/replay.go", "\tcase \"\":", `	case "CheckOrigin":
		var body api.OriginCheck
		if err := json.Unmarshal(one.Request, &body); err != nil {
			return nil, err
		}
		return zone.Settings.Check(ctx, body.Hostname, once)
`},
	{"contract_test/replay.go", "\t\"github.com/originpull/originpull-go/originpull\"\n", "\t\"github.com/originpull/originpull-go/gen/api\"\n"},
	{"contract_test/cases_behaviour.go", "\t}\n}\n\nfunc enablement(", `		{
			Name: "check of an origin", Cell: Cell{"CheckOrigin", 200}, Example: "not_presented", Shape: true,
			Claim: "A zone that is not enabled presents nothing.", Source: reference,
			then: then("check", func(ctx context.Context, s *scene) error { return s.check(ctx, s.me()) }),
		},
`},
	{"CHANGELOG.md", "- The curated OpenAPI document", "- `SettingsClient.Check`.\n"},
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
	// The tests that ask for what is missing, and the others that an operation concerns.
	const asking = "TestExamplesDecode|TestEveryOperationIsTested|TestEveryExampleHasItsCase|TestReplayCallsEveryOperation"
	const others = "|TestOperations|TestOddField|TestLogOfBodies|TestCasesMeetAllThatIsAttainable|TestExamples|TestSimulator"
	test := func(names string, packages ...string) (string, error) {
		return run(append([]string{"test", "-vet=off", "-run=^(" + names + ")$", "./originpull", "./contract_test"}, packages...)...)
	}

	const document = "spec/openapi.yaml"
	write(t, c, document, withCheck(t, string(c.Before[document])))
	if output, err := run("generate", "./..."); err != nil {
		t.Fatalf("with the entry in the document go generate fails: %v\n%s", err, output)
	}
	generated, err := c.Changed()
	if err != nil {
		t.Fatal(err)
	}
	output, err := test(asking, "./spec")
	for _, want := range []string{"no test calls CheckOrigin", "no case is about CheckOrigin", "a recording of CheckOrigin", `schema "OriginCheck" is not in`} {
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
	if output, err := test(asking + others); err != nil {
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

// withCheck returns the document with the operation CheckOrigin, its schemas and examples.
func withCheck(t *testing.T, document string) string {
	t.Helper()
	between := func(begin, end string) string {
		_, rest, found := strings.Cut(document, begin)
		block, _, ends := strings.Cut(rest, end)
		if !found || !ends {
			t.Fatalf("the document has no %q before %q any more: fix the test", begin, end)
		}
		return begin + block
	}
	const next = "  /zones/{zone_id}/origin_tls_client_auth/{certificate_id}:\n"
	renamed := strings.NewReplacer("    put:", "    post:", "SetSettings", "CheckOrigin", "schemas/SettingsEnvelope", "schemas/OriginCheckEnvelope",
		"schemas/Settings", "schemas/OriginCheck", "{enabled: true}", "{hostname: origin.example}",
		"              disable:\n                value: {enabled: false}\n", "", "                enabled:\n                  $ref: '#/components/examples/Enabled'\n", "",
		"                disabled:", "                not_presented:", "examples/Disabled", "examples/NotPresented").Replace
	operation := "  /zones/{zone_id}/origin_tls_client_auth/settings/checks:\n    parameters:\n      - $ref: '#/components/parameters/ZoneID'\n" +
		renamed(between("    put:\n      operationId: SetSettings\n", next))
	envelope := strings.NewReplacer("    SettingsEnvelope:", "    OriginCheckEnvelope:", "schemas/Settings", "schemas/OriginCheckResult").Replace(
		between("    SettingsEnvelope:\n", "    FailureEnvelope:\n"))
	for _, part := range []struct{ before, text string }{
		{next, operation},
		{"    Upload:\n      summary:", `    NotPresented:
      summary: No certificate was presented
      x-status: 200
      value:
        success: true
        errors: []
        messages: []
        result: {presented: false}
`},
		{"    SettingsEnvelope:\n", envelope + `    OriginCheck:
      description: names the origin to check.
      type: object
      required: [hostname]
      x-source: API reference, Zone-Level Authenticated Origin Pulls
      properties:
        hostname:
          description: is the name of the origin.
          type: string
          minLength: 1
          maxLength: 255
          example: origin.example
          x-source: API reference, Zone-Level Authenticated Origin Pulls
    OriginCheckResult:
      description: is the result of a check.
      type: object
      required: [presented]
      x-source: API reference, Zone-Level Authenticated Origin Pulls
      properties:
        presented:
          description: reports whether a certificate was presented.
          type: boolean
          x-source: API reference, Zone-Level Authenticated Origin Pulls
`},
	} {
		document = strings.Replace(document, part.before, part.text+part.before, 1)
	}
	return document
}

func write(t *testing.T, c *modcopy.Copy, name, text string) {
	t.Helper()
	if err := os.WriteFile(c.Dir+"/"+name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
