// Package explore runs a program through all orders of its choices, depth first. A program
// that asks a [Path] for each choice, and depends on nothing else, is run once for each
// schedule: a list of choices. A schedule that fails is shrunk, printed as numbers, and can be
// replayed.
package explore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Path is one schedule while it is run.
type Path struct {
	replay []int      // the choices that are given
	random *rand.Rand // makes those that are not, nil for the usual ones
	taken  []int
	widths []int
	names  []string
	seen   map[string]bool // states of all schedules so far, nil to cut off nothing
	cut    bool
}

// Choose returns one of n choices, 0 to n-1. The choice 0 should be the usual one: what is not
// given by a replayed schedule is 0. name describes a choice.
func (p *Path) Choose(n int, name func(choice int) string) int {
	choice := 0
	switch i := len(p.taken); {
	case i < len(p.replay):
		choice = min(p.replay[i], n-1)
	case p.random != nil && p.random.IntN(4) == 0:
		choice = p.random.IntN(n)
	}
	p.taken, p.widths = append(p.taken, choice), append(p.widths, n)
	p.names = append(p.names, name(choice))
	return choice
}

// Seen reports whether a schedule has been in this state before, so that everything that can
// follow is explored already. Then the run has to end, without checks.
func (p *Path) Seen(state string) bool {
	if p.seen == nil || len(p.taken) < len(p.replay) {
		return false
	}
	if p.seen[state] {
		p.cut = true
		return true
	}
	p.seen[state] = true
	return false
}

// Cut reports whether Seen has ended the run.
func (p *Path) Cut() bool { return p.cut }

// Schedule returns the choices so far, as [Parse] reads them: numbers, without the zeros at
// the end, but at least one.
func (p *Path) Schedule() string {
	taken := p.taken
	for len(taken) > 1 && taken[len(taken)-1] == 0 {
		taken = taken[:len(taken)-1]
	}
	numbers := make([]string, len(taken))
	for i, choice := range taken {
		numbers[i] = strconv.Itoa(choice)
	}
	return strings.Join(numbers, ",")
}

// Story returns a line for each choice.
func (p *Path) Story() string {
	var b strings.Builder
	for i, name := range p.names {
		fmt.Fprintf(&b, "%4d. %s\n", i+1, name)
	}
	return b.String()
}

// Parse reads a schedule.
func Parse(schedule string) ([]int, error) {
	var choices []int
	for number := range strings.SplitSeq(schedule, ",") {
		choice, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || choice < 0 {
			return nil, fmt.Errorf("schedule %q: want numbers with commas, such as 0,2,0,1", schedule)
		}
		choices = append(choices, choice)
	}
	return choices, nil
}

// Failure is a schedule that failed, the shortest that was found.
type Failure struct {
	Err      error
	Schedule string
	Story    string
	Changes  int // how many choices are not the usual one
}

// Error implements error.
func (f *Failure) Error() string {
	return fmt.Sprintf("%v\nschedule %s:\n%s", f.Err, f.Schedule, f.Story)
}

// Unwrap returns what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

// Report is what an exploration has covered.
type Report struct {
	Schedules int // run, also those that were cut off
	States    int // distinct ones
}

// ErrLimit says that there are more schedules than the limit.
var ErrLimit = errors.New("more schedules than the limit")

// All runs all schedules, at most limit of them, until one fails. With states it cuts a
// schedule off where it comes to a state that was seen.
func All(limit int, states bool, run func(*Path) error) (Report, error) {
	var report Report
	var seen map[string]bool
	if states {
		seen = map[string]bool{}
	}
	for replay := []int(nil); ; {
		if report.Schedules >= limit {
			return report, fmt.Errorf("%w, %d", ErrLimit, limit)
		}
		p := &Path{replay: replay, seen: seen}
		err := run(p)
		report.Schedules, report.States = report.Schedules+1, len(seen)
		if err != nil {
			return report, shrink(p, err, run)
		}
		if replay = p.next(); replay == nil {
			return report, nil
		}
	}
}

// Random runs n schedules whose choices are made at random, until one fails: three of four are
// the usual one, so that some come late. The same seed makes the same choices.
func Random(seed uint64, n int, run func(*Path) error) (Report, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	var report Report
	for range n {
		p := &Path{random: random}
		err := run(p)
		report.Schedules++
		if err != nil {
			return report, shrink(p, err, run)
		}
	}
	return report, nil
}

// next returns the schedule that follows, nil after the last: the last choice that has a
// further one is changed, and what came after it is left open.
func (p *Path) next() []int {
	for i := len(p.taken) - 1; i >= 0; i-- {
		if p.taken[i]+1 < p.widths[i] {
			return append(append([]int(nil), p.taken[:i]...), p.taken[i]+1)
		}
	}
	return nil
}

// Replay runs one schedule.
func Replay(schedule []int, run func(*Path) error) error {
	p := &Path{replay: schedule}
	if err := run(p); err != nil {
		return p.failure(err)
	}
	return nil
}

func (p *Path) failure(err error) *Failure {
	changes := 0
	for _, choice := range p.taken {
		if choice != 0 {
			changes++
		}
	}
	return &Failure{Err: err, Schedule: p.Schedule(), Story: p.Story(), Changes: changes}
}

// shrink makes each choice of a failing schedule the usual one, as far as it still fails.
func shrink(failed *Path, err error, run func(*Path) error) *Failure {
	best := failed.failure(err)
	schedule := append([]int(nil), failed.taken...)
	for i := len(schedule) - 1; i >= 0; i-- {
		if schedule[i] == 0 {
			continue
		}
		was := schedule[i]
		schedule[i] = 0
		p := &Path{replay: schedule}
		if err := run(p); err != nil {
			best = p.failure(err)
			continue
		}
		schedule[i] = was
	}
	return best
}
