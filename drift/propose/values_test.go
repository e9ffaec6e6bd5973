package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// What is written for several values of an enum is described by all of them.
func TestDescriptionNamesAllValues(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	status := drifttest.Dig(theirs, "components", "schemas", "CertificateStatus")
	status[graph.OpenSet] = append(status[graph.OpenSet].([]any), "zeta_one", "zeta_two")
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	var text strings.Builder
	if err := p.Write(&text, "text"); err != nil {
		t.Fatal(err)
	}
	const want = `description: 'enum values added, at response 200 .result.status, response 200 .result[].status: "zeta_one", "zeta_two"'`
	if len(p.Adopted) != 1 || !strings.Contains(text.String(), want) {
		t.Errorf("%d adopted; the overlay does not say %s:\n%s", len(p.Adopted), want, text.String())
	}
}
