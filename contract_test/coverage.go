package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/gen/api"
)

// Coverage is a row of the coverage table.
type Coverage struct {
	Cell
	Attained bool `json:"attained"` // received in a case that passed
}

// everything returns the ids of all operations but those named.
func everything(but ...string) (ids []string) {
	for _, op := range api.Operations {
		if !slices.Contains(but, op.ID) {
			ids = append(ids, op.ID)
		}
	}
	return ids
}

// attainment is a status with which operations can respond, where a provider has the
// capabilities. The first capability says how it makes the responses.
type attainment struct {
	needs      []Capability
	status     int
	operations []string
}

// attainable lists the responses that a provider can be made to send. The list is not derived from
// the cases, so that a lost case leaves a hole.
func attainable() []attainment {
	return []attainment{
		{[]Capability{Stateful}, 200, everything("SetSettings")},
		{[]Capability{Stateful, Settings}, 200, []string{"SetSettings"}},
		{[]Capability{Stateful}, 400, []string{"ListCertificates", "UploadCertificate", "DeleteCertificate"}},
		{[]Capability{Stateful, ValidatesTokens}, 403, []string{"ListCertificates"}},
		{[]Capability{Stateful, ValidatesTokens, InvalidTokens}, 403, everything()},
		{[]Capability{Stateful, makesTokens}, 403, everything()},
		{[]Capability{Stateful}, 404, []string{"GetCertificate", "DeleteCertificate"}},
		{[]Capability{Stateful, injectsFaults}, 404, []string{"GetSettings"}},
		{[]Capability{Stateful, OwnZone, injectsFaults}, 409, []string{"UploadCertificate", "DeleteCertificate"}},
		{[]Capability{Stateful, RateLimit}, 429, everything()},
		{[]Capability{Stateful, ValidatesTokens, InvalidTokens, OwnZone}, 429, everything()},
		{[]Capability{Stateful, injectsFaults}, 500, everything()},
		{[]Capability{Stateful, injectsFaults}, 502, everything()},
		{[]Capability{Stateful, injectsFaults}, 503, []string{"GetSettings"}},

		{[]Capability{Examples}, 200, everything()},
		{[]Capability{Examples}, 400, []string{"ListCertificates", "UploadCertificate", "DeleteCertificate"}},
		{[]Capability{Examples}, 403, everything()},
		{[]Capability{Examples}, 404, []string{"GetCertificate", "DeleteCertificate"}},
		{[]Capability{Examples}, 409, []string{"UploadCertificate", "DeleteCertificate"}},
		{[]Capability{Examples}, 429, everything()},
		{[]Capability{Examples}, 500, everything()},
		{[]Capability{Examples, HTMLErrors}, 502, everything()},

		{[]Capability{Synthetic}, 200, everything()},
		{[]Capability{Synthetic}, 400, []string{"UploadCertificate"}},
		{[]Capability{Synthetic}, 403, everything()},
		{[]Capability{Synthetic}, 404, []string{"GetCertificate", "DeleteCertificate"}},
	}
}

// attainableBy returns the responses that a provider can be made to send.
func attainableBy(have []Capability) (cells []Cell) {
	kind := Stateful
	for _, other := range []Capability{Synthetic, Examples} { // see Case.missing
		if slices.Contains(have, other) {
			kind = other
		}
	}
	for _, row := range attainable() {
		if row.needs[0] != kind || lacking(row.needs, have) != "" {
			continue
		}
		for _, operation := range row.operations {
			cells = append(cells, Cell{operation, row.status})
		}
	}
	return cells
}

// cover makes the coverage table of what is attainable and of what the finished
// cases cover. It leaves out, and counts, what only known failures and inconclusive cases
// cover.
func (r *Report) cover(attainable []Cell) {
	attained, unfinished := map[Cell]bool{}, map[Cell]bool{}
	for _, cell := range attainable {
		attained[cell] = false
	}
	finished := map[Cell]bool{}
	for _, result := range r.Results {
		for _, cell := range result.cells {
			switch result.Outcome {
			case Passed, Failed:
				finished[cell] = true
				attained[cell] = attained[cell] || result.Outcome == Passed && slices.Contains(result.met, cell)
			case KnownFailure, Inconclusive:
				unfinished[cell] = true
			}
		}
	}
	for _, cell := range slices.SortedFunc(maps.Keys(attained), compareCells) {
		if finished[cell] || !unfinished[cell] {
			r.Coverage = append(r.Coverage, Coverage{cell, attained[cell]})
		} else {
			r.Unfinished++
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

// writeCoverage writes the table operation × status: "+" was received, MISSING is
// attainable and was never received, "." is not attainable here.
func (r Report) writeCoverage(b *strings.Builder) {
	if len(r.Coverage) == 0 && r.Unfinished == 0 {
		return // not looked at: some cases were selected, or it is a replay
	}
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
	fmt.Fprintf(b, "coverage: %d of %d attainable", len(r.Coverage)-r.unmet(), len(r.Coverage))
	if r.Unfinished > 0 {
		fmt.Fprintf(b, "; of %d more nothing is known: only known failures and inconclusive cases are about them", r.Unfinished)
	}
	if len(r.Coverage) == 0 {
		b.WriteString("\n")
		return
	}
	fmt.Fprintf(b, "\n%-20s", "")
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
