package drift

import (
	"fmt"
	"strings"
	"testing"
)

// responding is a document of operations, each with the schema that it returns.
func responding(t testing.TB, schemas string, returned ...string) *Document {
	t.Helper()
	paths := make([]string, len(returned))
	for i, schema := range returned {
		paths[i] = fmt.Sprintf(`"/%d":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":%s}}}}}}`, i, schema)
	}
	return mustParse(t, []byte(fmt.Sprintf(`{"openapi":"3.0.3","paths":{%s},"components":{"schemas":{%s}}}`, strings.Join(paths, ","), schemas)))
}

// What was accepted here and there is accepted where it is in both.
func TestAcceptancesAddUp(t *testing.T) {
	t.Parallel()
	object := func(kind string) string {
		return fmt.Sprintf(`{"type":"object","properties":{"x":{"type":%q}}}`, kind)
	}
	of := func(one, other string) *Document { return responding(t, ``, object(one), object(other)) }
	ours := of("string", "string")
	here, there := mustDiff(t, ours, of("integer", "string"), Scope{}), mustDiff(t, ours, of("string", "integer"), Scope{})
	both := mustDiff(t, ours, of("integer", "integer"), Scope{})
	if covered(here, both) || covered(there, both) {
		t.Errorf("one acceptance covers another operation: %s", both[0].Change())
	}
	if !covered(append(here, there...), both) {
		t.Errorf("it was accepted in each operation, and is open in both: %s", both[0].Change())
	}
}

// No one sees what the parameters of a path are called, be the operation new.
func TestAcceptanceOfRenamed(t *testing.T) {
	t.Parallel()
	with := func(name string) *Document {
		return mustParse(t, []byte(fmt.Sprintf(`{"openapi":"3.0.3","paths":{"/0":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{}}}}}}},"/a/{%s}":{"get":{"parameters":[{"in":"path","name":%q,"required":true,"schema":{"type":"string"}}],"responses":{}}}}}`, name, name)))
	}
	none := responding(t, ``, `{}`)
	for what, diff := range map[string]func(*Document) []Finding{
		"new":  func(d *Document) []Finding { return mustDiff(t, none, d, Scope{}) },
		"gone": func(d *Document) []Finding { return mustDiff(t, d, none, Scope{}) },
	} {
		if id, ident := diff(with("id")), diff(with("ident")); !covered(id, ident) {
			t.Errorf("an operation that is %s is another one by the name of its parameter: %s and %s", what, id[0].ID, ident[0].ID)
		}
	}
}

// Two choices of one schema are distinguished by their alternatives, whatever else
// changes in them.
func TestChoicesMeetTheirLike(t *testing.T) {
	t.Parallel()
	schema := func(b, c string) *Document {
		choice := func(one, other, is string) string {
			return fmt.Sprintf(`{"oneOf":[{"type":"object","properties":{%q:{"type":"string"}}},{"type":"object","properties":{%q:%s}}]}`, one, other, is)
		}
		return probed(t, Response, fmt.Sprintf(`{"allOf":[%s,%s]}`, choice("a", "b", b), choice("x", "c", c)))
	}
	ours := schema(`{"type":"string"}`, `{"type":"string"}`)
	for most := 1; most <= 20; most++ {
		findings := mustDiff(t, ours, schema(fmt.Sprintf(`{"type":"string","maxLength":%d}`, most), `{"type":"string","minLength":1}`), Scope{})
		if len(findings) != 2 || findings[0].Class == Breaking {
			t.Fatalf("two limits are %d findings: %s", len(findings), findings[0].Change())
		}
	}
}

// A schema that is reached in more ways than are listed is known by all that the
// two documents say: what is accepted of it is nothing else, and nowhere else.
func TestSitesBeyondCounting(t *testing.T) {
	t.Parallel()
	of := func(p, q string) *Document {
		var ladder []string
		const steps = 13 // each reached from the one before in two ways
		for i := range steps {
			next := fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i+1)
			ladder = append(ladder, fmt.Sprintf(`"L%d":{"type":"object","properties":{"l":%s,"r":%s}}`, i, next, next))
		}
		leaf := func(name, kind string) string {
			return fmt.Sprintf(`{"type":"object","properties":{%q:{"type":"string"},"x":{"type":%q}}}`, name, kind)
		}
		ladder = append(ladder, fmt.Sprintf(`"L%d":{"type":"object","properties":{"p":%s,"q":%s}}`, steps, leaf("u", p), leaf("v", q)))
		return responding(t, strings.Join(ladder, ","), `{"$ref":"#/components/schemas/L0"}`)
	}
	theirs := of("integer", "integer")
	atP, atQ := mustDiff(t, of("string", "integer"), theirs, Scope{}), mustDiff(t, of("integer", "string"), theirs, Scope{})
	if atP[0].found.At[0].Head != "everywhere" {
		t.Fatalf("%d ways are listed, this is not a test of too many", len(atP[0].found.At))
	}
	if !covered(atP, atP) || covered(atP, atQ) {
		t.Errorf("what was accepted at p is open there, or covers q: %s", atQ[0].Change())
	}
}
