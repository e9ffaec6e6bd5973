package overlay_test

import (
	"reflect"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// TestParseRefuses goes through what makes a file no overlay. Each error names
// the file, and where an action is at fault the action and its target.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	second := head + "  - {target: $.info, description: why, update: {a: b}}\n"
	tests := map[string]struct {
		file  string
		wants []string
	}{
		"empty file":         {"", []string{"the file is empty"}},
		"only a comment":     {"# nothing\n", []string{"the file is empty"}},
		"not YAML":           {"overlay: [", []string{"yaml:"}},
		"a list":             {"- overlay: 1.1.0\n", []string{"want an object"}},
		"a word":             {"overlay\n", []string{"want an object"}},
		"two documents":      {second + "---\n" + second, []string{"more than one document"}},
		"junk after the end": {second + "---\n[", []string{"more than one document"}},
		"an alias": {
			"x-reason: &r why\n" + head + "  - {target: $.info, description: *r, update: {a: b}}\n",
			[]string{"line 5", "alias *r"},
		},
		"actions by alias": {
			"x-actions: &a [{target: $.info, updat: {a: b}}]\noverlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: *a\n",
			[]string{"alias *a"},
		},

		"no version":           {"info: {title: T, version: '1'}\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"version"}},
		"version 1.0.0":        {"overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"version 1.0.0: use 1.1.0"}},
		"version 9.0.0":        {"overlay: 9.0.0\ninfo: {title: T, version: '1'}\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"version"}},
		"legacy JSONPath":      {"x-speakeasy-jsonpath: legacy\n" + second, []string{"RFC 9535"}},
		"no title":             {"overlay: 1.1.0\ninfo: {version: '1'}\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"title"}},
		"unknown key":          {"acton: []\n" + second, []string{"the overlay", `unknown key "acton"`}},
		"unknown key in info":  {"overlay: 1.1.0\ninfo: {title: T, version: '1', licence: MIT}\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"info", `unknown key "licence"`}},
		"info is a word":       {"overlay: 1.1.0\ninfo: Test\nactions: [{target: $.info, description: why, update: {a: b}}]\n", []string{"info", "want an object"}},
		"key stands twice":     {second + "info: {title: T, version: '1'}\n", []string{`"info" stands twice`}},
		"update's key twice":   {action("target: $.info", "description: why", "update: {a: b, a: c}"), []string{`"a" stands twice`}},
		"no actions":           {"overlay: 1.1.0\ninfo: {title: T, version: '1'}\n", []string{"no actions"}},
		"empty actions":        {"overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: []\n", []string{"no actions"}},
		"actions is an object": {"overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: {target: $.info}\n", []string{"no actions"}},

		"action is a word":       {head + "  - remove\n", []string{"action 1", "want an object"}},
		"unknown key of action":  {second + "  - {target: $.tags, description: why, updat: {a: b}}\n", []string{"action 2", "(target $.tags)", `unknown key "updat"`}},
		"unknown beside update":  {action("target: $.info", "description: why", "update: {a: b}", "merge: true"), []string{"action 1", "(target $.info)", `unknown key "merge"`}},
		"no target":              {action("description: why", "update: {a: b}"), []string{"action 1", "no target"}},
		"empty target":           {action("target: ''", "description: why", "update: {a: b}"), []string{"action 1", "no target"}},
		"no description":         {action("target: $.info", "update: {a: b}"), []string{"action 1", "(target $.info)", "no description"}},
		"blank description":      {action("target: $.info", "description: ' '", "update: {a: b}"), []string{"action 1", "(target $.info)", "no description"}},
		"null update":            {action("target: $.info", "description: why", "update: null"), []string{"action 1", "(target $.info)", "update is null"}},
		"update with no value":   {action("target: $.info", "description: why", "update:"), []string{"action 1", "(target $.info)", "update is null"}},
		"copy with no value":     {action("target: $.info", "description: why", "copy:"), []string{"action 1", "(target $.info)", "its copy is empty"}},
		"empty copy":             {action("target: $.info", "description: why", "copy: ''"), []string{"action 1", "(target $.info)", "its copy is empty"}},
		"null copy":              {action("target: $.info", "description: why", "copy: ~"), []string{"action 1", "(target $.info)", "its copy is empty"}},
		"nothing to do":          {action("target: $.info", "description: why"), []string{"action 1", "(target $.info)", "want one of update, remove and copy, have 0"}},
		"remove and update":      {action("target: $.info", "description: why", "remove: true", "update: {a: b}"), []string{"action 1", "(target $.info)", "have 2: update, remove"}},
		"update and copy":        {action("target: $.info", "description: why", "copy: $.tags", "update: {a: b}"), []string{"action 1", "(target $.info)", "have 2: update, copy"}},
		"remove false":           {action("target: $.info", "description: why", "remove: false"), []string{"action 1", "(target $.info)", `remove is "false"`}},
		"remove is an object":    {action("target: $.info", "description: why", "remove: {a: b}"), []string{"action 1", "(target $.info)", "remove is"}},
		"second action at fault": {second + "  - {target: $.tags, description: why}\n", []string{"action 2", "(target $.tags)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := overlay.Parse("010-test.yaml", []byte(test.file))
			requireError(t, err, append(test.wants, "overlay 010-test.yaml: ")...)
		})
	}
}

func TestParseKeepsActions(t *testing.T) {
	t.Parallel()
	o, err := overlay.Parse("010-test.yaml", []byte("x-note: ours\n"+head+
		"  - {target: $.info, description: why, update: {a: b}}\n"+
		"  - {target: $.tags, description: why not, remove: true, x-note: ours}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []overlay.Action{
		{File: "010-test.yaml", Index: 1, Target: "$.info", Description: "why"},
		{File: "010-test.yaml", Index: 2, Target: "$.tags", Description: "why not"},
	}
	if got := o.Actions(); !reflect.DeepEqual(got, want) {
		t.Errorf("actions %+v, want %+v", got, want)
	}
}

func TestLoadOrdersByName(t *testing.T) {
	t.Parallel()
	file := func(title string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(action("target: $.info", "description: why", "update: {title: "+title+"}"))}
	}
	fsys := fstest.MapFS{
		"o/100-last.yaml":  file("Last"),
		"o/020-next.yaml":  file("Next"),
		"o/010-first.yaml": file("First"),
		"o/README.md":      {Data: []byte("no overlay")},
		"o/sub/000.yaml":   {Data: []byte("no overlay")},
	}
	overlays, err := overlay.Load(fsys, "o")
	if err != nil {
		t.Fatal(err)
	}
	doc := parseDocument(t)
	var files []string
	for _, o := range overlays {
		files = append(files, o.Actions()[0].File)
		if err := o.Apply(doc); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"o/010-first.yaml", "o/020-next.yaml", "o/100-last.yaml"}; !reflect.DeepEqual(files, want) {
		t.Errorf("order %v, want %v", files, want)
	}
	if got := value(t, doc, "info", "title"); got != "Last" {
		t.Errorf("title %v: the overlay with the last number must have the last word", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files fstest.MapFS
		wants []string
	}{
		"no folder":   {fstest.MapFS{}, []string{"overlays o: no file"}},
		"no overlay":  {fstest.MapFS{"o/README.md": {}}, []string{"overlays o: no file"}},
		"bad overlay": {fstest.MapFS{"o/010-bad.yaml": {Data: []byte("[")}}, []string{"overlay o/010-bad.yaml"}},
		"a folder":    {fstest.MapFS{"o/010-sub.yaml/x": {}}, []string{"o/010-sub.yaml"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := overlay.Load(test.files, "o")
			requireError(t, err, test.wants...)
		})
	}
}

// FuzzParse requires that no file makes the parser panic, and that what it
// takes can be applied, or is refused, without a panic and leaves YAML.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "[", "a: &a [*a]", "overlay: 1.1.0", head, document,
		action("target: $.info", "description: why", "update: {a: b}"),
		action("target: $.paths.*.*.tags", "description: why", "remove: true"),
		action("target: $.tags", "description: why", "copy: $.components.schemas.Order.properties.state['x-set']"),
		action("target: $..[?@.type=='string']", "description: why", "update: {maxLength: 1}"),
		action("target: $.components.schemas['Order']", "description: why", "update: {x-a: {b: [1, null]}}"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := overlay.Parse("fuzz.yaml", data)
		if err != nil {
			return
		}
		if len(o.Actions()) == 0 {
			t.Error("an overlay without an action was taken")
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(document), &doc); err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(&doc); err != nil {
			return
		}
		out, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatalf("the document cannot be written any more: %v", err)
		}
		var again yaml.Node
		if err := yaml.Unmarshal(out, &again); err != nil {
			t.Errorf("the document cannot be read any more: %v\n%s", err, out)
		}
	})
}
