package contract

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/spec"
)

// strange adds to every response what the document does not name: fields of the
// envelope, of a certificate and of the settings, and a header.
func strange(r *http.Request, resp *http.Response, body string) string {
	resp.Header.Set("Cf-New", "PRIVATE")
	kind := map[bool]string{true: `"PRIVATE"`, false: `null`}[r.Method == "GET"]
	return strings.NewReplacer(
		`"success":`, `"took":{"seconds":1},"success":`,
		`"issuer":`, `"seen":`+kind+`,"many":["PRIVATE"],"issuer":`,
		`"enabled":`, `"since":17,"enabled":`,
		`"code":1406`, `"code":4711`,
		`"pending_deletion"`, `"leaving"`,
	).Replace(body)
}

// driftOn runs all cases with strange responses against the simulator and a document.
func driftOn(t *testing.T, document []byte) (r Report) {
	t.Helper()
	target := InProcess()
	target.document = document
	open := target.open
	target.open = func() environment {
		w := open()
		w.transport = fault{response: strange}.altering(w.transport)
		return w
	}
	synctest.Test(t, func(t *testing.T) { r = Run(t.Context(), target) })
	return r
}

// TestOverlaysAdmitDrift applies the overlay of every drift to the document, with the
// values of open sets filled in. After that there must be no drift.
func TestOverlaysAdmitDrift(t *testing.T) {
	t.Parallel()
	r := driftOn(t, spec.OpenAPI)
	var doc yaml.Node
	if err := yaml.Unmarshal(spec.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	values := map[string]string{"string": "leaving", "integer": "4711"}
	for _, d := range r.Drift() {
		if ids[d.ID] || len(d.Where) == 0 || strings.Contains(d.Overlay, "PRIVATE") {
			t.Errorf("drift %+v: want each once, with its places and without content", d)
		}
		ids[d.ID] = true
		text := regexp.MustCompile(`"<the value, of type (\w+)>"`).ReplaceAllStringFunc(d.Overlay, func(place string) string {
			return values[d.After]
		})
		o, err := overlay.Parse(d.ID, []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := o.Apply(&doc); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	curated, err := readDocument(spec.OpenAPI, originpull.DefaultBaseURL)
	if err != nil {
		t.Fatal(err)
	}
	envelopes := 0
	for name := range curated.Components.Schemas {
		if strings.HasSuffix(name, "Envelope") {
			envelopes++
		}
	}
	if len(ids) != envelopes+8 {
		t.Errorf("%d kinds of drift, want took in %d envelopes, seen and many in a certificate and in one that is deleted, since, a header, a status and a code: %v", len(ids), envelopes, ids)
	}
	admitting, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range driftOn(t, admitting).Drift() {
		t.Errorf("still drift, though its overlay was applied: %s at %v", d.ID, d.Where)
	}
}

// TestPointers: pointers are escaped, and only the indexes of arrays are left out of a place.
func TestPointers(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	odd := `"a/b":1,"~x":{"y":1},"2024":1,"issuer":`
	target.Only = func(c Case) bool { return c.Name == "list" }
	target.Transport = fault{response: swap(`"issuer":`, odd)}.altering(target.Transport)
	have := map[string]string{}
	for _, d := range Run(t.Context(), target).Drift() {
		have[d.New[0]] = d.Where[0].Place
	}
	for pointer, place := range map[string]string{
		"/result/0/a~1b": "response 200 /result/*/a~1b", "/result/0/~0x": "response 200 /result/*/~0x", "/result/0/2024": "response 200 /result/*/2024",
	} {
		if have[pointer] != place {
			t.Errorf("drift at %s has the place %q, want %q; all: %q", pointer, have[pointer], place, have)
		}
	}
	target.Transport = fault{response: swap(`"result":`, `"a/b":{"~x":1,"~x":2},"result":`)}.altering(target.Transport)
	// From Go 1.27 the validator, which decodes by encoding/json, cannot read it either.
	if r := Run(t.Context(), target); len(r.Results[0].Violations) == 0 || !strings.Contains(r.Results[0].Violations[0].What, " /a~1b/~0x is there twice") {
		t.Errorf("a name that is there twice: %v", r.Results[0].Violations)
	}
	if got := differAt("/result", map[string]any{"a/b": "x"}, map[string]any{"a/b": "y"}); !strings.HasPrefix(got, "/result/a~1b ") {
		t.Errorf("a field that is misread: %q", got)
	}
	if got := differenceAt("", map[string]any{}, map[string]any{"~x": "y"}); !strings.HasSuffix(got, " /~0x") {
		t.Errorf("a field that the simulator lacks: %q", got)
	}
}

// TestDriftIsMergedWhole: drift at several places and of several types, in one
// response or in many, is reported once with all of them.
func TestDriftIsMergedWhole(t *testing.T) {
	t.Parallel()
	met := func(operation, list, valueType string) Drift {
		return newDrift(&exchange{Operation: operation, Status: 200}, "property-added", []string{list, "0", "seen"}, valueType, admission{
			target: "$.components.schemas.Message.properties", before: `{"seen": `, after: "}", types: []string{valueType},
		})
	}
	one := merged(nil, met("GetSettings", "errors", "string"), met("GetSettings", "messages", "null"))
	all := merged(merged(nil, met("ListCertificates", "errors", "string")), one...)
	if len(all) != 1 || len(all[0].Where) != 2 || len(all[0].Where[0].Operations) != 2 || all[0].After != "null or string" {
		t.Errorf("have %+v", all)
	}
	if want := `{"seen": {type: string, nullable: true}}`; !strings.Contains(all[0].Overlay, want) || strings.Count(all[0].Overlay, "target:") != 1 {
		t.Errorf("want one action with %s, have\n%s", want, all[0].Overlay)
	}
	if one[0].After != "null or string" || len(one[0].Where) != 2 || len(one[0].Where[1].Operations) != 1 {
		t.Errorf("what was merged from has changed: %+v", one)
	}
}
