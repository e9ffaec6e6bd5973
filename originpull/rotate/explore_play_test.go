package rotate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// play lets requests through, one at a time, in the order that the path chooses, until all
// runs have ended; then it checks what is left.
func (s *stage) play() error {
	if err := s.check(); err != nil {
		return err
	}
	for steps := 0; ; steps++ {
		if steps > 400 {
			return errors.New("the runs do not end by themselves: 400 steps were made")
		}
		if s.path.Seen(s.state()) {
			return nil
		}
		waiting := s.waiting()
		if len(waiting) == 0 {
			if !slices.ContainsFunc(s.actors, func(a *actor) bool { return !a.ended }) {
				return s.end()
			}
			if err := s.advance(); err != nil {
				return err
			}
			continue
		}
		if err := s.choose(waiting); err != nil {
			return err
		}
	}
}

// waiting returns the runs with a request at the gate, the one that has sent the last request
// first.
func (s *stage) waiting() (waiting []*actor) {
	for _, a := range s.actors {
		switch {
		case a.pending == nil || time.Now().Before(a.pending.until):
		case a == s.last:
			waiting = slices.Insert(waiting, 0, a)
		default:
			waiting = append(waiting, a)
		}
	}
	return waiting
}

// choose lets the path choose what happens next: whose request is let through, and how it
// fails, or that all wait until something else changes.
func (s *stage) choose(waiting []*actor) error {
	type choice struct {
		actor   *actor // nil: all wait
		failure failure
		cost    int // preemptions
	}
	var choices []choice
	for i, a := range waiting {
		cost := 0
		if i > 0 && waiting[0] == s.last {
			cost = 1
		}
		if cost > s.budget.preemptions {
			continue
		}
		choices = append(choices, choice{a, failure{}, cost})
		if s.budget.faults == 0 {
			continue
		}
		operation := a.pending.operation()
		for _, f := range s.kinds {
			if f.fault.Hide != "" && s.newestOfRuns().ID == "" {
				continue
			}
			if f.only == "" || slices.Contains(strings.Fields(f.only), operation) {
				choices = append(choices, choice{a, f, cost})
			}
		}
	}
	if _, ok := s.nextChange(); ok && s.budget.preemptions > 0 {
		choices = append(choices, choice{nil, failure{}, 1})
	}
	i := s.path.Choose(len(choices), func(i int) string {
		c := choices[i]
		at := time.Since(began).Round(time.Millisecond).String()
		if c.actor == nil {
			return at + " all wait for what changes by itself"
		}
		return strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", at, c.actor.name, c.actor.pending.operation(), c.failure.name))
	})
	c := choices[i]
	s.budget.preemptions -= c.cost
	if c.actor == nil {
		return s.advance()
	}
	if c.failure.name != "" {
		s.budget.faults--
	}
	if c.failure.held > 0 {
		c.actor.pending.until = time.Now().Add(c.failure.held)
		s.harmed = true
		return nil
	}
	return s.release(c.actor, c.failure)
}

// newestOfRuns returns the last certificate that was uploaded since the runs began, whose ID is
// empty if there is none. A list may omit it. If lists omit what was there before, no run can know.
func (s *stage) newestOfRuns() (newest originpulltest.Certificate) {
	for _, c := range s.sim.Certificates(s.zoneID) {
		if !going(c) && !c.UploadedOn.Before(s.runsBegan) && (newest.ID == "" || newer(c, newest)) {
			newest = c
		}
	}
	return newest
}

// began is when every bubble begins.
var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// nextChange returns when something changes next by itself: in the zone, or because a pause
// ends.
func (s *stage) nextChange() (next time.Time, ok bool) {
	s.mu.Lock() // what was read up to here, the runs may write when time passes
	defer s.mu.Unlock()
	next, ok = s.sim.NextChange(s.zoneID)
	for _, a := range s.actors {
		if !a.wake.IsZero() && (!ok || a.wake.Before(next)) {
			next, ok = a.wake, true
		}
		if g := a.pending; g != nil && time.Now().Before(g.until) && (!ok || g.until.Before(next)) {
			next, ok = g.until, true
		}
	}
	return next, ok
}

// advance lets time pass until something changes by itself.
func (s *stage) advance() error {
	next, ok := s.nextChange()
	if !ok {
		return errors.New("nothing changes any more, and a run has not ended")
	}
	time.Sleep(time.Until(next))
	synctest.Wait()
	return s.check()
}

// settle lets time pass until nothing changes by itself in the zone.
func (s *stage) settle() error {
	for {
		next, ok := s.sim.NextChange(s.zoneID)
		if !ok {
			return nil
		}
		time.Sleep(time.Until(next))
		if err := s.check(); err != nil {
			return err
		}
	}
}
