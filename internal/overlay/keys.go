package overlay

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// The keys of an overlay and of its parts. The library passes over others in
// silence, so that a misspelt `updat` would do nothing.
var (
	overlayKeys = []string{"overlay", "info", "extends", "actions"}
	infoKeys    = []string{"title", "version", "description"}
	actionKeys  = []string{"target", "description", "update", "remove", "copy"}
)

// checkShape refuses what the library would read past: a second document in
// the file, a key that stands twice, keys that the specification does not know.
func checkShape(data []byte) error {
	root, err := yamlnode.Parse(data)
	if err != nil {
		return err
	}
	if err := plain(root); err != nil {
		return err
	}
	overlay := root.Content[0]
	if err := knownKeys("the overlay", overlay, overlayKeys); err != nil {
		return err
	}
	if info := yamlnode.Field(overlay, "info"); info != nil {
		if err := knownKeys("info", info, infoKeys); err != nil {
			return err
		}
	}
	actions := yamlnode.Field(overlay, "actions")
	if actions == nil || actions.Kind != yaml.SequenceNode || len(actions.Content) == 0 {
		return errors.New("no actions: want a list of at least one")
	}
	for i, action := range actions.Content {
		if err := checkAction(action); err != nil {
			where := fmt.Sprintf("action %d", i+1)
			if target := yamlnode.Field(action, "target"); target != nil {
				where += fmt.Sprintf(" (target %s)", target.Value)
			}
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

// checkAction requires a target, a reason and one thing to do. An update that
// is null would do nothing.
func checkAction(action *yaml.Node) error {
	if err := knownKeys("the action", action, actionKeys); err != nil {
		return err
	}
	if target := yamlnode.Field(action, "target"); target == nil || target.Value == "" {
		return errors.New("no target")
	}
	if description := yamlnode.Field(action, "description"); description == nil || strings.TrimSpace(description.Value) == "" {
		return errors.New("no description: say why")
	}
	if update := yamlnode.Field(action, "update"); update != nil && update.ShortTag() == "!!null" {
		return errors.New("its update is null: write what to change")
	}
	if copied := yamlnode.Field(action, "copy"); copied != nil && (copied.Value == "" || copied.ShortTag() == "!!null") {
		return errors.New("its copy is empty: write the JSONPath of what to copy")
	}
	return oneDeed(action)
}

// oneDeed requires exactly one of update, remove and copy: the library would
// choose one by itself, or do nothing.
func oneDeed(action *yaml.Node) error {
	var deeds []string
	for _, key := range []string{"update", "remove", "copy"} {
		if yamlnode.Field(action, key) != nil {
			deeds = append(deeds, key)
		}
	}
	if remove := yamlnode.Field(action, "remove"); remove != nil && remove.Value != "true" {
		return fmt.Errorf("remove is %q: write true or leave it out", remove.Value)
	}
	if len(deeds) != 1 {
		return fmt.Errorf("want one of update, remove and copy, have %d: %s", len(deeds), strings.Join(deeds, ", "))
	}
	return nil
}

func knownKeys(where string, node *yaml.Node, known []string) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%s: want an object", where)
	}
	for key := range yamlnode.Members(node) {
		if !slices.Contains(known, key) && !strings.HasPrefix(key, "x-") {
			return fmt.Errorf("%s: unknown key %q, want one of %s", where, key, strings.Join(known, ", "))
		}
	}
	return nil
}

// plain refuses what hides a part of an overlay from its reader, or would have a change
// of one place of a document show in another, at node or below it: aliases, merge keys,
// keys that stand twice, or that JSON does not have.
func plain(node *yaml.Node) error {
	if node.Kind == yaml.AliasNode {
		return fmt.Errorf("line %d: alias *%s: write it out", node.Line, node.Value)
	}
	var seen map[string]bool
	if node.Kind == yaml.MappingNode {
		seen = make(map[string]bool, len(node.Content)/2)
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			switch {
			case child.Kind != yaml.ScalarNode:
				return fmt.Errorf("line %d: a key that is not a string: JSON does not have it", child.Line)
			case child.ShortTag() == "!!merge":
				return fmt.Errorf("line %d: merge key <<: write out what it stands for", child.Line)
			case !readAsWritten(child):
				return fmt.Errorf("line %d: the key %s is another text in JSON: write that text in quotes", child.Line, child.Value)
			case seen[child.Value]:
				return fmt.Errorf("line %d: key %q stands twice", child.Line, child.Value)
			}
			seen[child.Value] = true
		}
		if err := plain(child); err != nil {
			return err
		}
	}
	return nil
}

// decimal is the one form of a whole number that is the same text as a key in JSON.
var decimal = regexp.MustCompile(`^(?:0|-?[1-9][0-9]*)$`)

// readAsWritten reports whether a key is the same text in JSON. 0x10, 1.0, ~ and True are
// not, so that two of them could become one key.
func readAsWritten(key *yaml.Node) bool {
	switch yamlnode.Type(key) {
	case "!!int":
		return decimal.MatchString(key.Value)
	case "!!bool":
		return key.Value == "true" || key.Value == "false"
	case "!!null":
		return key.Value == "null"
	case "!!float":
		return false
	}
	return true
}
