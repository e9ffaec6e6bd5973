package drift

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// withOperations is a document of operations without anything in them.
func withOperations(operations ...string) drifttest.Tree {
	paths := drifttest.Tree{}
	for _, operation := range operations {
		method, path, _ := strings.Cut(operation, " ")
		if paths[path] == nil {
			paths[path] = drifttest.Tree{}
		}
		paths[path].(drifttest.Tree)[strings.ToLower(method)] = drifttest.Tree{"responses": drifttest.Tree{"200": drifttest.Tree{"description": ""}}}
	}
	return drifttest.Tree{"openapi": "3.1.0", "paths": paths}
}

// What is listed is compared, and what one of the two documents lacks is a finding.
func TestCheckListedOperations(t *testing.T) {
	t.Parallel()
	ours := withOperations("GET /books", "GET /books/{id}", "PUT /books/{id}", "GET /loans")
	for _, test := range []struct {
		config string
		theirs []string
		want   string // of the findings, or in the error
	}{
		{"operations: [GET /books, 'put /books/{book}']", []string{"GET /books", "PUT /books/{x}", "GET /other"}, ""},
		{"operations: [GET /books, 'PUT /books/{id}']", []string{"GET /books", "GET /books/{id}"}, "operation-removed PUT /books/{id}"},
		{"operations: [GET /books]", []string{"GET /other"}, "operation-removed GET /books"},
		{"operations: [GET /books, GET /fines]", []string{"GET /books", "GET /fines"}, "operation-added GET /fines"},
		{"operations: [GET /books, GET /fines]", []string{"GET /books"}, "operations: neither document has GET /fines"},
		{"prefix: /loans\noperations: [GET /books]", []string{"GET /books", "GET /loans", "PUT /loans", "PUT /books"}, "operation-added PUT /loans"},
		{"prefix: /books\noperations: [GET /books]", []string{"GET /books", "GET /books/{id}"}, "operation-removed PUT /books/{id}"},
		{"prefix: /books\noperations: [GET /loans]\nignored: [POST /books]", []string{"GET /books", "POST /books", "GET /books/{id}", "PUT /books/{id}"}, "operation-removed GET /loans"},
		{"operations: []", nil, "prefix: name the path under which to look, or / for all; or list operations"},
		{"operations: [/books]", nil, `operations: "/books": want a method and a path`},
		{"operations: ['GET /books/{a}', 'GET /books/{b}']", nil, "operations: GET /books/{b} is listed twice"},
		{"operations: [GET /books]\nignored: [GET /books]", nil, "ignored: GET /books is listed under operations"},
		{"prefix: books\noperations: [GET /books]", nil, "prefix: name the path"},
	} {
		dir := t.TempDir()
		drifttest.WriteFile(t, filepath.Join(dir, "ours.json"), string(drifttest.EncodeJSON(t, ours)))
		drifttest.WriteFile(t, filepath.Join(dir, "drift.yaml"), test.config+"\nspec: ours.json\n")
		c, err := LoadConfig(filepath.Join(dir, "drift.yaml"))
		var r *Report
		if err == nil {
			r, err = Check(t.Context(), parseTree(t, withOperations(test.theirs...)), c, drifttest.SomeDay)
		}
		var got []string
		if err != nil {
			got = append(got, err.Error())
		} else {
			for _, f := range r.Findings {
				got = append(got, f.Kind+" "+f.Before+f.After)
			}
		}
		if text := strings.Join(got, "; "); text != test.want && (err == nil || !strings.Contains(text, test.want)) {
			t.Errorf("%s, theirs with %v: %s, want %s", test.config, test.theirs, text, test.want)
		}
	}
}

// A correction of an operation that theirs no longer has matches nothing, also if that
// was the last one.
func TestCheckCorrectsNoOperation(t *testing.T) {
	t.Parallel()
	ours := withOperations("GET /books")
	c := house(t, ours, "/", "$.paths['/books'].get.deprecated", "update: true")
	c.Prefix, c.Operations = "", []string{"GET /books"}
	r, err := Check(t.Context(), parseTree(t, withOperations("GET /other")), c, drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, f := range r.Findings {
		kinds = append(kinds, f.Kind)
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"correction-unmatched", "operation-removed"}) {
		t.Errorf("found %v", kinds)
	}
}

// A webhook can be listed. What a document lacks is not printed without it.
func TestScopeOfOperations(t *testing.T) {
	t.Parallel()
	tree := withOperations("GET /books", "PUT /books")
	tree["webhooks"] = drifttest.Tree{"sold": drifttest.Tree{"post": drifttest.Tree{"responses": drifttest.Tree{}}}, "lent": drifttest.Tree{"post": drifttest.Tree{}}}
	doc := parseTree(t, tree)
	n, err := Slice(doc, Scope{Operations: []string{"PUT /books", "POST webhook sold"}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := yaml.Marshal(n)
	if text := string(data); err != nil || !strings.Contains(text, "put:") || strings.Contains(text, "get:") || !strings.Contains(text, "sold:") || strings.Contains(text, "lent:") {
		t.Errorf("printed, with %v:\n%s", err, text)
	}
	_, sliced := Slice(doc, Scope{Operations: []string{"GET /books", "GET /loans"}})
	_, hashed := Fingerprint(doc, Scope{Operations: []string{"GET /books", "GET /loans"}})
	for _, err := range []error{sliced, hashed} {
		if err == nil || err.Error() != "operations: the document has no GET /loans" {
			t.Errorf("a listed operation that is not there: %v", err)
		}
	}
}
