package rotate_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/explore"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

var (
	exploreAll    = flag.Bool("explore.all", false, "explore all configurations, which takes minutes")
	exploreReplay = flag.String("explore.replay", "", "run this schedule of the configuration that -run selects")
)

// exploredPairs are the key pairs of all explorations, valid at the time of the bubbles and now.
var exploredPairs = sync.OnceValue(func() (pairs [4]originpull.KeyPair) {
	for i := range pairs {
		pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil, originpulltest.Valid(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC))))
		if err != nil {
			panic(err)
		}
		pairs[i] = pair
	}
	return pairs
})

// The starts: what the zone has when the runs begin.

func startEmpty(*stage) {}

func startOld(s *stage) { s.add("the old certificate", exploredPairs()[0]) }

func enabled(start func(*stage)) func(*stage) {
	return func(s *stage) {
		start(s)
		s.sim.SetEnabled(s.zoneID, true)
	}
}

// add adds a certificate that is trusted, as if it had been deployed a minute ago; with an
// empty name it is foreign.
func (s *stage) add(name string, pair originpull.KeyPair) {
	if _, err := s.sim.AddCertificate(s.zoneID, pair.TLSCertificate()); err != nil {
		panic(err)
	}
	if name != "" {
		s.trusted[pair.Fingerprint()] = name
	}
	time.Sleep(time.Minute)
	synctest.Wait()
}

// configuration is a scenario with a name and the bounds of its exploration.
type configuration struct {
	name string
	scenario
	long bool // only with -explore.all
}

// configurations are what TestExplore explores.
func configurations() (all []configuration) {
	p := exploredPairs()
	old, first, second := p[0], rotate.Desired{Pair: p[1]}, rotate.Desired{Pair: p[2]}
	_ = old
	add := func(name string, long bool, c scenario) {
		if c.kinds == nil {
			c.kinds = failures
		}
		all = append(all, configuration{name, c, long})
	}
	for _, lag := range []time.Duration{0, 25 * time.Second} {
		at := fmt.Sprintf(", list lag %s", lag)
		for faults := range 4 {
			add(fmt.Sprintf("one run, %d failures%s", faults, at), faults > 2, scenario{start: enabled(startOld), runs: []rotate.Desired{first}, lag: lag, faults: faults})
		}
		for preemptions := range 4 {
			add(fmt.Sprintf("two runs, same desire, %d preemptions%s", preemptions, at), preemptions > 2, scenario{start: enabled(startOld), runs: []rotate.Desired{first, first}, lag: lag, preemptions: preemptions})
			add(fmt.Sprintf("two runs, other desires, %d preemptions%s", preemptions, at), preemptions > 2, scenario{start: enabled(startOld), runs: []rotate.Desired{first, second}, lag: lag, preemptions: preemptions})
		}
		add("two runs, same desire, 1 failure, 1 preemption"+at, true, scenario{start: enabled(startOld), runs: []rotate.Desired{first, first}, lag: lag, faults: 1, preemptions: 1})
		add("two runs, other desires, 1 failure, 1 preemption"+at, true, scenario{start: enabled(startOld), runs: []rotate.Desired{first, second}, lag: lag, faults: 1, preemptions: 1})
	}
	return all
}

func TestExplore(t *testing.T) {
	for _, c := range configurations() {
		t.Run(c.name, func(t *testing.T) {
			if c.long && !*exploreAll {
				t.Skip("only with -explore.all")
			}
			run := func(p *explore.Path) error { return c.explored(t, p) }
			if *exploreReplay != "" {
				schedule, err := explore.Parse(*exploreReplay)
				if err != nil {
					t.Fatal(err)
				}
				t.Fatal(explore.Replay(schedule, run))
			}
			begin := time.Now()
			report, err := explore.All(1_000_000, true, run)
			t.Logf("%d schedules, %d states, %s", report.Schedules, report.States, time.Since(begin).Round(time.Millisecond))
			if err != nil {
				t.Error(err)
			}
		})
	}
}
