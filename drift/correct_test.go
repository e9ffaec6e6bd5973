package drift

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/overlay"
)

// anywhere returns a target that selects something in a document, and what it would be
// merged with.
func anywhere(r *rand.Rand, n *yaml.Node) string {
	target := "$"
	for len(n.Content) > 0 && (target == "$" || r.IntN(12) > 0) {
		at := r.IntN(len(n.Content))
		step := "[" + []string{"*", "?@.name", "?@.type == 'string'", "?length(@) > 1", "?@.properties.*", "?@ != 'title'", "?@..type", "?!(@.schema && @.required == true)"}[r.IntN(8)] + "]"
		if n.Kind == yaml.MappingNode {
			at |= 1
			if r.IntN(10) > 0 {
				step = fmt.Sprintf("['%s']", strings.ReplaceAll(n.Content[at-1].Value, "'", `\'`))
			}
		}
		if n = n.Content[at]; r.IntN(30) == 0 {
			step = ".." + step
		}
		target += step
	}
	return target
}

// A correction changes what it would change in a document in which every reference is
// replaced by what it leads to, however much is shared instead.
func TestCorrectionsChangeTheSame(t *testing.T) {
	t.Parallel()
	deeds := []string{"remove: true", "remove: true", "update: {maxLength: 3}", "update: {properties: {name: {maxLength: 2, type: string}}}", "update: {enum: [a]}",
		"update: [{type: string}]", "update: title", "update: {required: [title, name], items: {properties: {id: {}}}}", "update: {anyOf: [{type: boolean}]}", "update: {'200': {required: [id]}}"}
	for _, file := range []string{ourSpec, "testdata/library.yaml"} {
		doc := mustRead(t, file)
		everything := func(reach *overlay.Reach) slice.Reads {
			return func(pointer string) (key, by string) {
				key, by = reach.At(pointer)
				return "+" + key, by
			}
		}
		sample, err := slice.NewCorrectable(doc.in, graph.Scope{}, everything(overlay.NewReach(nil)))
		if err != nil {
			t.Fatal(err)
		}
		applied := 0
		for seed := range rounds(240) {
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			text := "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n"
			for range 1 + r.IntN(3) {
				text += fmt.Sprintf("  - {target: %q, description: why, %s}\n", anywhere(r, sample.Root), deeds[r.IntN(len(deeds))])
			}
			o, err := overlay.Parse("test.yaml", []byte(text))
			if err != nil {
				t.Fatalf("%s\n%v", text, err)
			}
			reach := overlay.NewReach([]*overlay.Overlay{o})
			shared, sharedErr := corrections(t, doc, o, reach.At)
			whole, wholeErr := corrections(t, doc, o, everything(reach))
			if shared != whole || sharedErr != wholeErr {
				t.Fatalf("%s, seed %d: shared %s %s, written out %s %s, by\n%s", file, seed, shared, sharedErr, whole, wholeErr, text)
			}
			if shared != "" {
				applied++
			}
		}
		if applied < rounds(240)/5 {
			t.Errorf("%s: only %d corrections could be applied", file, applied)
		}
	}
}

// corrections returns the fingerprint of a corrected document, and what went wrong.
func corrections(t *testing.T, doc *Document, o *overlay.Overlay, reads slice.Reads) (fingerprint, wrong string) {
	t.Helper()
	c, err := slice.NewCorrectable(doc.in, graph.Scope{}, reads)
	if err != nil {
		t.Fatal(err)
	}
	for i := range o.Actions() {
		var failed *overlay.ActionError
		if err := o.ApplyMissing(c.Root, i); errors.As(err, &failed) {
			wrong += fmt.Sprint(i, failed.Reason)
			if failed.Reason == overlay.Invalid {
				return "", wrong
			}
		}
	}
	if err := c.Join(); err != nil {
		t.Fatal(err)
	}
	again, err := document.FromYAML(c.Root)
	if err != nil {
		return "", wrong + "unreadable"
	}
	g, err := graph.Build(again, "")
	if err != nil {
		return "", wrong + "unreadable"
	}
	fingerprint, err = g.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	return fingerprint, wrong
}
