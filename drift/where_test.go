package drift

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sharing is a document of operations that share the component License, whose url has a
// type. Each operation is named with its status and what it returns.
func sharing(t testing.TB, kind string, operations ...[3]string) *Document {
	t.Helper()
	var paths []string
	for _, op := range operations {
		paths = append(paths, fmt.Sprintf(`%q:{"get":{"responses":{%q:{"description":"","content":{"application/json":{"schema":%s}}}}}}`, op[0], op[1], op[2]))
	}
	return mustParse(t, fmt.Appendf(nil, `{"openapi":"3.0.3","paths":{%s},"components":{"schemas":{
		"License":{"type":"object","properties":{"url":{"type":%q}}},
		"Repository":{"type":"object","properties":{"license":{"$ref":"#/components/schemas/License"}}},
		"Deep":{"type":"object","properties":{"repository":{"$ref":"#/components/schemas/Repository"},"z":{"$ref":"#/components/schemas/License"}}}}}}`,
		strings.Join(paths, ","), kind))
}

const (
	toLicense    = `{"$ref":"#/components/schemas/License"}`
	toRepository = `{"$ref":"#/components/schemas/Repository"}`
	toDeep       = `{"$ref":"#/components/schemas/Deep"}`
)

// TestPlacesAreThoseOfTheirOperations: whoever looks up a finding in one of the operations
// that are listed beside a place has to find that place there.
func TestPlacesAreThoseOfTheirOperations(t *testing.T) {
	t.Parallel()
	list := func(schema string) string { return `{"type":"array","items":` + schema + `}` }
	tests := map[string]struct {
		operations [][3]string
		want       []string
	}{
		"two statuses": {
			[][3]string{{"/a", "200", toRepository}, {"/b", "202", toRepository}},
			[]string{"response 200 .license.url in GET /a", "response 202 .license.url in GET /b"},
		},
		"at different depths": {
			[][3]string{{"/a", "202", toLicense}, {"/b", "200", toRepository}, {"/c", "200", list(toRepository)}, {"/d", "default", list(list(toLicense))}},
			[]string{"response 200 .license.url in GET /b", "response 200 [].license.url in GET /c", "response 202 .url in GET /a", "response default [][].url in GET /d"},
		},
		"at one place": {
			[][3]string{{"/b", "200", toRepository}, {"/a", "200", toRepository}},
			[]string{"response 200 .license.url in GET /a, GET /b"},
		},
		"in two ways, of which the shorter is shown": {
			[][3]string{{"/a", "200", toDeep}, {"/b", "200", toRepository}},
			[]string{"response 200 .license.url in GET /b", "response 200 .z.url in GET /a"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // in either order
				findings := mustDiff(t, sharing(t, "string", test.operations...), sharing(t, "integer", test.operations...), Scope{})
				if len(findings) != 1 {
					t.Fatalf("one change is %d findings", len(findings))
				}
				var got []string
				for _, w := range findings[0].Where {
					got = append(got, w.Place+" in "+strings.Join(w.Operations, ", "))
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("it is found at\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
				}
				slices.Reverse(test.operations)
			}
		})
	}
}

// TestPlacesBeyondCounting: where it would take too long to look for a place in each
// operation, no operation is listed beside a place that it does not have.
func TestPlacesBeyondCounting(t *testing.T) {
	t.Parallel()
	const many = 11_000
	of := func(kind string) *Document {
		properties := make([]string, many)
		for i := range properties {
			properties[i] = fmt.Sprintf(`"p%d":%s`, i, toLicense)
		}
		return sharing(t, kind, [3]string{"/a", "200", toLicense},
			[3]string{"/b", "202", `{"type":"array","items":{"type":"array","items":{"type":"object","properties":{` + strings.Join(properties, ",") + `}}}}`})
	}
	findings := mustDiff(t, of("string"), of("integer"), Scope{})
	want := []Where{{"elsewhere", []string{"GET /b"}}, {"response 200 .url", []string{"GET /a"}}}
	if len(findings) != 1 || fmt.Sprint(findings[0].Where) != fmt.Sprint(want) {
		t.Errorf("found %v at %v, want one finding at %v", findings[0].ID, findings[0].Where, want)
	}
}
