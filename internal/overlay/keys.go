package overlay

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The keys of an overlay and of its parts. The library passes over others in
// silence, so that a misspelt `updat` would do nothing.
var (
	overlayKeys = []string{"overlay", "info", "extends", "actions"}
	infoKeys    = []string{"title", "version", "description"}
	actionKeys  = []string{"target", "description", "update", "remove", "copy"}
)

// checkKeys refuses keys that the specification does not know, an update that
// is null, which would do nothing, and more than one thing to do in an action.
func checkKeys(data []byte) error {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return err
	}
	overlay := root.Content[0]
	if err := knownKeys("the overlay", overlay, overlayKeys); err != nil {
		return err
	}
	if err := knownKeys("info", field(overlay, "info"), infoKeys); err != nil {
		return err
	}
	for i, action := range field(overlay, "actions").Content {
		where := fmt.Sprintf("action %d", i+1)
		if target := field(action, "target"); target != nil {
			where += fmt.Sprintf(" (target %s)", target.Value)
		}
		if err := knownKeys(where, action, actionKeys); err != nil {
			return err
		}
		if update := field(action, "update"); update != nil && update.ShortTag() == "!!null" {
			return fmt.Errorf("%s: its update is null: write what to change", where)
		}
		if err := oneDeed(where, action); err != nil {
			return err
		}
		if field(action, "description") == nil {
			return fmt.Errorf("%s: no description: say why", where)
		}
	}
	return nil
}

// oneDeed requires exactly one of update, remove and copy: the library would
// choose one by itself, or do nothing.
func oneDeed(where string, action *yaml.Node) error {
	var deeds []string
	for _, key := range []string{"update", "remove", "copy"} {
		if field(action, key) != nil {
			deeds = append(deeds, key)
		}
	}
	if remove := field(action, "remove"); remove != nil && remove.Value != "true" {
		return fmt.Errorf("%s: remove is %q: write true or leave it out", where, remove.Value)
	}
	if len(deeds) != 1 {
		return fmt.Errorf("%s: want one of update, remove and copy, have %d: %s", where, len(deeds), strings.Join(deeds, ", "))
	}
	return nil
}

func knownKeys(where string, node *yaml.Node, known []string) error {
	if node == nil {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%s: want an object", where)
	}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if !slices.Contains(known, key) && !strings.HasPrefix(key, "x-") {
			return fmt.Errorf("%s: unknown key %q, want one of %s", where, key, strings.Join(known, ", "))
		}
	}
	return nil
}

// field returns the value of a key in a mapping, nil if it is not there.
func field(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}
