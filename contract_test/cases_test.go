package contract

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/spec"
)

// TestEveryExampleHasItsCase: every status and example that the document has is
// what a case is about, and no case names one that it has not.
func TestEveryExampleHasItsCase(t *testing.T) {
	t.Parallel()
	doc, err := readDocument(spec.OpenAPI, originpull.DefaultBaseURL)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, c := range Cases() {
		if c.Example != "" {
			left[c.Operation+" "+c.Example] = true
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for key, response := range operation.Responses.Map() {
				if !slices.ContainsFunc(Cases(), func(c Case) bool { return c.Operation == operation.OperationID && covers(key, c.Status) }) {
					t.Errorf("no case is about %s %s", operation.OperationID, key)
				}
				for _, content := range response.Value.Content {
					for name := range content.Examples {
						if !slices.ContainsFunc(Cases(), func(c Case) bool { return c.Operation == operation.OperationID && c.Example == name }) {
							t.Errorf("no case is about the example %s of %s %s", name, operation.OperationID, key)
						}
						delete(left, operation.OperationID+" "+name)
					}
				}
			}
		}
	}
	for name := range left {
		t.Errorf("the document has no example %s", name)
	}
}

// covers reports whether a response of the document describes a status.
func covers(key string, status int) bool {
	text := strconv.Itoa(status)
	return key == text || key == text[:1]+"XX" && text != "429"
}

func TestCasesAreWellMade(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range Cases() {
		if names[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		names[c.Name] = true
		if !strings.HasSuffix(c.Claim, ".") || c.Source == "" || len(c.then) == 0 {
			t.Errorf("%s: want a claim that is a sentence, its source, and steps", c.Name)
		}
	}
}

// TestKnownFailures: what is known to fail does not fail the run, and what passes
// though it is on the list does.
func TestKnownFailures(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	good := target.Transport
	target.Only = func(c Case) bool { return c.Name == "enable" || c.Name == "disable" }
	target.KnownFailures = []string{"enable"}
	if r := Run(t.Context(), target); r.Err() == nil || !strings.Contains(r.Results[0].Reason, "take it off") {
		t.Errorf("a case that passes is left on the list: %v, %+v", r.Err(), r.Results[0])
	}
	target.Transport = fault{response: func(_ *http.Request, _ *http.Response, body string) string {
		return strings.ReplaceAll(body, `"enabled":true`, `"enabled":1`)
	}}.altering(good)
	r := Run(t.Context(), target)
	if r.Err() != nil || r.Count(KnownFailure) != 1 || r.Count(Passed) != 1 {
		t.Errorf("a known failure: %v, %+v", r.Err(), r.Results)
	}
}

// TestNoAnswer: without a response a case is inconclusive.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	target.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	target.Only = func(c Case) bool { return c.Name == "enable" }
	for _, known := range [][]string{nil, {"enable"}} {
		target.KnownFailures = known
		if r := Run(t.Context(), target); r.Err() == nil || r.Results[0].Outcome != Inconclusive {
			t.Errorf("known to fail %q: have %v, %+v", known, r.Err(), r.Results)
		}
	}
}

// TestTargetsThatCannotBe requires an error and no result for an invalid target.
func TestTargetsThatCannotBe(t *testing.T) {
	t.Parallel()
	good, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		spoil func(*Target)
		says  string
	}{
		"a capability of the simulator only": {func(t *Target) { t.Capabilities = []Capability{Stateful, OwnZone, "faults"} }, `"faults"`},
		"another one":                        {func(t *Target) { t.Capabilities = []Capability{Stateful, InvalidTokens, "tokens"} }, `"tokens"`},
		"a misspelt capability":              {func(t *Target) { t.Capabilities = []Capability{"memry"} }, `"memry"`},
		"an unknown case":                    {func(t *Target) { t.KnownFailures = []string{"enabel"} }, `"enabel"`},
		"a malformed base URL":               {func(t *Target) { t.BaseURL = "not a url" }, "not a url"},
		"a malformed zone":                   {func(t *Target) { t.ZoneID = "zone" }, "zone"},
		"no other zone":                      {func(t *Target) { t.Capabilities = append(slices.Clone(t.Capabilities), OtherZone) }, "zone"},
		"no token":                           {func(t *Target) { t.Token = "" }, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoilt := good
			test.spoil(&spoilt)
			if r := Run(t.Context(), spoilt); !strings.Contains(r.Error, test.says) || strings.Contains(r.Error, "\n") || len(r.Results) > 0 {
				t.Errorf("%d cases, error %q, want no case and an error with %q in one line", len(r.Results), r.Error, test.says)
			}
		})
	}
}

// TestNeverGreenForTheWrongReason: a run of nothing and a stopped run are no success.
func TestNeverGreenForTheWrongReason(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Target){
		"no case is run":               func(t *Target) { t.Only = func(Case) bool { return false } },
		"the provider was never asked": func(t *Target) { t.Only = func(c Case) bool { return c.Name == "a CA as key pair" } },
		"every response is the same": func(t *Target) {
			example := recorded(Recorded{Status: 404, Header: map[string]string{"Content-Type": "application/json"}, Response: []byte(`{"success":false,"errors":[{"code":1552,"message":"m"}],"messages":[]}`)})
			t.Transport, t.KnownFailures = example, nil
			for _, result := range Run(context.Background(), *t).Results {
				if result.Outcome == Failed {
					t.KnownFailures = append(t.KnownFailures, result.Case)
				}
			}
		},
		"all cases are skipped":       func(t *Target) { t.Only = func(c Case) bool { return c.Name == "lists lag" } },
		"the document cannot be read": func(t *Target) { t.document = []byte("openapi: 3.0.3") },
		"the base URL is not one":     func(t *Target) { t.BaseURL = "http://a b" },
		"the zone is not one":         func(t *Target) { t.ZoneID = "zone" },
	} {
		spoilt := target
		spoil(&spoilt)
		if r := Run(t.Context(), spoilt); r.Err() == nil {
			t.Errorf("%s, and the run is good: %+v", name, r.Coverage)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Run(ctx, target); r.Err() == nil {
		t.Error("the run was stopped before its first case, and is good")
	}
}
