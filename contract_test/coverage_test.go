package contract

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCasesMeetAllThatIsAttainable holds the list of what is attainable against the
// cases, for every set of capabilities.
func TestCasesMeetAllThatIsAttainable(t *testing.T) {
	t.Parallel()
	var sets [][]Capability
	for kind, others := range map[Capability][]Capability{
		Stateful:  {OwnZone, Pending, Lag, Settings, ValidatesTokens, InvalidTokens, RateLimit, makesTokens, injectsFaults},
		Examples:  {HTMLErrors, Anonymous},
		Synthetic: nil,
	} {
		for bits := range 1 << len(others) {
			have := []Capability{kind}
			for i, capability := range others {
				if bits>>i&1 == 1 {
					have = append(have, capability)
				}
			}
			sets = append(sets, have)
		}
	}
	cases := Cases()
	for _, have := range sets {
		listed, met := map[Cell]bool{}, map[Cell]bool{}
		for _, cell := range attainableBy(have) {
			listed[cell] = true
		}
		for _, c := range cases {
			if c.skip(have) == "" {
				for _, cell := range c.cells() {
					met[cell] = true
				}
			}
		}
		if !maps.Equal(listed, met) {
			t.Fatalf("with the capabilities %q\nattainable is %v\nand the cases cover %v", have,
				slices.SortedFunc(maps.Keys(listed), compareCells), slices.SortedFunc(maps.Keys(met), compareCells))
		}
	}
}

// TestLostCaseIsMissed: without a case, the table says what is missing.
func TestLostCaseIsMissed(t *testing.T) {
	t.Parallel()
	r := Report{Target: "t", Results: []Result{
		{Case: "list", Outcome: Passed, cells: []Cell{{"ListCertificates", 200}}, met: []Cell{{"ListCertificates", 200}}},
		{Case: "known", Outcome: KnownFailure, cells: []Cell{{"DeleteCertificate", 200}}},
	}}
	r.cover([]Cell{{"ListCertificates", 200}, {"GetCertificate", 404}, {"DeleteCertificate", 200}})
	if r.unmet() != 1 || len(r.Coverage) != 2 || r.Err() == nil || !strings.Contains(r.Err().Error(), "1 attainable") {
		t.Errorf("have %+v, %v; want GetCertificate 404 missing and DeleteCertificate left out", r.Coverage, r.Err())
	}
}
