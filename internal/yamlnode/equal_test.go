package yamlnode

import (
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"
)

func parsed(t *testing.T, text string) *yaml.Node {
	t.Helper()
	n, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n.Content[0]
}

// TestValue requires that a scalar is what readers of JSON get, such as kin-openapi.
func TestValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		tag   string
		value any
	}{
		"~": {"!!null", nil}, "''": {"!!str", ""}, "null": {"!!null", nil}, "'null'": {"!!str", "null"},
		"TRUE": {"!!bool", true}, "false": {"!!bool", false}, "yes": {"!!str", "yes"}, "!!str true": {"!!str", "true"},
		"5": {"!!int", 5.0}, "-0x10": {"!!int", -16.0}, "0o17": {"!!int", 15.0}, "010": {"!!int", 8.0}, "1_0": {"!!int", 10.0}, "!!int '5'": {"!!int", 5.0},
		"1.5": {"!!float", 1.5}, "1e3": {"!!float", 1000.0}, "-.5": {"!!float", -0.5}, "!!float 5": {"!!float", 5.0}, "1e400": {"!!str", "1e400"},
		".nan": {"!!float", ".nan"}, "!!float 1e99999": {"!!float", "1e99999"}, "!!int x": {"!!int", "x"},
		"2024-01-01": {"!!str", "2024-01-01"}, "2024-01-01 10:00:00": {"!!str", "2024-01-01 10:00:00"}, "!!binary aGk=": {"!!str", "aGk="}, "!mine x": {"!!str", "x"},
		"{a: [1, ~], b: {}}": {"!!map", map[string]any{"a": []any{1.0, nil}, "b": map[string]any{}}}, "[]": {"!!seq", []any{}},
	} {
		n := parsed(t, text)
		if tag, value := Type(n), Value(n); tag != want.tag || !reflect.DeepEqual(value, want.value) {
			t.Errorf("%s is %s %v, want %s %v", text, tag, value, want.tag, want.value)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"a", "'a'", true}, {"a", "|-\n  a", true}, {"a", "b", false},
		{"5", "0x5", true}, {"5", "5.0", true}, {"5", "'5'", false}, {"5", "!!int '5'", true}, {"5", "true", false},
		{"18446744073709551616", "18446744073709551617", false}, {"0.1", "0.10", true}, {"0.1", "0.10000000000000000001", false}, {"!!float 1e99999", "!!float 1e99999", true}, {"!!float 1e99999", "!!float 1e99998", false},
		{".inf", ".inf", true}, {".nan", ".nan", true}, {".inf", "-.inf", false},
		{"true", "True", true}, {"true", "'true'", false}, {"true", "false", false}, {"~", "null", true}, {"~", "''", false}, {"~", "false", false},
		{"2024-01-01", "'2024-01-01'", true}, {"2024-01-01", "2024-01-02", false},
		{"{a: 1, b: 2}", "{b: 2, a: 1}", true}, {"{a: 1}", "{b: 1}", false}, {"{a: 1}", "{a: 1, b: 2}", false}, {"{200: a}", "{'200': a}", true},
		{"[1, 2]", "[2, 1]", false}, {"[1]", "[1, 1]", false}, {"[]", "{}", false}, {"[1]", "1", false},
		{"[&a 1, *a]", "[1, 1]", false},
	} {
		a, b := parsed(t, test.a), parsed(t, test.b)
		if Equal(a, b) != test.want || Equal(b, a) != test.want || !Equal(a, a) {
			t.Errorf("%s and %s: equal is not %v", test.a, test.b, test.want)
		}
	}
}
