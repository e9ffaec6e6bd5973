package drift

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// fanOut is a document of operations that share components, each of which leads to all
// others: with references replaced by what they lead to it would have no end.
func fanOut(operations, components int) drifttest.Tree {
	ref := func(section string, i int) drifttest.Tree {
		return drifttest.Tree{"$ref": fmt.Sprintf("#/components/%s/c%d", section, i%components)}
	}
	schemas, responses, paths := drifttest.Tree{}, drifttest.Tree{}, drifttest.Tree{}
	for i := range components {
		schemas[fmt.Sprint("c", i)] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{
			"name": drifttest.Tree{"type": "string", "maxLength": 10 + i, "readOnly": i%3 == 0},
			"one":  ref("schemas", i+1), "two": ref("schemas", 2*i), "list": drifttest.Tree{"type": "array", "items": ref("schemas", 3*i+1)},
			"either": drifttest.Tree{"oneOf": []any{ref("schemas", i+2), drifttest.Tree{"allOf": []any{ref("schemas", i+3)}}}},
		}}
		responses[fmt.Sprint("c", i)] = drifttest.Tree{"description": "", "content": drifttest.Tree{"application/json": drifttest.Tree{"schema": drifttest.Tree{
			"type": "object", "properties": drifttest.Tree{"error": ref("schemas", i), "request": drifttest.Tree{"type": "object", "properties": drifttest.Tree{"again": ref("schemas", i+1)}}}}}}}
	}
	for i := range operations {
		paths[fmt.Sprintf("/%d/{id}", i)] = drifttest.Tree{"post": drifttest.Tree{
			"parameters":  []any{drifttest.Tree{"name": "id", "in": "path", "required": true, "schema": drifttest.Tree{"type": "string"}}},
			"requestBody": drifttest.Tree{"content": drifttest.Tree{"application/json": drifttest.Tree{"schema": ref("schemas", i)}}},
			"responses": drifttest.Tree{"default": ref("responses", i), "200": drifttest.Tree{"description": "", "content": drifttest.Tree{
				"application/json": drifttest.Tree{"schema": ref("schemas", i)}}}},
		}}
	}
	return drifttest.Tree{"openapi": "3.0.3", "info": drifttest.Tree{"title": "", "version": ""}, "paths": paths, "components": drifttest.Tree{"schemas": schemas, "responses": responses}}
}

// size counts the values of a tree.
func size(n *yaml.Node) int {
	all := 1
	for _, child := range n.Content {
		all += size(child)
	}
	return all
}

// A slice takes no more than what is reached, however it is shared, says the same, and
// calls components what the document calls them.
func TestSliceOfFanOut(t *testing.T) {
	t.Parallel()
	text := drifttest.EncodeJSON(t, fanOut(200, 60))
	source, err := yamlnode.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	doc := mustParse(t, text)
	for _, scope := range []Scope{{}, {Prefix: "/7"}, {Operations: []string{"POST /7/{id}", "POST /8/{number}"}}} {
		n, err := Slice(doc, scope)
		if err != nil {
			t.Fatal(err)
		}
		if got, all := size(n), size(source); got > all+all/10 {
			t.Errorf("the slice of %v has %d values, the document %d", scope, got, all)
		}
		sliced, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if mustFingerprint(t, mustParse(t, sliced), scope) != mustFingerprint(t, doc, scope) {
			t.Errorf("the slice of %v says something else", scope)
		}
		schemas := yamlnode.Field(yamlnode.Field(n, "components"), "schemas")
		names := 0
		for name := range yamlnode.Members(schemas) {
			names++
			if !strings.HasPrefix(name, "c") {
				t.Errorf("the slice of %v has a component %s", scope, name)
			}
		}
		if names != 60 {
			t.Errorf("the slice of %v has %d schemas, the document 60", scope, names)
		}
	}
}

// house returns a configuration for a document of ours, with one correction of theirs.
func house(t *testing.T, ours drifttest.Tree, prefix, target, deed string) *Config {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := "prefix: " + prefix + "\nspec: ours.json\n"
	if target != "" {
		if err := os.Mkdir(filepath.Join(dir, "corrections"), 0o700); err != nil {
			t.Fatal(err)
		}
		config += "corrections: corrections\n"
		write("corrections/010.yaml", fmt.Sprintf("overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n  - {target: %q, description: why, %s}\n", target, deed))
	}
	write("drift.yaml", config)
	write("ours.json", string(drifttest.EncodeJSON(t, ours)))
	c, err := LoadConfig(filepath.Join(dir, "drift.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A correction changes the places that it selects, and no other that shares their
// components. What it would take too long to look through is said.
func TestCheckOfFanOut(t *testing.T) {
	t.Parallel()
	ours := fanOut(40, 15)
	doc := parseTree(t, ours)
	const body = "response 200 "
	for _, test := range []struct{ target, deed, want string }{
		{"", "", ""},
		{"$.paths['/7/{id}'].post.responses['200'].content.*.schema.properties.name.maxLength", "update: 5", "response-max-length-tightened " + body + ".name ×1"},
		{"$.paths['/7/{id}'].post.responses['200'].content.*.schema.properties.one.properties.name.maxLength", "update: 5", "response-max-length-tightened " + body + ".one.name ×1"},
		{"$.paths.*.post.responses['200'].content.*.schema.properties[?@.maxLength == 17]", "update: {format: uuid}", "response-format-added " + body + ".name ×3"},
		{"$.paths.*.post.responses.default.content.*.schema.properties.request.properties", "update: {id: {type: string}}", "response-property-added response default .request.id ×40"},
		{"$.paths['/7/{id}'].post.responses..name", "remove: true", "reads more than 100000 values: name the path in its target"},
	} {
		r, err := Check(t.Context(), doc, house(t, ours, "/", test.target, test.deed), drifttest.SomeDay)
		got := ""
		if err != nil {
			got = err.Error()
		} else if len(r.Findings) > 0 {
			f := r.Findings[0]
			got = fmt.Sprintf("%s %s ×%d", f.Kind, f.Where[0].Place, len(f.Where[0].Operations))
		}
		if got != test.want && (err == nil || !strings.HasSuffix(got, "corrections/010.yaml: action 1 (target "+test.target+") "+test.want)) || err == nil && len(r.Findings) > 1 {
			t.Errorf("%s, %s: %s, want %s", test.target, test.deed, got, test.want)
		}
	}
}

// A finding points into the document that was read, also where a correction changed it or
// something is shared.
func TestFindingsOfCorrectedPointIntoTheDocument(t *testing.T) {
	t.Parallel()
	ours := fanOut(6, 3)
	theirs := drifttest.Clone(ours)
	shared := drifttest.Dig(theirs, "components", "responses", "c1")
	shared["headers"] = drifttest.Tree{"X-New": drifttest.Tree{"schema": drifttest.Tree{"type": "string"}}}
	drifttest.Dig(shared, "content")["text/plain"] = drifttest.Tree{"schema": drifttest.Tree{"type": "string"}}
	drifttest.Dig(theirs, "components", "schemas", "c2", "properties", "name")["maxLength"] = 3
	drifttest.Dig(theirs, "components", "schemas", "c0", "properties", "either")["oneOf"] = []any{drifttest.Tree{"type": "boolean"}, drifttest.Tree{"type": "string"}}
	drifttest.Dig(theirs, "paths", "/1/{id}", "post")["deprecated"] = true
	delete(drifttest.Dig(theirs, "paths", "/2/{id}", "post", "responses"), "200")
	theirs["security"] = []any{drifttest.Tree{"key": []any{}}}
	drifttest.Dig(theirs, "components")["securitySchemes"] = drifttest.Tree{"key": drifttest.Tree{"type": "http", "scheme": "basic"}}
	theirs["servers"] = []any{drifttest.Tree{"url": "https://api.example.com"}}
	doc := parseTree(t, theirs)
	r, err := Check(t.Context(), doc, house(t, ours, "/", "$.paths['/4/{id}'].post.requestBody.content.*.schema.properties.two.properties.name", "update: {maxLength: 4}"), drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) < 8 {
		t.Errorf("%d findings, want those of all that was changed", len(r.Findings))
	}
	for _, f := range r.Findings {
		for _, pointer := range f.New {
			if n, err := doc.in.At(document.PointerSteps(pointer)); n == nil || err != nil {
				t.Errorf("%s points to %s, which the document does not have", f.Change(), pointer)
			}
		}
		if len(f.New) == 0 {
			t.Errorf("%s points nowhere", f.Change())
		}
	}
}
