package try

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// published returns the newest complete version of upstream's own document, where
// it is at hand and our document has not left it behind.
func published(t *testing.T, dir string) map[string]any {
	t.Helper()
	file, err := filepath.Abs("../../../shared/upstream/2024-07-31.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skip("upstream's document is not here")
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if _, status := run(t, dir, "check", file, "--fail-on", "any"); status == 1 {
		t.Skip("our document has followed a newer version since, which is not here")
	}
	return doc
}

// try tries a document, and returns what was found and the exit status.
func try(t *testing.T, dir string, doc map[string]any, args ...string) (*Result, int) {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "upstream.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	output, status := run(t, dir, append([]string{"try", file, "-o", "json"}, args...)...)
	r := new(Result)
	if err := json.Unmarshal([]byte(output), r); err != nil {
		t.Fatalf("status %d, %v: %s", status, err, output)
	}
	return r, status
}

// TestUpstream changes upstream's own document as new-field of fakeupstream does.
func TestUpstream(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK again")
	}
	dir := fresh(t)
	doc := published(t, dir)
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	certificate := schemas["tls-certificates-and-hostnames_zone-authenticated-origin-pull"].(map[string]any)
	certificate["properties"].(map[string]any)["region"] = map[string]any{"type": "string", "maxLength": 16}
	r, status := try(t, dir, doc)
	if status != 0 {
		t.Errorf("drift try ends with %d, want 0", status)
	}
	outcome{
		verdict: Additive, version: "minor", done: 7,
		reasons:   []string{"the Go API: originpull.Certificate.Region: added"},
		changelog: "### Added\n\n- `originpull.Certificate.Region` (`string`).\n",
		files:     []string{"CHANGELOG.md", "gen/api/api.gen.go", "gen/openapi.yaml", "spec/openapi.yaml", "spec/upstream.lock"},
	}.check(t, r)
}

// TestUpstreamOperation gives upstream's own document a copy of an operation that
// it has. It is left to a person, who is shown how to write it.
func TestUpstreamOperation(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK again")
	}
	dir := fresh(t)
	doc := published(t, dir)
	paths := doc["paths"].(map[string]any)
	const path = "/zones/{zone_id}/origin_tls_client_auth"
	paths[path+"/other"] = map[string]any{"get": paths[path].(map[string]any)["get"]}

	r, status := try(t, dir, doc, "--follow", "all")
	if status != 1 {
		t.Errorf("drift try ends with %d, want 1", status)
	}
	outcome{
		verdict: Additive, version: "minor", undecided: true, done: 2,
		reasons:   []string{"Write it into our document by hand (drift slice prints theirs)"},
		changelog: "### Added\n\n- Operation added: `GET " + path + "/other`.\n",
	}.check(t, r)
}
