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

// covers tells whether a response of the document stands for a status.
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
		if !strings.HasSuffix(c.Promise, ".") || c.Seen == "" || len(c.Then) == 0 {
			t.Errorf("%s: want a sentence of what is promised, where it was seen, and steps", c.Name)
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
	target.Known = []string{"enable"}
	if r := Run(t.Context(), target); r.Err() == nil || !strings.Contains(r.Results[0].Reason, "take it off") {
		t.Errorf("a case that passes is left on the list: %v, %+v", r.Err(), r.Results[0])
	}
	target.Transport = fault{answer: func(_ *http.Request, _ *http.Response, body string) string {
		return strings.ReplaceAll(body, `"enabled":true`, `"enabled":1`)
	}}.altering(good)
	r := Run(t.Context(), target)
	if r.Err() != nil || r.Count(KnownFailure) != 1 || r.Count(Passed) != 1 {
		t.Errorf("a known failure: %v, %+v", r.Err(), r.Results)
	}
}

// TestNoAnswer: what does not answer breaks no promise, and keeps none.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	target.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("nobody is there") })
	target.Only = func(c Case) bool { return c.Name == "enable" }
	for _, known := range [][]string{nil, {"enable"}} {
		target.Known = known
		if r := Run(t.Context(), target); r.Err() == nil || r.Results[0].Outcome != Untrusted {
			t.Errorf("known to fail %q: have %v, %+v", known, r.Err(), r.Results)
		}
	}
}

// TestTargetsThatCannotBe are told, and nothing is run: a case that is skipped or
// fails for a slip in the target says nothing.
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
		"an ability that only the simulator has": {func(t *Target) { t.Can = []Ability{Memory, Own, "faults"} }, `"faults"`},
		"another one":                            {func(t *Target) { t.Can = []Ability{Memory, Strangers, "tokens"} }, `"tokens"`},
		"an ability that is misspelt":            {func(t *Target) { t.Can = []Ability{"memry"} }, `"memry"`},
		"a case that is not there":               {func(t *Target) { t.Known = []string{"enabel"} }, `"enabel"`},
		"a base URL that is none":                {func(t *Target) { t.BaseURL = "not a url" }, "not a url"},
		"a zone that is none":                    {func(t *Target) { t.ZoneID = "zone" }, "zone"},
		"no token":                               {func(t *Target) { t.Token = "" }, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoilt := good
			test.spoil(&spoilt)
			if r := Run(t.Context(), spoilt); !strings.Contains(r.Trouble, test.says) || strings.Contains(r.Trouble, "\n") || len(r.Results) > 0 {
				t.Errorf("%d cases, trouble %q, want it to speak of %q and nothing else", len(r.Results), r.Trouble, test.says)
			}
		})
	}
}

// TestNeverGreenForTheWrongReason: a run of nothing, and one that is stopped, are
// not good.
func TestNeverGreenForTheWrongReason(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Target){
		"no case is run":              func(t *Target) { t.Only = func(Case) bool { return false } },
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
