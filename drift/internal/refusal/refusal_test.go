package refusal

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// of looks at a document with a schema, a server and credentials, for one of ours at
// api.example.com.
func of(t *testing.T, schema, server, scheme string) []string {
	t.Helper()
	return ofOurs(t, anySchema, schema, server, scheme)
}

// ofOurs is of for a schema of ours.
func ofOurs(t *testing.T, ourSchema, schema, server, scheme string) []string {
	t.Helper()
	read := func(schema, server, scheme string) (*document.Document, *graph.Graph) {
		doc, err := document.Parse(fmt.Appendf(nil, `{"openapi":"3.1.0","servers":[%s],"security":[{"key":[]}],"paths":{"/a":{"get":{"responses":{
			"200":{"description":"","content":{"application/json":{"schema":%s}}}}}}},"components":{"securitySchemes":{"key":%s}}}`, server, schema, scheme))
		if err != nil {
			t.Fatal(err)
		}
		g, err := graph.Build(doc, "")
		if err != nil {
			t.Fatal(err)
		}
		return doc, g
	}
	doc, theirs := read(schema, server, scheme)
	_, ours := read(ourSchema, ourServer, ourScheme)
	refused, err := Of(doc, theirs, ours, func(pointer string) string { return pointer })
	if err != nil {
		t.Fatal(err)
	}
	return refused
}

const (
	anySchema = `{}`
	ourServer = `{"url":"https://api.example.com/v4"}`
	ourScheme = `{"type":"apiKey","in":"header","name":"X-Key"}`
)

// Whatever a name, a value or an address could do in generated code is refused, with its
// place; what is harmless is not.
func TestOf(t *testing.T) {
	t.Parallel()
	const at = "/paths/~1a/get/responses/200/content/application~1json/schema"
	for _, test := range []struct {
		name, schema, server, scheme string
		refused                      string // "" for nothing
	}{
		{"nothing odd", `{"type":"object","description":"Ends */ here.","properties":{"per-page 1":{"type":"string","pattern":"^\\d'$","enum":["it's"]}}}`, ourServer, ourScheme, ""},
		{"an instruction", `{"x-go-type":"int"}`, ourServer, ourScheme, at + "/x-go-type: it instructs a code generator"},
		{"a name with a quote", "{\"properties\":{\"a`b\":{}}}", ourServer, ourScheme, at + "/properties/a`b: the name of a property holds a quote"},
		{"a value with a line break", `{"enum":["a\nb"]}`, ourServer, ourScheme, at + ": an enum value holds a control character"},
		{"a value in an object", `{"default":{"a":["*/"]}}`, ourServer, ourScheme, at + ": the default holds the end of a comment"},
		{"a server elsewhere", anySchema, `{"url":"https://api.example.net"}`, ourScheme, "/servers/0: a server of another host than ours"},
		{"the same host, another path", anySchema, `{"url":"https://api.example.com/v5"}`, ourScheme, ""},
		{"a server's description", anySchema, `{"url":"https://api.example.com","description":"a\nb"}`, ourScheme, "/servers/0: the description of a server holds a control character"},
		{"a token from elsewhere", anySchema, ourServer, `{"type":"openIdConnect","openIdConnectUrl":"https://id.example.net"}`, `/components/securitySchemes/key: "openIdConnectUrl" leads to another host than ours`},
		{"a token from our host", anySchema, ourServer, `{"type":"openIdConnect","openIdConnectUrl":"https://api.example.com/id"}`, ""},
	} {
		got := of(t, test.schema, test.server, test.scheme)
		switch {
		case test.refused == "" && len(got) > 0:
			t.Errorf("%s: refused %q, want nothing", test.name, got)
		case test.refused != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, test.refused) }):
			t.Errorf("%s: refused %q, want %q", test.name, got, test.refused)
		}
	}
}

// Each thing is refused once, in an order that does not change.
func TestOfInOrder(t *testing.T) {
	t.Parallel()
	got := of(t, `{"properties":{"b,b":{"type":"string"},"a,a":{"type":"integer"},"x":{"properties":{"a,a":{"type":"boolean"}}}}}`, `{"url":"https://api.example.net"}`, ourScheme)
	if len(got) != 4 || !slices.IsSorted(got) {
		t.Errorf("refused %q, want three names and a server in order", got)
	}
}

// What ours says too is no danger, wherever theirs says it. What only begins alike is, and
// what is something else there; an instruction is, whoever says it.
func TestOfWhatOursSays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 200)
	ours := fmt.Sprintf(`{"properties":{"+1":{"type":"integer"},"DateSent<":{"enum":["\u0007"]},"%[1]s'":{"type":"string","pattern":"%[1]s\u0060"}}}`, long)
	for schema, refused := range map[string]string{
		`{"properties":{"new":{"properties":{"+1":{"type":"string"},"DateSent<":{"type":"array","items":{"enum":["\u0007"]}}}}}}`: "",
		fmt.Sprintf(`{"properties":{"%[1]s'":{"pattern":"%[1]s\u0060"}}}`, long):                                                  "",
		`{"properties":{"-1":{},"DateSent<":{}}}`:                                                                                 "the name of a property has no letter",
		`{"properties":{"DateSent<=":{}}}`:                                                                                        `the name of a property, "DateSent<=", holds more`,
		`{"dependentSchemas":{"DateSent<":{"type":"object"}}}`:                                                                    `the name of a dependent, "DateSent<", holds more`,
		fmt.Sprintf(`{"properties":{"%s\"":{}}}`, long):                                                                           "the name of a property holds a quote",
		fmt.Sprintf(`{"properties":{"a":{"pattern":"%s\u0060x"}}}`, long):                                                         "a pattern holds a quote",
		`{"properties":{"+1":{"default":"\u0007"}}}`:                                                                              "the default holds a control character",
		`{"properties":{"+1":{"x-go-type":"int"}}}`:                                                                               "it instructs a code generator",
	} {
		got := ofOurs(t, ours, schema, ourServer, ourScheme)
		switch {
		case refused == "" && len(got) > 0:
			t.Errorf("%.100s: refused %q, though ours says the same", schema, got)
		case refused != "" && (len(got) != 1 || !strings.Contains(got[0], refused)):
			t.Errorf("%.100s: refused %q, want %q", schema, got, refused)
		}
	}
}
