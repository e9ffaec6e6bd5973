package trial

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestUpstream changes the newest complete version of upstream's own document,
// where it is at hand, as new-field does the stand-in.
func TestUpstream(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK anew")
	}
	published, err := filepath.Abs("../../../shared/upstream/2024-07-31.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(published)
	if err != nil {
		t.Skip("upstream's document is not here")
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	dir := fresh(t)
	if _, status := run(t, dir, "check", published, "--fail-on", "any"); status == 1 {
		t.Skip("our document has followed a newer version since, which is not here")
	}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	certificate := schemas["tls-certificates-and-hostnames_zone-authenticated-origin-pull"].(map[string]any)
	certificate["properties"].(map[string]any)["region"] = map[string]any{"type": "string", "maxLength": 16}
	if text, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "upstream.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	output, status := run(t, dir, "try", file, "-o", "json")
	var r Result
	if err := json.Unmarshal([]byte(output), &r); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s", status, err, output)
	}
	outcome{
		verdict: Additive, version: "minor", done: 7,
		reasons:   []string{"the Go API: originpull.Certificate.Region: added"},
		changelog: "### Added\n\n- `originpull.Certificate.Region` (`string`).\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "spec/openapi.yaml", "spec/upstream.lock"},
	}.check(t, &r)
}
