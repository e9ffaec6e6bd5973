package propose

import (
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// A reviewer reads one line for a place, however many findings are about it, and
// sees where a value begins and ends.
func TestReviewIsOneLineForAPlace(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	schemas := drifttest.Dig(theirs, "components", "schemas")
	for component, values := range map[string][]any{"CertificateStatus": {"expired", "on hold"}, "ErrorCode": {1440, 1441}} {
		set := drifttest.Dig(schemas, component)
		set[graph.OpenSet] = append(set[graph.OpenSet].([]any), values...)
	}
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	if len(p.Undecided) > 0 || len(p.Adopted) != 2 {
		t.Fatal(p.text())
	}
	var review []string
	for _, a := range p.Adopted {
		review = append(review, a.Review...)
	}
	want := []string{
		`$.components.schemas.CertificateStatus: say what "expired" means; say what "on hold" means`,
		`$.components.schemas.ErrorCode: say what 1440 means; say what 1441 means`,
	}
	slices.Sort(review)
	if !slices.Equal(review, want) {
		t.Errorf("the reviewer reads\n%s\nwant\n%s", strings.Join(review, "\n"), strings.Join(want, "\n"))
	}
}
