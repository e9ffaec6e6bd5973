package overlay_test

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/overlay"
)

// What an action looks at or changes is written out; of the rest as much as possible is
// shared, or a large document would be too large.
func TestReach(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, deed, reached, not string }{
		{"$.a.b", "remove: true", "/a", "/a/b /c /a/c"},
		{"$.a.b", "update: {x: {y: 1}}", "/a /a/b /a/b/x /a/b/x/y", "/a/b/z /a/b/x/z /c"},
		{"$.a.b", "update: 5", "/a/b", "/a/b/x"},
		{"$['a/b~c']", "update: 5", "/a~1b~0c", "/a/b~c"},
		{"$.a['b','c']", "update: 5", "/a/b /a/c", "/a/d"},
		{"$.a.*.c", "update: 5", "/a/b /a/0 /a/b/c", "/b/a/c /a/b/d"},
		{"$.a..b", "update: 5", "/a /a/x/y/z /a/b /a/x/b", "/b /x"},
		{"$..b.c", "update: 5", "/b/c /x/y/b/c", ""},
		// A list is compared with what is appended, to its depth.
		{"$.a", "update: [{b: 1}]", "/a/0 /a/0/b", "/a/b /a/0/b/c"},
		{"$.a", "update: {anyOf: [{b: {c: 1}}]}", "/a/anyOf/1/x/y", "/a/anyOf/1/x/y/z /a/oneOf"},
		{"$.a", "update: {b: 1}", "/a/7 /a/7/b", "/a/7/b/c"},
		// A filter reads as deep as it names members.
		{"$.a[?@.b == 5].c", "remove: true", "/a/x /a/x/b", "/a/x/b/c /b"},
		{"$.a[?@.b.c == 5 && @.d]", "remove: true", "/a/x /a/x/b /a/x/b/c /a/x/d", "/a/x/c /a/x/b/d /a/x/d/b"},
		{"$.a[?match(@['b'], 'x@.y')]", "remove: true", "/a/x/b", "/a/x/c /a/x/b/y"},
		{"$.a[?@.b[?@.c]]", "remove: true", "/a/x/b/y/c", "/b"},
		{"$.a[?@['b','c']]", "remove: true", "/a/x/b /a/x/c", "/b"},
		{"$.a[?@ == 5]", "remove: true", "/a/x", "/a/x/b"},
		{"$.a[?count(@.b.*) > 2]", "remove: true", "/a/x/b/c", "/a/x/b/c/d/e"},
		{"$.a[?@.b == @.c]", "remove: true", "/a/x/b/c/d/e", "/b"},
		{"$.a[?5 == @.b]", "remove: true", "/a/x/b/c/d/e", "/b"},
		{"$.a[?@..b]", "remove: true", "/a/x/b/c/d/e", "/b"},
		{"$.a[?@.b == 'x == @']", "remove: true", "/a/x/b", "/a/x/b/c"},
		{"$.a[?@.b == $.c]", "remove: true", "/a/x /b /c/d", ""},
		{"$.a.b", "copy: $.c", "/a/b/c/d /c /c/d/e", "/d /a/c"},
		{"$.a[", "remove: true", "", "/a /b"},
	} {
		o, err := overlay.Parse("010-test.yaml", []byte(action("target: \""+test.target+"\"", "description: why", test.deed)))
		if err != nil {
			t.Fatal(err)
		}
		reach := overlay.NewReach([]*overlay.Overlay{o})
		for _, pointer := range strings.Fields(test.reached) {
			if _, by := reach.At(pointer); !strings.Contains(by, "010-test.yaml: action 1 (target "+test.target+")") {
				t.Errorf("%s, %s: %s is reached by %q, want the action", test.target, test.deed, pointer, by)
			}
		}
		for _, pointer := range strings.Fields(test.not) {
			if key, _ := reach.At(pointer); key != "" {
				t.Errorf("%s, %s: %s is reached", test.target, test.deed, pointer)
			}
		}
	}
}

// Places have one key exactly if the same is looked at below them: so a schema that
// contains itself can end where it began.
func TestReachComesToTheSame(t *testing.T) {
	t.Parallel()
	o, err := overlay.Parse("010-test.yaml", []byte(action("target: $.a..b", "description: why", "update: {c: 1}")))
	if err != nil {
		t.Fatal(err)
	}
	reach := overlay.NewReach([]*overlay.Overlay{o})
	key := func(pointer string) string { key, _ := reach.At(pointer); return key }
	if key("/a/x") != key("/a/x/y/z") || key("/a/b") != key("/a/x/b") || key("/a/x") == key("/a/b") || key("/a/b/c") == key("/a/x") {
		t.Errorf("keys %q, %q, %q, %q, %q", key("/a/x"), key("/a/x/y/z"), key("/a/b"), key("/a/x/b"), key("/a/b/c"))
	}
}
