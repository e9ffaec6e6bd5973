package propose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// A correction holds wherever a place that it names lacks what it says, though
// upstream says it by itself in others, and is obsolete only where none does.
func TestCorrectionIsJudgedAtEachTarget(t *testing.T) {
	t.Parallel()
	const corrections = `overlay: 1.1.0
info: {title: A token authorises, version: 1.0.0}
actions:
  - target: $.paths.*.*.security
    description: Let the token authorise every operation.
    update:
      - http-bearer: []
`
	ours := ourTree(t)
	operations := []string{}
	for path := range drifttest.Dig(ours, "paths") {
		for _, method := range graph.Methods {
			if drifttest.Dig(ours, "paths", path)[method] != nil {
				operations = append(operations, method+" "+path)
			}
		}
	}
	if len(operations) < 2 {
		t.Fatalf("our document has the operations %v", operations)
	}
	for name, test := range map[string]struct {
		correct int // how many operations upstream corrects by itself
		kinds   string
	}{
		"none": {0, ""},
		"one":  {1, ""},
		"all":  {len(operations), "correction-obsolete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := ourHouse(t, ours)
			c.Corrections = "corrections"
			if err := os.Mkdir(c.Path(c.Corrections), 0o700); err != nil {
				t.Fatal(err)
			}
			drifttest.WriteFile(t, filepath.Join(c.Path(c.Corrections), "010-credentials.yaml"), corrections)
			theirs := drifttest.Clone(ours)
			all := theirs["security"].([]any)
			theirs["security"] = all[1:] // no token
			for _, operation := range operations[:test.correct] {
				method, path, _ := strings.Cut(operation, " ")
				drifttest.Op(theirs, path, method)["security"] = all
			}
			if test.correct == 0 { // the slice is to name it all the same
				drifttest.Dig(theirs, "paths")["/zones/other"] = drifttest.Tree{"get": drifttest.Tree{"security": all[:1], "responses": drifttest.Tree{"200": drifttest.Tree{"description": ""}}}}
				c.Ignored = []string{"GET /zones/other"}
			}
			doc := parseTree(t, theirs)
			r, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, f := range r.Findings {
				kinds = append(kinds, f.Kind)
			}
			if got := strings.Join(kinds, " "); got != test.kinds {
				t.Fatalf("found %q, want %q: %+v", got, test.kinds, r.Findings)
			}
			p := mustPropose(t, c, doc, "all")
			if p.Overlay != nil || len(p.Undecided) > 0 || len(p.Obsolete) > 0 != (test.kinds != "") {
				t.Errorf("followed, our document changes: %s", p.text())
			}
		})
	}
}
