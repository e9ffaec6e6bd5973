package document

import (
	"strings"
	"testing"
)

// TestJSONValues: the values of a document are those that its text has, with escapes
// and without, of every kind and in every place.
func TestJSONValues(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		`""`, `"plain"`, `"\"\\\u00e9\n"`, `"é plain"`, `null`, `true`, `false`, `1.50`, `[]`, `{}`,
		`[1,"a",["b",{"c":[]}],"\t",{}]`, `{"a\/b":{"\u0041":"\u0042"},"c":"d","":[false]}`,
	} {
		for _, spaced := range []string{value, " " + value + " \n", strings.ReplaceAll(value, ",", " , ")} {
			doc, err := Parse([]byte(`{"openapi":"3.0.3","x-first":"é","x-here":` + spaced + `,"paths":{"/a":{}}}`))
			if err != nil {
				t.Fatal(err)
			}
			n, err := doc.Member("x-here")
			if err != nil {
				t.Fatal(err)
			}
			// The same as YAML, which has another reader.
			want, err := Parse([]byte("openapi: 3.0.3\nx-here: " + strings.ReplaceAll(value, `\/`, "/") + "\npaths: {/a: {}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := want.Member("x-here")
			if err != nil {
				t.Fatal(err)
			}
			if n.Canonical() != m.Canonical() {
				t.Errorf("%s is read as %s, want %s", spaced, n.Canonical(), m.Canonical())
			}
		}
	}
}

// TestManyValues: the nodes of a document have ids in the order of its text, and know
// where they stand, however many there are.
func TestManyValues(t *testing.T) {
	t.Parallel()
	doc, err := Parse([]byte(`{"openapi":"3.0.3","x-list":[` + strings.Repeat("[{}],", 200) + `{"last":1}],"paths":{"/a":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	list, err := doc.Member("x-list")
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(list.Kids); i++ {
		if before := list.Kids[i-1].Kids[0]; list.Kids[i].ID <= before.ID {
			t.Fatalf("%s has id %d, after %s with %d", list.Kids[i].Pointer(), list.Kids[i].ID, before.Pointer(), before.ID)
		}
	}
	if at := list.Kids[200].Get("last").Pointer(); at != "/x-list/200/last" {
		t.Errorf("the last value is at %s, want /x-list/200/last", at)
	}
}
