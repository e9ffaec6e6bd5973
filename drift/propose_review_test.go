package drift

import (
	"slices"
	"strings"
	"testing"
)

// A reviewer reads one line for a place, however many findings are about it, and
// sees where a value begins and ends.
func TestReviewIsOneLineForAPlace(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	theirs := clone(ours)
	schemas := dig(theirs, "components", "schemas")
	for component, values := range map[string][]any{"CertificateStatus": {"expired", "on hold"}, "ErrorCode": {1440, 1441}} {
		set := dig(schemas, component)
		set[openSet] = append(set[openSet].([]any), values...)
	}
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	if len(p.Open) > 0 || len(p.Adopted) < 4 {
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
