package drift

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// chance makes schemas of few words, so that many of them look alike.
type chance struct{ *rand.Rand }

func (c chance) one(of ...string) string { return of[c.IntN(len(of))] }

func (c chance) some(n int, f func() any) []any {
	list := make([]any, 1+c.IntN(n))
	for i := range list {
		list[i] = f()
	}
	return list
}

// schema makes a schema that is at most so deep.
func (c chance) schema(depth int) any {
	s := drifttest.Tree{}
	below := func() any { return c.schema(depth - 1) }
	if depth == 0 || c.IntN(4) == 0 {
		if c.IntN(3) == 0 {
			return drifttest.Tree{"$ref": "#/components/schemas/" + c.one("A", "B", "C")}
		}
		s["type"] = c.one("string", "integer")
		if c.IntN(3) == 0 {
			delete(s, "type")
			s["enum"] = c.some(3, func() any { return c.one("x", "y", "z") })
		}
		return s
	}
	switch c.IntN(8) {
	case 0:
		return drifttest.Tree{"type": "array", "items": below(), "contains": below()}
	case 1:
		return drifttest.Tree{c.one("oneOf", "anyOf"): c.some(3, below)}
	case 2:
		return drifttest.Tree{"allOf": c.some(2, below)}
	case 3:
		s["not"] = below()
	case 4:
		s["if"], s["then"], s["else"] = below(), below(), below()
	case 5:
		s["patternProperties"] = drifttest.Tree{"^a": below()}
	case 6:
		s["discriminator"] = drifttest.Tree{"propertyName": "a", "mapping": drifttest.Tree{"x": c.one("A", "B", "C"), "y": c.one("A", "B", "Gone")}}
	}
	s["type"] = "object"
	s["properties"] = drifttest.Tree{c.one("a", "b"): below(), c.one("a", "b", "c"): below()}
	if name := c.one("additionalProperties", "propertyNames", "unevaluatedProperties", "dependentSchemas"); name == "dependentSchemas" {
		s[name] = drifttest.Tree{"a": below()}
	} else {
		s[name] = below()
	}
	return s
}

// changed returns a schema, or what holds some, with other schemas in some places.
func (c chance) changed(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = c.changed(v[i])
		}
	case drifttest.Tree:
		if (v["type"] != nil || v["enum"] != nil || v["oneOf"] != nil) && c.IntN(6) == 0 {
			return c.schema(1)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != "enum" && key != "mapping" {
				v[key] = c.changed(v[key])
			}
		}
	}
	return v
}

// document makes a document of some operations that share schemas.
func (c chance) document(depth int) drifttest.Tree {
	paths := drifttest.Tree{}
	content := func() drifttest.Tree {
		return drifttest.Tree{"application/json": drifttest.Tree{"schema": c.schema(depth)}, "text/x": drifttest.Tree{"schema": c.schema(depth)}}
	}
	for i := range 2 {
		paths[fmt.Sprintf("/%d", i)] = drifttest.Tree{"post": drifttest.Tree{
			"parameters":  []any{drifttest.Tree{"in": "query", "name": c.one("p", "q"), "schema": c.schema(1)}},
			"requestBody": drifttest.Tree{"content": content()},
			"responses":   drifttest.Tree{c.one("200", "201"): drifttest.Tree{"description": "", "content": content()}},
			"callbacks":   drifttest.Tree{"done": drifttest.Tree{"{$url}": drifttest.Tree{"post": drifttest.Tree{"requestBody": drifttest.Tree{"content": content()}, "responses": drifttest.Tree{}}}}},
		}}
	}
	schemas := drifttest.Tree{}
	for _, name := range []string{"A", "B", "C"} {
		schemas[name] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a": c.schema(depth), c.one("b", "c"): c.schema(depth)}}
	}
	return drifttest.Tree{"openapi": "3.1.0", "paths": paths, "components": drifttest.Tree{"schemas": schemas}}
}

// What of a row in each format is an id, or a pointer, which not all formats have.
var ids = map[string]*regexp.Regexp{
	"text":     regexp.MustCompile(`(?m)^    (id|old|new)  .*\n(             of .* alone: .*\n|             and \d+ more values.*\n)*`),
	"markdown": regexp.MustCompile("(?m) \\| `[^`]*` \\|$"),
	"github":   regexp.MustCompile(`(?m) \[[^ ]*\]$`),
}

// TestRowsDiffer: two findings read differently in each format of a report, so that a
// person knows what is to be done about which.
func TestRowsDiffer(t *testing.T) {
	t.Parallel()
	compared, named := 0, 0
	for seed := range uint64(rounds(120)) {
		c := chance{rand.New(rand.NewPCG(seed, 7))}
		depth := 1 + int(seed%2)
		old := c.document(depth)
		new := c.changed(drifttest.Clone(old)).(drifttest.Tree)
		r, err := DiffReport(t.Context(), parseTree(t, old), parseTree(t, new), &Config{})
		if err != nil {
			continue // such as an alternative that leads to itself
		}
		compared += len(r.Findings)
		for format, id := range ids {
			var out strings.Builder
			if err := r.Write(&out, format); err != nil {
				t.Fatal(err)
			}
			separator := "\n"
			if format == "text" {
				separator = "\n\n"
			}
			seen := map[string]bool{}
			for row := range strings.SplitSeq(out.String(), separator) {
				switch row = id.ReplaceAllString(row, ""); {
				case row == "":
				case seen[row]:
					t.Errorf("seed %d: as %s, two rows are\n%s", seed, format, row)
				}
				seen[row] = true
			}
			named += strings.Count(out.String(), " #")
		}
	}
	if !testing.Short() && (compared < 500 || named == 0) {
		t.Errorf("%d findings, %d of which needed a name: this is no test of their rows", compared, named)
	}
}

// TestAlternativesAreNamed: of an alternative one reads the value by which it is known, else
// where the document has it, if another one looks alike.
func TestAlternativesAreNamed(t *testing.T) {
	t.Parallel()
	event := func(name, more string) string {
		return fmt.Sprintf(`%q:{"type":"object","properties":{"actor":{"type":"string"},"commit":{"type":"string"},"event":{"type":"string"},%s:{"type":"string"}}}`, name, more)
	}
	card := func(kind string) string {
		return fmt.Sprintf(`{"type":"object","properties":{"cvc":{"type":"string"},"number":{"type":"string"},"holder":{"type":"string"},"type":{"type":"string","enum":[%q]}}}`, kind)
	}
	const at = "#/paths/~10/get/responses/200/content/application~1json/schema/oneOf/"
	of := func(alternatives ...string) *Document {
		return responding(t, event("Labeled", `"label"`)+","+event("Moved", `"milestone"`), `{"oneOf":[`+strings.Join(alternatives, ",")+`]}`)
	}
	toLabeled, toMoved := `{"$ref":"#/components/schemas/Labeled"}`, `{"$ref":"#/components/schemas/Moved"}`
	other := `{"type":"integer"}`
	for name, test := range map[string]struct {
		old, new *Document
		want     []string
	}{
		"by a value": {of(other, `{"type":"string"}`), of(other, `{"type":"string"}`, card("debit"), card("credit")), []string{
			`response 200 <object{type="credit",cvc,holder}> response-alternative-added:<object{cvc,holder,number}>:b374150b`,
			`response 200 <object{type="debit",cvc,holder}> response-alternative-added:<object{cvc,holder,number}>:266d74ce`}},
		"by a component": {of(other, `{"type":"string"}`), of(other, `{"type":"string"}`, toLabeled, toMoved), []string{
			"response 200 <object{actor,commit,event}> #/components/schemas/Labeled response-alternative-added:<object{actor,commit,event}>:",
			"response 200 <object{actor,commit,event}> #/components/schemas/Moved response-alternative-added:<object{actor,commit,event}>:"}},
		"by a component that is gone": {of(other, `{"type":"string"}`, toLabeled, toMoved), of(other, `{"type":"string"}`), []string{
			"response 200 <object{actor,commit,event}> #/components/schemas/Labeled response-alternative-removed:<object{actor,commit,event}>:",
			"response 200 <object{actor,commit,event}> #/components/schemas/Moved response-alternative-removed:<object{actor,commit,event}>:"}},
		"by its place": {of(other, `{"type":"string"}`), of(other, `{"type":"string"}`, `{"type":"array","items":{"maxLength":1}}`, `{"type":"array","items":{"maxLength":2}}`), []string{
			"response 200 <array> " + at + "2 response-alternative-added:<array>:",
			"response 200 <array> " + at + "3 response-alternative-added:<array>:"}},
		"as it is, if it is alone": {of(other, `{"type":"string"}`), of(other, `{"type":"string"}`, toLabeled), []string{
			"response 200 <object{actor,commit,event}> response-alternative-added:<object{actor,commit,event}>:"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range mustDiff(t, test.old, test.new, Scope{}) {
				got = append(got, f.Where[0].Place+" "+f.ID)
			}
			slices.Sort(got)
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestNamesOfFindings: where the documents have two findings at one place, they are numbered.
func TestNamesOfFindings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		new, old [2][]string
		want     string
	}{
		{[2][]string{{"/a"}, {"/b"}}, [2][]string{{"/c"}, {"/d"}}, "x #/a, x #/b"},
		{[2][]string{{"/a"}, {"/a"}}, [2][]string{{"/c"}, {"/d"}}, "x #/c, x #/d"},
		{[2][]string{{"/a"}, {"/a"}}, [2][]string{{"/c"}, {"/c"}}, "x #1, x #2"},
		{[2][]string{nil, {"/a"}}, [2][]string{nil, nil}, "x #1, x #2"},
	} {
		findings := make([]Finding, 2)
		for i := range findings {
			findings[i] = Finding{Where: []Where{{Place: "x"}}, Old: test.old[i], New: test.new[i]}
		}
		disambiguate(findings)
		if got := findings[0].Where[0].Place + ", " + findings[1].Where[0].Place; got != test.want {
			t.Errorf("findings at %v and %v are at %s, want %s", test.old, test.new, got, test.want)
		}
	}
}
