package overlay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/theory/jsonpath/spec"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// pathsBelow notes the normalized path of each node below one.
func pathsBelow(n *yaml.Node, at spec.NormalizedPath, into map[*yaml.Node]string) {
	into[n] = at.String()
	for i, child := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			pathsBelow(child, append(slices.Clip(at), spec.Index(i)), into)
		case i%2 == 1:
			pathsBelow(child, append(slices.Clip(at), spec.Name(n.Content[i-1].Value)), into)
		}
	}
}

// TestQuery requires that the nodes of a document are selected that the library selects in
// its value, each once.
func TestQuery(t *testing.T) {
	t.Parallel()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(`{a: [1, {b: [x, {c: null}], "0": {a: [2]}}, []], b: {a: {b: {a: y}}, "c'd": [1, x], e: {}}, c: 1.5}`), &doc); err != nil {
		t.Fatal(err)
	}
	root := doc.Content[0]
	paths := map[*yaml.Node]string{}
	pathsBelow(root, nil, paths)
	steps := []string{"['a']", "['b']", "['c\\'d']", "['0']", "['a','b']", "['a','a']", "[*]", "[*,'b']", "[?@.a]", "[?@.b,'a']", "[?@ == 1]", "[?@.*]", "[?@..a]", "[?@.a == $.b.a]", "[?length(@) > 1]", "[?@ == $.c || @.b]"}
	for seed := range 3000 {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		text := "$"
		for range r.IntN(5) {
			text += []string{"", "", ".."}[r.IntN(3)] + steps[r.IntN(len(steps))]
		}
		path, err := parsePath(text)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, p := range query(&doc, path) {
			got = append(got, paths[p.node])
			if p.node != root && !slices.Contains(p.parent.Content, p.node) {
				t.Errorf("%s: %s is not in what is said to hold it", text, paths[p.node])
			}
		}
		for _, located := range path.SelectLocated(yamlnode.Value(root)).Deduplicate() {
			want = append(want, located.Path.String())
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%s selects %s, want %s", text, fmt.Sprint(got), fmt.Sprint(want))
		}
	}
}
