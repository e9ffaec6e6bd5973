package drift

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// noted returns the text of a report on a document that did not change.
func noted(t *testing.T, text, prefix, format string) string {
	t.Helper()
	r, err := DiffReport(t.Context(), mustParse(t, []byte(text)), mustParse(t, []byte(text)), &Config{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || r.AtLeast("any") {
		t.Fatalf("a note counts as a finding: %+v", r.Findings)
	}
	var out strings.Builder
	if err := r.Write(&out, format); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNotes: a report does not say that nothing differs without saying of what it does not
// know that.
func TestNotes(t *testing.T) {
	t.Parallel()
	schema := func(text string) string { return string(drifttest.WithSchema("3.1.0", text)) }
	const at = "/paths/~1a/get/responses/200/content/application~1json/schema"
	webhook := strings.Replace(drifttest.Small, `"paths"`, `"webhooks":{"w":{"post":{"responses":{}}}},"paths"`, 1)
	for name, test := range map[string]struct{ text, prefix, says string }{
		"a value without a schema": {schema(`{"discriminator":{"propertyName":"k","mapping":{"a":"Gone","b":"#/x-gone"}}}`), "/",
			"discriminator values without a schema in the document, compared as they are written: in both " + at + "/discriminator/mapping/a, " + at + "/discriminator/mapping/b"},
		"a discriminator of no alternative": {schema(`{"discriminator":{"propertyName":"k"}}`), "/a",
			"discriminators that name no alternative: what extends their schemas by allOf is compared only where something refers to it: in both " + at + "/discriminator/propertyName"},
		"a discriminator with alternatives": {schema(`{"discriminator":{"propertyName":"k"},"oneOf":[{"type":"object"},{"type":"string"}]}`), "/", ""},
		"webhooks under a path":             {webhook, "/a", "webhooks, which are under no path: they are compared with the prefix /, or where they are listed: in both /webhooks"},
		"webhooks under all":                {webhook, "/", ""},
		"another dialect": {strings.Replace(drifttest.Small, `"paths"`, `"jsonSchemaDialect":"http://json-schema.org/draft-07/schema#","paths"`, 1), "/",
			"schemas of a dialect that is not read: they are compared as if they were of OpenAPI's own: in both /jsonSchemaDialect"},
		"the dialect of OpenAPI": {strings.Replace(drifttest.Small, `"paths"`, `"jsonSchemaDialect":"https://spec.openapis.org/oas/3.1/dialect/base","paths"`, 1), "/", ""},
		"nothing":                {schema(`{"type":"string"}`), "/a", ""},
	} {
		for format, want := range map[string]string{
			"text": "note         " + test.says + "\n", "markdown": "\nNote: `" + test.says + "`\n", "github": "::notice title=drift%3A note::" + test.says + "\n",
			"json": `"notes": [`,
		} {
			out := noted(t, test.text, test.prefix, format)
			if noted := strings.Contains(out, want); noted != (test.says != "") {
				t.Errorf("%s: as %s it says\n%s\nwant %q in it to be %v", name, format, out, want, test.says != "")
			}
			if counted := strings.Contains(out, "in step: nothing differs; 1 note"); format != "json" && counted != (test.says != "") {
				t.Errorf("%s: as %s its summary is not right: %s", name, format, out)
			}
		}
	}
}

// TestNotesOfCheck: a note on theirs leads into the document, and there is none on what a
// correction has taken out.
func TestNotesOfCheck(t *testing.T) {
	t.Parallel()
	ours := drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
	theirs := drifttest.Clone(ours)
	drifttest.Dig(theirs, "components", "schemas", "CertificateUpload")["discriminator"] = drifttest.Tree{"propertyName": "certificate", "mapping": drifttest.Tree{"x": "Gone"}}
	c := ourHouse(t, ours)
	r := mustCheck(t, c, parseTree(t, theirs))
	if len(r.Notes) != 1 || len(r.Notes[0].Old) > 0 || len(r.Notes[0].New) != 1 {
		t.Fatalf("noted %+v, want one place of theirs", r.Notes)
	}
	if at := r.Notes[0].New[0]; at != "/components/schemas/CertificateUpload/discriminator/mapping/x" {
		t.Errorf("it is noted at %s, want the place in the document", at)
	}
	c.Corrections = "corrections"
	if err := os.Mkdir(c.Path(c.Corrections), 0o700); err != nil {
		t.Fatal(err)
	}
	drifttest.WriteFile(t, filepath.Join(c.Path(c.Corrections), "010.yaml"), "overlay: 1.1.0\ninfo: {title: t, version: 1.0.0}\nactions:\n  - {target: $..danglingMapping, description: why, remove: true}\n  - {target: $..discriminator, description: why, remove: true}\n")
	if r := mustCheck(t, c, parseTree(t, theirs)); len(r.Notes) > 0 {
		t.Errorf("what is corrected is noted: %+v", r.Notes)
	}
}
