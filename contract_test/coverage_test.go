package contract

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCasesMeetAllThatIsAttainable holds the list of what is attainable against the
// cases, for everything that a counterpart may be able to do.
func TestCasesMeetAllThatIsAttainable(t *testing.T) {
	t.Parallel()
	var sets [][]Ability
	for way, others := range map[Ability][]Ability{
		Memory:   {Own, Pending, Lag, Enabling, Knows, Strangers, Limit, makesTokens, failsAtWill},
		Examples: {Pages, Nobody},
		MadeUp:   nil,
	} {
		for bits := range 1 << len(others) {
			can := []Ability{way}
			for i, ability := range others {
				if bits>>i&1 == 1 {
					can = append(can, ability)
				}
			}
			sets = append(sets, can)
		}
	}
	cases := Cases()
	for _, can := range sets {
		listed, met := map[Cell]bool{}, map[Cell]bool{}
		for _, cell := range attainableBy(can) {
			listed[cell] = true
		}
		for _, c := range cases {
			if c.skip(can) == "" {
				for _, cell := range c.cells() {
					met[cell] = true
				}
			}
		}
		if !maps.Equal(listed, met) {
			t.Fatalf("by one that can %q\nlisted as attainable are %v\nand the cases meet %v", can,
				slices.SortedFunc(maps.Keys(listed), compareCells), slices.SortedFunc(maps.Keys(met), compareCells))
		}
	}
}

// TestLostCaseIsMissed: where a case is lost, the table says what is no more met.
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
