package overlay_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// applied applies the actions of an overlay to a document, and returns what a reader of
// the written result gets.
func applied(t *testing.T, text string, actions ...string) (any, error) {
	t.Helper()
	o, err := overlay.Parse("test.yaml", []byte(head+"  - "+strings.Join(actions, "\n  - ")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if err := o.Apply(&doc); err != nil {
		return nil, err
	}
	return written(t, &doc), nil
}

// written requires that a document is read as it stands, and returns what is read.
func written(t *testing.T, doc *yaml.Node) any {
	t.Helper()
	out, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	again, err := yamlnode.Parse(out)
	if err != nil {
		t.Fatalf("the result cannot be read: %v\n%s", err, out)
	}
	var any any
	if err := again.Decode(&any); err != nil { // refuses keys that stand twice, and !!int 1.5
		t.Fatalf("the result cannot be read: %v\n%s", err, out)
	}
	if !yamlnode.Equal(doc, again) {
		t.Fatalf("the result is read as %v, want %v:\n%s", yamlnode.Value(again.Content[0]), yamlnode.Value(doc.Content[0]), out)
	}
	return yamlnode.Value(again.Content[0])
}

// TestScalars replaces every kind of value, in every way to write it, by every other, at
// each place where an update meets it: what is read is what the update says.
func TestScalars(t *testing.T) {
	t.Parallel()
	type scalar struct {
		text string
		want any
	}
	scalars := []scalar{
		{"null", nil}, {"~", nil}, {"!!null ''", nil},
		{"true", true}, {"False", false}, {"!!bool 'true'", true},
		{"1", 1.0}, {"1.5", 1.5}, {"0x10", 16.0}, {"1e3", 1000.0}, {"1_000", 1000.0}, {"!!int '5'", 5.0}, {"!!float 5", 5.0}, {"-0", 0.0},
		{"5", 5.0}, {"'5'", "5"}, {`"5"`, "5"}, {"!!str 5", "5"}, {"|-\n    5", "5"}, {">-\n    5", "5"},
		{"'true'", "true"}, {`"false"`, "false"}, {"'null'", "null"}, {"''", ""}, {"'~'", "~"},
		{"yes", "yes"}, {"'<<'", "<<"}, {"2024-01-01", "2024-01-01"}, {"'2024-01-01'", "2024-01-01"}, {"2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"},
		{"Shop", "Shop"}, {"'it''s # not'", "it's # not"}, {`"a\tb\n c: [\u2028"`, "a\tb\n c: [\u2028"}, {"|\n    one\n      two\n", "one\n  two\n"}, {">\n    one\n      two\n", "one\n  two\n"},
	}
	for _, old := range scalars {
		for _, now := range scalars {
			for place, test := range map[string]struct{ doc, target, update string }{
				"the target":  {"a: " + old.text, "$.a", "update: " + now.text},
				"a key of it": {"a: " + old.text, "$", "update:\n      a: " + strings.ReplaceAll(now.text, "\n    ", "\n        ")},
			} {
				if place == "the target" && now.want == nil {
					continue // an update that is null is refused
				}
				update := strings.ReplaceAll(test.update, "\n    ", "\n      ")
				got, err := applied(t, test.doc, "target: "+test.target+"\n    description: why\n    "+update)
				if old.want == now.want {
					requireReason(t, err, overlay.NoEffect)
					continue
				}
				if want := map[string]any{"a": now.want}; err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %q replaced by %q: it is read as %v (%v), want %v", place, old.text, now.text, got, err, want)
				}
			}
		}
	}
}

// TestReplacedScalarStaysAsWritten requires that a value of the same kind is written as
// before: in its quotes, with its comment.
func TestReplacedScalarStaysAsWritten(t *testing.T) {
	t.Parallel()
	for _, test := range [][3]string{
		{`a: "Shop" # name`, "Store", `a: "Store" # name`},
		{`a: 'Shop'`, `"Store"`, `a: 'Store'`},
		{`a: 5 # five`, "6", "a: 6 # five"},
		{`a: 5`, "'5'", "a: '5'"},
		{`a: "5" # five`, "5", "a: 5 # five"},
		{`a: 1`, "1.5", "a: 1.5"},
		{`a: null`, "Shop", "a: Shop"},
	} {
		o, err := overlay.Parse("test.yaml", []byte(action("target: $", "description: why", "update: {a: "+test[1]+"}")))
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(test[0]), &doc); err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(&doc); err != nil {
			t.Fatal(err)
		}
		if out, err := yaml.Marshal(&doc); err != nil || strings.TrimSpace(string(out)) != test[2] {
			t.Errorf("%s, updated to %s, is written as %s (%v), want %s", test[0], test[1], out, err, test[2])
		}
	}
}

// TestMerge goes through what an action does to kinds of values, to nodes that are
// selected more than once, and to values that JSON reads as one.
func TestMerge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc, target, deed string
		want              any // an overlay.Reason for an error
	}{
		"object onto list":         {"a: [1]", "$", "update: {a: {b: c}}", overlay.Invalid},
		"object onto a list":       {"a: [1]", "$.a", "update: {b: c}", map[string]any{"a": []any{1.0, map[string]any{"b": "c"}}}},
		"object onto null":         {"a: null", "$", "update: {a: {b: c}}", overlay.Invalid},
		"list onto object":         {"a: {b: c}", "$", "update: {a: [1]}", overlay.Invalid},
		"list onto scalar":         {"a: b", "$", "update: {a: [1]}", overlay.Invalid},
		"scalar onto list":         {"a: [1]", "$", "update: {a: 2}", overlay.Invalid},
		"scalar onto object":       {"a: {b: c}", "$", "update: {a: 2}", overlay.Invalid},
		"null onto object":         {"a: {b: c}", "$", "update: {a: null}", overlay.Invalid},
		"null onto scalar":         {"a: b", "$", "update: {a: null}", map[string]any{"a": nil}},
		"empty object, empty list": {"a: {}", "$", "update: {a: {}}", overlay.NoEffect},
		"into the empty":           {"a: {}\nb: []", "$", "update: {a: {c: 1}, b: [1]}", map[string]any{"a": map[string]any{"c": 1.0}, "b": []any{1.0}}},
		"list in a list":           {"a: [[1]]", "$.a", "update: [[2]]", map[string]any{"a": []any{[]any{1.0}, []any{2.0}}}},
		"the same list in a list":  {"a: [[1]]", "$.a", "update: [[0x1]]", overlay.Duplicate},
		"the root, a list":         {"[1]", "$", "update: [2]", []any{1.0, 2.0}},
		"the root, a scalar":       {"1", "$", "update: two", "two"},
		"mixed kinds":              {"a: {}\nb: []", "$.*", "update: [1]", overlay.Invalid},

		"appends where selected twice":       {"a: [1]", "$['a', 'a']", "update: [2]", map[string]any{"a": []any{1.0, 2.0}}},
		"adds where selected twice":          {"a: {}", "$['a', 'a']", "update: {b: [1]}", map[string]any{"a": map[string]any{"b": []any{1.0}}}},
		"appends by two filters":             {"a: {b: {n: 1, l: [1]}}", "$.a[?@.n, ?@.l].l", "update: [2]", map[string]any{"a": map[string]any{"b": map[string]any{"n": 1.0, "l": []any{1.0, 2.0}}}}},
		"copies where selected twice":        {"a: [1]\nb: [2]", "$['a', 'a']", "copy: $.b", map[string]any{"a": []any{1.0, 2.0}, "b": []any{2.0}}},
		"removes what is selected twice":     {"a: [x, y, z]", "$.a[?@ == 'y', ?@ == 'y']", "remove: true", map[string]any{"a": []any{"x", "z"}}},
		"removes several of a list":          {"a: [x, y, x, z, x]", "$.a[?@ == 'x']", "remove: true", map[string]any{"a": []any{"y", "z"}}},
		"removes all of a list":              {"a: [x, y]", "$.a.*", "remove: true", map[string]any{"a": []any{}}},
		"removes parent and child":           {"a: {b: {c: d}}\ne: f", "$..[?@.b || @.c, 'c']", "remove: true", map[string]any{"e": "f"}},
		"removes all below the root":         {"a: {b: c}\nd: [e]", "$..*", "remove: true", map[string]any{}},
		"removes the root":                   {"a: b", "$", "remove: true", overlay.NoEffect},
		"removes from a root that is a list": {"[x, y]", "$[?@ == 'x']", "remove: true", []any{"y"}},
		"removes null":                       {"a: null\nb: c", "$.a", "remove: true", map[string]any{"b": "c"}},
		"removes one of equals":              {"a: {n: 1}\nb: {n: 1}", "$.b", "remove: true", map[string]any{"a": map[string]any{"n": 1.0}}},

		"a date is a text":            {"enum: [2024-01-01]", "$.enum", "update: ['2024-01-01']", overlay.Duplicate},
		"a text is a date":            {"enum: ['2024-01-01']", "$.enum", "update: [2024-01-01]", overlay.Duplicate},
		"a time is a text":            {"enum: [2024-01-01T10:00:00Z]", "$.enum", "update: ['2024-01-01T10:00:00Z']", overlay.Duplicate},
		"two texts of one time":       {"enum: [2024-01-01T10:00:00Z]", "$.enum", "update: [2024-01-01 10:00:00]", map[string]any{"enum": []any{"2024-01-01T10:00:00Z", "2024-01-01 10:00:00"}}},
		"one number in two ways":      {"enum: [16]", "$.enum", "update: [0x10]", overlay.Duplicate},
		"a whole number with a point": {"enum: [1]", "$.enum", "update: [1.0]", overlay.Duplicate},
		"numbers too large for Go":    {"enum: [18446744073709551616]", "$.enum", "update: [18446744073709551617]", map[string]any{"enum": []any{18446744073709551616.0, 18446744073709551617.0}}},
		"a number is not a string":    {"enum: [5]", "$.enum", "update: ['5']", map[string]any{"enum": []any{5.0, "5"}}},
		"null is not a string":        {"enum: [null]", "$.enum", "update: ['null', '']", map[string]any{"enum": []any{nil, "null", ""}}},
		"null in two ways":            {"enum: [null]", "$.enum", "update: [~]", overlay.Duplicate},
		"objects in another order":    {"enum: [{a: 1, b: 2}]", "$.enum", "update: [{b: 2, a: 1}]", overlay.Duplicate},
		"the same twice, new":         {"enum: []", "$.enum", "update: [1, 1]", map[string]any{"enum": []any{1.0, 1.0}}},
		"a key that is a number":      {"200: {a: b}", "$", "update: {'200': {c: d}}", map[string]any{"200": map[string]any{"a": "b", "c": "d"}}},

		"an alias":                      {"a: &a {b: c}\nd: *a", "$.d", "update: {e: f}", overlay.Invalid},
		"what an alias is of":           {"a: &a {b: c}\nd: *a", "$.a", "update: {e: f}", overlay.Invalid},
		"removes an anchor":             {"a: &a {b: c}\nd: *a", "$.a", "remove: true", overlay.Invalid},
		"an anchor, no alias":           {"a: &a {b: c}", "$.a", "update: {b: d}", map[string]any{"a": map[string]any{"b": "d"}}},
		"a merge key":                   {"a: {<<: {b: c}}", "$.a", "update: {b: {d: e}}", overlay.Invalid},
		"a key that is <<":              {"a: {'<<': {b: c}}", "$.a", "update: {b: d}", map[string]any{"a": map[string]any{"<<": map[string]any{"b": "c"}, "b": "d"}}},
		"a key that is a list":          {"? [a]\n: b\nc: d", "$.c", "update: e", overlay.Invalid},
		"keys that JSON has once":       {"a: {0x10: b, 16: c}", "$.a", "update: {d: e}", overlay.Invalid},
		"a key that JSON has as null":   {"a: {~: b}", "$.a", "update: {'null': c}", overlay.Invalid},
		"a key that JSON has as true":   {"a: {True: b}", "$.a", "update: {'true': c}", overlay.Invalid},
		"a key with a fraction":         {"a: {1.0: b}", "$.a", "update: {1: c}", overlay.Invalid},
		"keys of other types":           {"a: {true: b, null: c, -7: d, 2024-01-01: e}", "$.a", "update: {'true': f}", map[string]any{"a": map[string]any{"true": "f", "null": "c", "-7": "d", "2024-01-01": "e"}}},
		"keys that stand twice":         {"a: b\na: c", "$.a", "update: d", overlay.Invalid},
		"copy of itself":                {"a: {b: {}}", "$.a.b", "copy: $.a", map[string]any{"a": map[string]any{"b": map[string]any{"b": map[string]any{}}}}},
		"copy of a scalar":              {"a: '5'\nb: 5", "$.a", "copy: $.b", map[string]any{"a": 5.0, "b": 5.0}},
		"copy of an object into a list": {"a: []\nb: {c: d}", "$.a", "copy: $.b", map[string]any{"a": []any{map[string]any{"c": "d"}}, "b": map[string]any{"c": "d"}}},
		"copy of another kind":          {"a: {}\nb: [1]", "$.a", "copy: $.b", overlay.Invalid},
		"copy of several":               {"a: {}\nb: {c: {}, d: {}}", "$.a", "copy: $.b.*", overlay.Invalid},
		"an empty document":             {"# nothing", "$", "update: {a: b}", overlay.NoMatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := applied(t, test.doc, fmt.Sprintf("target: %q\n    description: why\n    %s", test.target, test.deed))
			if reason, ok := test.want.(overlay.Reason); ok {
				requireReason(t, err, reason)
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("it is read as %v (%v), want %v", got, err, test.want)
			}
		})
	}
}

// TestUpdateIsCopied changes one of two places that one update went to.
func TestUpdateIsCopied(t *testing.T) {
	t.Parallel()
	got, err := applied(t, "a: {}\nb: {}",
		"{target: $.*, description: why, update: {c: {d: [1]}}}",
		"{target: $.a.c, description: why, update: {d: [2], e: f}}")
	if want := (map[string]any{
		"a": map[string]any{"c": map[string]any{"d": []any{1.0, 2.0}, "e": "f"}},
		"b": map[string]any{"c": map[string]any{"d": []any{1.0}}},
	}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
}
