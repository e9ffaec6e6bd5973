package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
)

// The exit status says what is left: nothing, a decision, or an error.
func TestProposeStatus(t *testing.T) {
	t.Parallel()
	isbn := "isbn: {type: string, minLength: 10, maxLength: 13}"
	for name, c := range map[string]struct {
		old, new string
		args     []string
		want     int
		says     string
	}{
		"in step":                 {"operationId: listBooks", "operationId: listBooks", nil, 0, "in step: nothing to propose"},
		"additive":                {isbn, isbn + "\n            pages: {type: integer}", nil, 0, "is undocumented upstream (integer)."},
		"editorial":               {"operationId: listBooks", "operationId: books", nil, 0, "ACCEPTED"},
		"breaking":                {isbn, "isbn: {type: integer}", nil, 1, "Is what is sent really of another type now?"},
		"breaking, followed":      {isbn, "isbn: {type: string, minLength: 10, maxLength: 12}", []string{"--follow", "all"}, 0, "ADOPTED"},
		"breaking by our classes": {"enum: [shelved, lent, lost]", "enum: [shelved, lent, lost, repaired]", nil, 1, "our members' screens have a fixed list"},
		"hostile":                 {isbn, "isbn: {type: string, x-go-type: any}", nil, 2, "it instructs a code generator"},
		"elsewhere":               {"library.example/v1", "library.example.net/v1", nil, 2, "another host than ours"},
		"follow what is not":      {isbn, "isbn: {type: integer}", []string{"--follow", "x"}, 2, `no open finding has the id "x"`},
		"another output":          {isbn, isbn, []string{"-o", "markdown"}, 2, "want text or json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			l.edit(c.old, c.new)
			before := l.files()
			out, errs := l.run(c.want, append([]string{"propose", "theirs.yaml"}, c.args...)...)
			if !strings.Contains(out+errs, c.says) {
				t.Errorf("it does not say %q:\n%s%s", c.says, out, errs)
			}
			if l.files() != before {
				t.Error("to propose something changes files")
			}
		})
	}
}

// files returns what stands in the folder but for the upstream document.
func (l *library) files() string {
	l.t.Helper()
	var out strings.Builder
	for _, name := range []string{"ours.yaml", "drift.yaml", "overlays/010-state.yaml"} {
		data, err := os.ReadFile(filepath.Join(l.dir, name))
		if err != nil {
			l.t.Fatal(err)
		}
		out.Write(data)
	}
	_, err := os.Stat(filepath.Join(l.dir, "upstream.lock"))
	if err == nil {
		out.WriteString("a lock")
	}
	return out.String()
}

// Programs get the same as people.
func TestProposeJSON(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.edit("isbn: {type: string, minLength: 10, maxLength: 13}", "isbn: {type: string, minLength: 10, maxLength: 13}\n            pages: {type: integer}")
	out, _ := l.run(0, "propose", "-", "-o", "json")
	var p struct {
		Report  drift.Report
		Adopted []propose.Adopted
		Overlay string
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(p.Adopted) != 2 || p.Adopted[0].Finding.Kind != "request-property-added" || len(p.Adopted[0].Review) != 1 || !strings.Contains(p.Overlay, "pages") || len(p.Report.Fingerprint) != 32 {
		t.Errorf("%s", out)
	}
}
