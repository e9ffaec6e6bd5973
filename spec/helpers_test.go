package spec_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func read(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// readGenerated reads the document that the Go code is made from.
func readGenerated(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../gen/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func load(t *testing.T, text string) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// spoilt returns the document with the first old changed to new.
func spoilt(t *testing.T, old, new string) *openapi3.T {
	t.Helper()
	text := read(t)
	if !strings.Contains(text, old) {
		t.Fatalf("openapi.yaml does not hold %q any more: fix the test", old)
	}
	return load(t, strings.Replace(text, old, new, 1))
}

// faults collects what a rule finds, each with the place in the document.
type faults []string

func (f *faults) add(where, format string, args ...any) {
	*f = append(*f, where+": "+fmt.Sprintf(format, args...))
}

// requireNone fails once for each fault.
func requireNone(t *testing.T, found faults) {
	t.Helper()
	for _, fault := range found {
		t.Error(fault)
	}
}

// requireFault fails unless one of the faults holds all of wants.
func requireFault(t *testing.T, found faults, wants ...string) {
	t.Helper()
	if !slices.ContainsFunc(found, func(fault string) bool {
		return !slices.ContainsFunc(wants, func(want string) bool { return !strings.Contains(fault, want) })
	}) {
		t.Errorf("the rule lets it pass: no fault says %q, have %q", wants, found)
	}
}

// operation is one operation and where it stands.
type operation struct {
	where  string
	method string
	*openapi3.Operation
}

func operations(document *openapi3.T) []operation {
	var all []operation
	for _, path := range document.Paths.InMatchingOrder() {
		methods := document.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			all = append(all, operation{method + " " + path, method, methods[method]})
		}
	}
	return all
}

// body is the content of a request or of a response.
type body struct {
	where   string
	status  string // key of the response, empty for a request
	name    string // media type
	content *openapi3.MediaType
}

func bodies(document *openapi3.T) []body {
	var all []body
	add := func(where, status string, content openapi3.Content) {
		for _, name := range slices.Sorted(maps.Keys(content)) {
			all = append(all, body{where + " " + name, status, name, content[name]})
		}
	}
	for _, op := range operations(document) {
		if op.RequestBody != nil {
			add(op.OperationID+" request", "", op.RequestBody.Value.Content)
		}
		responses := op.Responses.Map()
		for _, status := range slices.Sorted(maps.Keys(responses)) {
			add(op.OperationID+" "+status, status, responses[status].Value.Content)
		}
	}
	return all
}

// schemaName returns the name of the component that a reference leads to.
func schemaName(ref *openapi3.SchemaRef) string {
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}
