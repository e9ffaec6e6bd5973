package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Coverage is a row of the coverage table.
type Coverage struct {
	Cell
	Attained bool // met in a case that passed
}

// The operations of the document.
var (
	everything   = []string{"ListCertificates", "UploadCertificate", "GetCertificate", "DeleteCertificate", "GetSettings", "SetSettings"}
	certificates = everything[:4]
)

// attainable are the answers that a counterpart with the abilities can be made to
// give, of which the first says how it answers. They are listed by themselves, and
// not read off the cases, so that a case that is lost leaves a hole.
var attainable = []struct {
	needs      []Ability
	status     int
	operations []string
}{
	{[]Ability{Memory}, 200, append(slices.Clone(certificates), "GetSettings")},
	{[]Ability{Memory, Enabling}, 200, []string{"SetSettings"}},
	{[]Ability{Memory}, 400, []string{"ListCertificates", "UploadCertificate", "DeleteCertificate"}},
	{[]Ability{Memory, Knows}, 403, []string{"ListCertificates"}},
	{[]Ability{Memory, Knows, Strangers}, 403, everything},
	{[]Ability{Memory, makesTokens}, 403, everything},
	{[]Ability{Memory}, 404, []string{"GetCertificate", "DeleteCertificate"}},
	{[]Ability{Memory, failsAtWill}, 404, []string{"GetSettings"}},
	{[]Ability{Memory, Own, failsAtWill}, 409, []string{"UploadCertificate", "DeleteCertificate"}},
	{[]Ability{Memory, Limit}, 429, everything},
	{[]Ability{Memory, Knows, Strangers, Own}, 429, everything},
	{[]Ability{Memory, failsAtWill}, 500, everything},
	{[]Ability{Memory, failsAtWill}, 502, everything},
	{[]Ability{Memory, failsAtWill}, 503, []string{"GetSettings"}},

	{[]Ability{Examples}, 200, everything},
	{[]Ability{Examples}, 400, []string{"ListCertificates", "UploadCertificate", "DeleteCertificate"}},
	{[]Ability{Examples}, 403, everything},
	{[]Ability{Examples}, 404, []string{"GetCertificate", "DeleteCertificate"}},
	{[]Ability{Examples}, 409, []string{"UploadCertificate", "DeleteCertificate"}},
	{[]Ability{Examples}, 429, everything},
	{[]Ability{Examples}, 500, everything},
	{[]Ability{Examples, Pages}, 502, everything},

	{[]Ability{MadeUp}, 200, everything},
	{[]Ability{MadeUp}, 400, []string{"UploadCertificate"}},
	{[]Ability{MadeUp}, 403, everything},
	{[]Ability{MadeUp}, 404, []string{"GetCertificate", "DeleteCertificate"}},
}

// attainableBy lists what a counterpart can be made to answer.
func attainableBy(can []Ability) (cells []Cell) {
	way := Memory
	for _, other := range []Ability{MadeUp, Examples} { // see Case.missing
		if slices.Contains(can, other) {
			way = other
		}
	}
	for _, row := range attainable {
		if row.needs[0] != way || lacking(row.needs, can) != "" {
			continue
		}
		for _, operation := range row.operations {
			cells = append(cells, Cell{operation, row.status})
		}
	}
	return cells
}

// cover makes the coverage table of what is attainable, and of what the cases that
// were tried are about. Left out is what was to be met only in cases that are known
// to fail or got no answer.
func (r *Report) cover(attainable []Cell) {
	attained, untried := map[Cell]bool{}, map[Cell]bool{}
	for _, cell := range attainable {
		attained[cell] = false
	}
	tried := map[Cell]bool{}
	for _, result := range r.Results {
		for _, cell := range result.cells {
			switch result.Outcome {
			case Passed, Failed:
				tried[cell] = true
				attained[cell] = attained[cell] || result.Outcome == Passed && slices.Contains(result.met, cell)
			case KnownFailure, Untrusted:
				untried[cell] = true
			}
		}
	}
	for _, cell := range slices.SortedFunc(maps.Keys(attained), compareCells) {
		if tried[cell] || !untried[cell] {
			r.Coverage = append(r.Coverage, Coverage{cell, attained[cell]})
		}
	}
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status))
}

func (r Report) unmet() (n int) {
	for _, row := range r.Coverage {
		if !row.Attained {
			n++
		}
	}
	return n
}

// writeCoverage draws the table operation × status: + attained, MISSING attainable
// and never met, and nothing where it cannot be met here.
func (r Report) writeCoverage(b *strings.Builder) {
	var operations []string
	var statuses []int
	table := map[Cell]string{}
	for _, row := range r.Coverage {
		table[row.Cell] = "MISSING"
		if row.Attained {
			table[row.Cell] = "+"
		}
		operations, statuses = append(operations, row.Operation), append(statuses, row.Status)
	}
	slices.Sort(operations)
	slices.Sort(statuses)
	operations, statuses = slices.Compact(operations), slices.Compact(statuses)
	fmt.Fprintf(b, "coverage: %d of %d attainable\n%-20s", len(r.Coverage)-r.unmet(), len(r.Coverage), "")
	for _, status := range statuses {
		fmt.Fprintf(b, "%8d", status)
	}
	for _, operation := range operations {
		fmt.Fprintf(b, "\n%-20s", operation)
		for _, status := range statuses {
			fmt.Fprintf(b, "%8s", cmp.Or(table[Cell{operation, status}], "."))
		}
	}
	b.WriteString("\n")
}
