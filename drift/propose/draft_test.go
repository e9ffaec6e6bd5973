package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// A draft can be changed anywhere that is asked for, and the tree that it was made from
// stays as it is. What is not asked for is shared.
func TestDraft(t *testing.T) {
	t.Parallel()
	tree, err := yamlnode.Parse([]byte("a: {b: {c: [1, {d: 2}]}}\nother: {x: 1}\ncomponents: {schemas: {S: {ref: {$ref: '#/new/x'}}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	before := overlay.Clone(tree)
	d := newDraft(tree)
	leaf := d.at("/a/b/c/1")
	document.Assign(leaf, "d", document.Text("changed"))
	if d.at("/a/b") == nil || d.at("/a/b/c/1") != leaf || d.at("/a/z") != nil {
		t.Error("a node that was handed out is another one afterwards")
	}
	document.Put(d.at("/a"), "new", document.Reference("/new/x/y"))
	d.put(d.section("schemas"), "T", document.Reference("/new/x"))
	d.put(d.section("responses"), "R", document.Object())
	d.redirect(d.tree, "/new/x", "/components/schemas/T")
	if !document.EqualTrees(tree, before) {
		t.Errorf("the tree has become\n%s", encodeYAML(tree))
	}
	if document.NodeAt(d.tree, "/other") != document.NodeAt(tree, "/other") {
		t.Error("what no one asked for was copied")
	}
	want := "a: {b: {c: [1, {d: changed}]}, new: {$ref: '#/components/schemas/T/y'}}\nother: {x: 1}\ncomponents: {schemas: {S: {ref: {$ref: '#/new/x'}}, T: {$ref: '#/components/schemas/T'}}, responses: {R: {}}}\n"
	if wanted, err := yamlnode.Parse([]byte(want)); err != nil || !document.EqualTrees(d.tree, wanted) {
		t.Errorf("the draft is\n%s\nwant\n%s", strings.TrimSpace(string(encodeYAML(d.tree))), want)
	}
}
