package overlay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// FuzzApply applies any action to any document: without a panic, the result is read as it
// stands, and what was applied has nothing left to do.
func FuzzApply(f *testing.F) {
	for _, doc := range []string{document, schemas, "", "a", "[1, 2024-01-01, [~]]", "a: &a {b: c}\nd: *a", "a: {<<: {b: c}}", "? [a]\n: b"} {
		for _, target := range []string{"$", "$.a", "$.*", "$..tags", "$..*", "$[?!match(@.title, 'Foo')]", "$.paths.*~", "$[?@.a == $.b, 'A']", "$.tags[0]"} {
			f.Add(doc, target, "update", "{a: [1], title: '5'}")
			f.Add(doc, target, "update", "5")
			f.Add(doc, target, "copy", "$.info")
			f.Add(doc, target, "remove", "true")
		}
	}
	f.Fuzz(func(t *testing.T, text, target, deed, argument string) {
		if len(target) > 60 || strings.Count(target, "..") > 2 || strings.Count(target, ",") > 4 {
			return // it could select the same node a million times
		}
		o, err := overlay.Parse("fuzz.yaml", []byte(action(fmt.Sprintf("target: %q", target), "description: why", deed+": "+argument)))
		if err != nil || len(o.Actions()) != 1 {
			return
		}
		doc, err := yamlnode.Parse([]byte(text))
		if err != nil || !readable(doc) {
			return
		}
		for _, apply := range []func(*yaml.Node, int) error{o.ApplyAction, o.ApplyMissing} {
			changed := overlay.Clone(doc)
			if err := apply(changed, 0); err != nil {
				if _, ok := errors.AsType[*overlay.ActionError](err); !ok {
					t.Errorf("the error names no action: %v", err)
				}
				continue
			}
			written(t, changed)
			if deed != "update" || strings.Contains(target, "?") || strings.Contains(target, "..") {
				continue // it may select what it has made
			}
			if err := o.ApplyMissing(changed, 0); err == nil {
				t.Error("applied again, it changes something")
			}
		}
	})
}

// readable reports whether yaml.v3 writes a document such that it reads the same.
func readable(doc *yaml.Node) bool {
	out, err := yaml.Marshal(doc)
	if err != nil {
		return false
	}
	again, err := yamlnode.Parse(out)
	return err == nil && again.Decode(new(any)) == nil && yamlnode.Equal(doc, again)
}
