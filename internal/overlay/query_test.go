package overlay_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// schemas is what the targets of TestTargets select from.
const schemas = `
A: {title: Foo, min: 5, on: true, off: false, tags: [x], same: [x], empty: {}}
B: {description: no title}
C: {title: 5}
D: {title: null}
E: {title: [Foo], tags: [y, x]}
F: {title: Bar, pattern: 'B.*', bad: '['}
`

// TestTargets requires that a filter selects what RFC 9535 says, also where the document
// lacks what it compares: there a target that removes would otherwise remove everything.
func TestTargets(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]string{
		"match(@.title, 'Foo')":                    "A",
		"!match(@.title, 'Foo')":                   "BCDEF",
		"search(@.title, 'o')":                     "A",
		"!search(@.title, 'o')":                    "BCDEF",
		"!!match(@.title, 'Foo')":                  "refused",
		"!(match(@.title, 'Foo') || @.tags)":       "BCDF",
		"match(@.none, 'x') || @.min == 5":         "A",
		"match(@.none, 'x') && @.title":            "",
		"!match(@.none, 'x') && @.title":           "ACDEF",
		"match(@.none, @.none)":                    "",
		"match(@.title, @.pattern)":                "F",
		"match(@.title, @.bad)":                    "",
		"!match(@.title, @.bad)":                   "ABCDEF",
		"search(@.title, $.F.pattern)":             "F",
		"match(@.title, $.none)":                   "",
		"match(@.title, $.B)":                      "",
		"match(@.title, 'F|Bar')":                  "F",
		"match(@.title, '')":                       "",
		"match(@.title, 'F.o')":                    "A",
		"match(@.title, '[a-zA-Z]+')":              "AF",
		`match(@.title, '\\p{Lu}..')`:              "AF",
		"match(value(@.title), 'Foo')":             "A",
		"match(value(@.*), 'no title')":            "B",
		"match('Foo', @.title)":                    "A",
		"@.tags[?match(@, 'y')]":                   "E",
		"@.tags[?!match(@.none, 'y')]":             "AE",
		"count(@.tags[?search(@, 'y')]) == 1":      "E",
		"match(@.title, '[')":                      "refused",
		"!match(@.title, '[')":                     "refused",
		"search(@.title, '(')":                     "refused",
		"match(@.title, 'a)|(b')":                  "refused",
		"match(@.title, '(?i)foo')":                "refused",
		`search(@.title, '\\d')`:                   "refused",
		`match(@.title, '\\x46oo')`:                "refused",
		`search(@.title, '\\\\x46')`:               "",
		"match(@.title, '[[:alpha:]]+')":           "refused",
		"match(@.title, 5)":                        "refused",
		"match(@.title, null)":                     "refused",
		"match(@.*, 'x')":                          "refused",
		"match(@..title, 'x')":                     "refused",
		"match(@.title)":                           "refused",
		"match(@.title, 'x', 'i')":                 "refused",
		"match(@.title, 'x') == true":              "refused",
		"matches(@.title, 'x')":                    "refused",
		"length(@.title) == 3":                     "AF",
		"length(@.title) == 1":                     "E",
		"length(@.none) == 0":                      "",
		"length(@.none) != 0":                      "ABCDEF",
		"length(@.none) == @.none":                 "ABCDEF",
		"length(@.none) >= 0":                      "",
		"length(@.empty) == 0":                     "A",
		"length(@) == 1":                           "BCD",
		"length(@.title)":                          "refused",
		"length(@.*) == 1":                         "refused",
		"count(@.none) == 0":                       "ABCDEF",
		"count(@.*) > 2":                           "AF",
		"count(@.title.*) == 1":                    "E",
		"count('a') == 1":                          "refused",
		"count(@.*)":                               "refused",
		"value(@.none) == @.other":                 "ABCDEF",
		"value(@.*) == 'no title'":                 "B",
		"value(@..title) == 'Foo'":                 "A",
		"value(@.title)":                           "refused",
		"@.title":                                  "ACDEF",
		"!@.title":                                 "B",
		"@.title == null":                          "D",
		"@.title != null":                          "ABCEF",
		"@.title == 5.0":                           "C",
		"@.title == '5'":                           "",
		"@.none == @.other":                        "ABCDEF",
		"@.none != @.other":                        "",
		"@.none < @.other":                         "",
		"@.title < 6":                              "C",
		"@.title <= 5":                             "C",
		"@.title > 'Bar'":                          "A",
		"@.title >= null":                          "D",
		"4 < @.min":                                "A",
		"4 <= @.min && @.min <= 5 && 'x' > 'a'":    "A",
		"@.on > @.off":                             "refused",
		"@.on >= false":                            "refused",
		"@.none <= @.other":                        "refused",
		"@.tags >= @.same":                         "refused",
		"@['a > 1'] > @.off":                       "refused",
		"count(@.tags[?@.on > @.off]) > 0":         "refused",
		"@.tags == @.same":                         "ABCDF",
		"@.tags == @.empty":                        "BCDF",
		"@.* == 1":                                 "refused",
		"@.title == [5]":                           "refused",
		"@.title =~ /x/":                           "refused",
		"@.title == \"Foo\" && !(@.min == 4 || @)": "",
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(schemas), &doc); err != nil {
				t.Fatal(err)
			}
			got, err := removed(t, &doc, "$[?"+filter+"]")
			var failed *overlay.ActionError
			if errors.As(err, &failed) {
				got = map[overlay.Reason]string{overlay.Invalid: "refused"}[failed.Reason]
			}
			if got != want {
				t.Errorf("it removes %q (%v), want %q", got, err, want)
			}
			if want == "refused" {
				requireError(t, err, "overlay test.yaml: action 1 (target $[?"+filter+"]): it cannot be applied: $[?"+filter+"]")
			}
		})
	}
}

// removed removes a target and returns the letters of the schemas that are gone.
func removed(t *testing.T, doc *yaml.Node, target string) (gone string, err error) {
	t.Helper()
	path, err := yaml.Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	o, err := overlay.Parse("test.yaml", []byte(action("target: "+string(path), "description: why", "remove: true")))
	if err != nil {
		t.Fatal(err)
	}
	err = o.Apply(doc)
	left, _ := value(t, doc).(map[string]any)
	for _, name := range strings.Split("ABCDEF", "") {
		if _, ok := left[name]; !ok {
			gone += name
		}
	}
	return gone, err
}

// TestPaths requires that other selectors select what RFC 9535 says, and that what is no
// part of it is refused.
func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"$.*":               "ABCDEF",
		"$[*]":              "ABCDEF",
		"$['A', 'A']":       "A",
		"$['A', \"B\"]":     "AB",
		`$["\u0041"]`:       "A",
		"$[?@.title, 'A']":  "ACDEF",
		"$.*~":              "refused",
		"$.A~":              "refused",
		"$[?@.title]~":      "refused",
		"$.A ^":             "refused",
		"$.A.parent()":      "refused",
		"$.a-b":             "refused",
		"$.A[(@.length-1)]": "refused",
		"$['A'":             "refused",
		"A":                 "refused",
		" $.A":              "refused",
		"$.A ":              "refused",
		"$['\t']":           "refused",
		"$[?@.tags[0]]":     "position",
		"$[0, ?@.title]":    "position",
		"$[?@.title, -1]":   "position",
		"$[1:]":             "position",
		"$[::-1]":           "position",
		"$[:2, 'A']":        "position",
		"$['[0]', 'A']":     "A",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(schemas), &doc); err != nil {
				t.Fatal(err)
			}
			got, err := removed(t, &doc, path)
			var failed *overlay.ActionError
			if errors.As(err, &failed) {
				got = map[overlay.Reason]string{overlay.Invalid: "refused", overlay.Positional: "position"}[failed.Reason]
			}
			if got != want {
				t.Errorf("it removes %q (%v), want %q", got, err, want)
			}
		})
	}
}

// TestScalarsInFilters requires that a filter compares what a reader of JSON gets.
func TestScalarsInFilters(t *testing.T) {
	t.Parallel()
	doc := "enum: [2024-01-01, '5', 5, 0x10, 1_000, .5, True, ~, !!str 7, !!int '8', yes, 2024-01-01T00:00:00Z]\n"
	for literal, want := range map[string]int{
		"'2024-01-01'": 0, "'5'": 1, "5": 2, "16": 3, "1000": 4, "0.5": 5, "true": 6, "null": 7, "'7'": 8, "8": 9, "'yes'": 10, "'2024-01-01T00:00:00Z'": 11,
	} {
		var tree yaml.Node
		if err := yaml.Unmarshal([]byte(doc), &tree); err != nil {
			t.Fatal(err)
		}
		list := tree.Content[0].Content[1]
		gone := list.Content[want]
		o, err := overlay.Parse("test.yaml", []byte(action("target: $.enum[?@ == "+literal+"]", "description: why", "remove: true")))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(&tree); err != nil {
			t.Errorf("%s: %v", literal, err)
			continue
		}
		if len(list.Content) != 11 || slices.Contains(list.Content, gone) {
			t.Errorf("%s: %d values are left of 12, and %s is one of them: %v", literal, len(list.Content), gone.Value, slices.Contains(list.Content, gone))
		}
	}
}
