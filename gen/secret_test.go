package gen_test

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestSecretsDoNotShow requires that what is sent and never returned has a type
// that does not show it, and that what has this type is marked so: by that mark
// "drift propose" knows a secret.
func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	secrets := 0
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			marked, hidden := v["writeOnly"] == true, v["x-go-type"] == "secret.Text"
			if marked || hidden {
				secrets++
			}
			if marked != hidden {
				t.Errorf("%s: writeOnly %v, of a type that does not show it %v; want both or neither", at, marked, hidden)
			}
			for key, kid := range v {
				walk(kid, at+"/"+key)
			}
		case []any:
			for _, kid := range v {
				walk(kid, at+"[]")
			}
		}
	}
	walk(document, "")
	if secrets == 0 {
		t.Error("openapi.yaml holds no secret: there is nothing to check")
	}
}
