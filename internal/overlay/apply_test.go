package overlay_test

import (
	"reflect"
	"testing"

	"github.com/originpull/originpull-go/internal/overlay"
)

func apply(t *testing.T, file string) (result any, err error) {
	t.Helper()
	o, err := overlay.Parse("010-test.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	doc := parseDocument(t)
	if err := o.Apply(doc); err != nil {
		return nil, err
	}
	return value(t, doc), nil
}

// TestApplyRefuses goes through what an action can fail to do. Each error names
// the file, the action and its target.
func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target, deed string
		reason       overlay.Reason
	}{
		"no match":                  {"$.components.schemas.Ordr", "update: {type: string}", overlay.NoMatch},
		"no match of a removal":     {"$.paths['/orders'].delete", "remove: true", overlay.NoMatch},
		"no match of a filter":      {"$.components.schemas[?@.type=='array']", "remove: true", overlay.NoMatch},
		"no match for a copy":       {"$.nothing", "copy: $.tags", overlay.NoMatch},
		"bad JSONPath":              {"$.paths[", "remove: true", overlay.Invalid},
		"no JSONPath":               {"paths", "remove: true", overlay.Invalid},
		"bad JSONPath of a copy":    {"$.tags", "copy: $[", overlay.Invalid},
		"update without effect":     {"$.info", "update: {title: Shop}", overlay.NoEffect},
		"empty update":              {"$.info", "update: {}", overlay.NoEffect},
		"removal of everything":     {"$", "remove: true", overlay.NoEffect},
		"copy without effect":       {"$.paths['/orders'].get", "copy: $.paths['/orders'].get", overlay.Duplicate},
		"copy of nothing":           {"$.tags", "copy: $.nothing", overlay.Invalid},
		"copy of several":           {"$.tags", "copy: $.paths['/orders'].*.tags", overlay.Invalid},
		"object onto scalar":        {"$.info.title", "update: {de: Laden}", overlay.Invalid},
		"object onto nested scalar": {"$.info", "update: {title: {de: Laden}}", overlay.Invalid},
		"scalar onto object":        {"$.info", "update: Shop", overlay.Invalid},
		"list onto object":          {"$.info", "update: [Shop]", overlay.Invalid},
		"appends what is there":     {"$.tags", "update: [return]", overlay.Duplicate},
		"appends one, bare":         {"$.tags", "update: sale", overlay.Duplicate},
		"appends below":             {"$.paths['/orders'].get", "update: {tags: [sale]}", overlay.Duplicate},
		"appends to one of several": {"$..tags", "update: [return]", overlay.Duplicate},
		"copies what is there":      {"$.tags", "copy: $.paths['/orders'].get.tags", overlay.Duplicate},
		"position":                  {"$.tags[0]", "update: x", overlay.Positional},
		"position from the end":     {"$.tags[-1]", "update: x", overlay.Positional},
		"positions":                 {"$.tags[0, 1]", "remove: true", overlay.Positional},
		"slice":                     {"$.tags[1:]", "remove: true", overlay.Positional},
		"slice's end":               {"$.tags[:1]", "remove: true", overlay.Positional},
		"position in a filter":      {"$.paths.*[?@.tags[0]=='sale']", "remove: true", overlay.Positional},
		"position of a copy":        {"$.info.title", "copy: $.tags[0]", overlay.Positional},
		"mixed kinds":               {"$.info.*", "update: {a: b}", overlay.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := "  - {target: $.info, description: why, update: {x-first: true}}\n"
			_, err := apply(t, head+good+"  - target: "+test.target+"\n    description: why\n    "+test.deed+"\n")
			requireError(t, err, "overlay 010-test.yaml: ", "action 2 ", "(target "+test.target+")")
			requireReason(t, err, test.reason)
		})
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	list := func(v ...any) []any { return v }
	tests := map[string]struct {
		file string
		path []string
		want any
	}{
		"update adds a key":       {action("target: $.info", "description: why", "update: {x-a: b}"), []string{"info", "x-a"}, "b"},
		"update changes a key":    {action("target: $.info", "description: why", "update: {title: Store}"), []string{"info", "title"}, "Store"},
		"update keeps other keys": {action("target: $.info", "description: why", "update: {x-a: b}"), []string{"info", "title"}, "Shop"},
		"update of a scalar":      {action("target: $.info.title", "description: why", "update: Store"), []string{"info", "title"}, "Store"},
		"update appends":          {action("target: $.tags", "description: why", "update: [gift]"), []string{"tags"}, list("sale", "return", "gift")},
		"update by filter":        {action("target: $.paths['/orders'][?@.operationId=='MakeOrder']", "description: why", "update: {x-a: b}"), []string{"paths", "/orders", "post", "x-a"}, "b"},
		"update of several":       {action("target: $.paths.*.*", "description: why", "update: {x-a: b}"), []string{"paths", "/orders", "get", "x-a"}, "b"},
		"a name with a position":  {head + "  - {target: $, description: why, update: {'x[0]': {a: b}}}\n  - {target: \"$['x[0]']\", description: why, update: {a: c}}\n", []string{"x[0]", "a"}, "c"},
		"remove a key":            {action("target: $.info.version", "description: why", "remove: true"), []string{"info"}, map[string]any{"title": "Shop"}},
		"remove of an element":    {action("target: $.tags[?@=='sale']", "description: why", "remove: true"), []string{"tags"}, list("return")},
		"remove of several":       {action("target: $.paths.*.*.tags", "description: why", "remove: true"), []string{"paths", "/orders", "post"}, map[string]any{"operationId": "MakeOrder"}},
		"copy":                    {action("target: $.tags", "description: why", "copy: $.components.schemas.Order.properties.state['x-set']"), []string{"tags"}, list("sale", "return", "open", "paid")},
		"one action on another":   {head + "  - {target: $.info, description: why, update: {x-a: {}}}\n  - {target: \"$.info['x-a']\", description: why, update: {b: c}}\n", []string{"info", "x-a", "b"}, "c"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := apply(t, test.file)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range test.path {
				got = got.(map[string]any)[key]
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%v: %v, want %v", test.path, got, test.want)
			}
		})
	}
}

// TestCopyLeavesItsSource changes a copy and requires that what it was copied
// from stays.
func TestCopyLeavesItsSource(t *testing.T) {
	t.Parallel()
	got, err := apply(t, head+
		"  - {target: $.info, description: why, update: {x-set: []}}\n"+
		"  - {target: \"$.info['x-set']\", description: why, copy: $.tags}\n"+
		"  - {target: \"$.info['x-set']\", description: why, update: [gift]}\n")
	if err != nil {
		t.Fatal(err)
	}
	if tags := got.(map[string]any)["tags"]; !reflect.DeepEqual(tags, []any{"sale", "return"}) {
		t.Errorf("tags %v: the copy shares its elements with them", tags)
	}
}

// TestApplyMissing adds to several targets what some of them hold already: each
// gets what it lacks, once, and only where none lacks anything it is an error.
func TestApplyMissing(t *testing.T) {
	t.Parallel()
	list := func(v ...any) []any { return v }
	tests := map[string]struct {
		target, deed    string
		tags, get, post []any
		reason          overlay.Reason
	}{
		"all lack it":              {"$..tags", "update: [gift]", list("sale", "return", "gift"), list("sale", "gift"), list("sale", "gift"), ""},
		"one has it":               {"$..tags", "update: [return]", list("sale", "return"), list("sale", "return"), list("sale", "return"), ""},
		"one has it, bare":         {"$..tags", "update: return", list("sale", "return"), list("sale", "return"), list("sale", "return"), ""},
		"all have a part":          {"$..tags", "update: [sale, gift]", list("sale", "return", "gift"), list("sale", "gift"), list("sale", "gift"), ""},
		"all have it":              {"$..tags", "update: [sale]", nil, nil, nil, overlay.Duplicate},
		"below, beside another":    {"$.paths['/orders'].*", "update: {tags: [sale], x-a: b}", list("sale", "return"), list("sale"), list("sale"), ""},
		"below, one in one":        {"$.paths['/orders'].*", "update: {tags: [sale], operationId: ListOrders}", list("sale", "return"), list("sale"), list("sale"), ""},
		"below, nothing is lacked": {"$.paths['/orders'].get", "update: {tags: [sale], operationId: ListOrders}", nil, nil, nil, overlay.Duplicate},
		"a copy":                   {"$.paths['/orders'].*.tags", "copy: $.tags", list("sale", "return"), list("sale", "return"), list("sale", "return"), ""},
		"a copy of what is there":  {"$.tags", "copy: $.paths['/orders'].get.tags", nil, nil, nil, overlay.Duplicate},
		"a copy of several":        {"$.tags", "copy: $.paths['/orders'].*.tags", nil, nil, nil, overlay.Invalid},
		"another kind below":       {"$.paths['/orders'].get", "update: {tags: [sale], operationId: {a: b}}", nil, nil, nil, overlay.Invalid},
		"no effect":                {"$.info", "update: {title: Shop}", nil, nil, nil, overlay.NoEffect},
		"no match":                 {"$.nothing", "update: [sale]", nil, nil, nil, overlay.NoMatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := overlay.Parse("010-test.yaml", []byte(action("target: "+test.target, "description: why", test.deed)))
			if err != nil {
				t.Fatal(err)
			}
			doc := parseDocument(t)
			err = o.ApplyMissing(doc, 0)
			if test.reason != "" {
				requireError(t, err, "overlay 010-test.yaml: action 1 (target "+test.target+")")
				requireReason(t, err, test.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for path, want := range map[string][]any{"": test.tags, "get": test.get, "post": test.post} {
				got := value(t, doc, "tags")
				if path != "" {
					got = value(t, doc, "paths", "/orders", path, "tags")
				}
				if !reflect.DeepEqual(got, any(want)) {
					t.Errorf("%s tags %v, want %v", path, got, want)
				}
			}
		})
	}
}
