package rotate_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
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
	exploreSeed   = flag.Uint64("explore.seed", 0, "the seed of random schedules; 0 is a new one each time with -explore.all")
	exploreReplay = flag.String("explore.replay", "", "run this schedule of the configuration that -run selects")
)

// exploredPairs are the key pairs of all explorations, valid at the time of the bubbles and now,
// in the order of their fingerprints, which decides if two are uploaded at the same time.
var exploredPairs = sync.OnceValue(func() (pairs [4]originpull.KeyPair) {
	for i := range pairs {
		pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil, originpulltest.Valid(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC))))
		if err != nil {
			panic(err)
		}
		pairs[i] = pair
	}
	slices.SortFunc(pairs[:], func(a, b originpull.KeyPair) int { return strings.Compare(a.Fingerprint(), b.Fingerprint()) })
	return pairs
})

// A start is what the zone has when the runs begin.
type start struct {
	name  string
	begin func(*stage)
	older bool // the first desire is there, and older than another one
	hides bool // the list does not show the newest one, if it lags
}

// The pairs: the first is the old one, the second and third are desired, the fourth is foreign.
var starts = []start{
	{"nothing", func(*stage) {}, false, false},
	{"old", func(s *stage) { s.add(0) }, false, false},
	{"old and new", func(s *stage) { s.add(0); s.add(1) }, false, false},
	{"new, then old", func(s *stage) { s.add(1); s.add(0) }, true, false},
	{"new, then old, which is being deployed", func(s *stage) { s.add(1); s.upload(0) }, true, true},
	{"old and new at the same time", func(s *stage) { s.addNow(0); s.addNow(1) }, false, false},
	{"new and foreign at the same time", func(s *stage) { s.addNow(1); s.addNow(3) }, true, false},
	{"old, and new deleted", func(s *stage) { s.add(0); s.add(1); s.delete(1); s.wait(time.Minute) }, false, false},
	{"old, and new being deleted", func(s *stage) { s.add(0); s.add(1); s.delete(1) }, false, false},
	{"old, and new being deleted and not listed", func(s *stage) { s.add(0); s.upload(1); s.wait(11 * time.Second); s.delete(1) }, false, false},
	{"old, then foreign", func(s *stage) { s.add(0); s.add(3) }, false, false},
	{"old and new, then foreign", func(s *stage) { s.add(0); s.add(1); s.add(3) }, true, false},
}

// addNow adds a certificate as if it had been deployed. All but the foreign one are trusted.
func (s *stage) addNow(i int) {
	pair := exploredPairs()[i]
	if _, err := s.sim.AddCertificate(s.zoneID, pair.TLSCertificate()); err != nil {
		panic(err)
	}
}

// add adds a certificate as if it had been deployed a minute ago.
func (s *stage) add(i int) {
	s.addNow(i)
	s.wait(time.Minute)
}

func (s *stage) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// person is a zone that a person changes before the runs begin.
func (s *stage) person() *originpull.Zone {
	client, err := originpull.New(originpull.WithToken(explorerToken), originpull.WithTransport(handlerTransport{s.sim.Handler()}))
	if err != nil {
		panic(err)
	}
	zone, err := client.Zone(s.zoneID)
	if err != nil {
		panic(err)
	}
	return zone
}

func (s *stage) upload(i int) {
	if _, err := s.person().Certificates.Upload(context.Background(), exploredPairs()[i]); err != nil {
		panic(err)
	}
}

func (s *stage) delete(i int) {
	for _, c := range s.sim.Certificates(s.zoneID) {
		if fingerprint(c) == exploredPairs()[i].Fingerprint() {
			if _, err := s.person().Certificates.Delete(context.Background(), c.ID); err != nil {
				panic(err)
			}
		}
	}
}

// configuration is a scenario with a name and the bounds of its exploration.
type configuration struct {
	name string
	scenario
	long    bool     // only with -explore.all
	reaches []string // what the zone has to have been like
}

// configurations are what TestExplore explores.
func configurations() (all []configuration) {
	pairs := exploredPairs()
	first, second := rotate.Desired{Pair: pairs[1]}, rotate.Desired{Pair: pairs[2]}
	old := rotate.Desired{Pair: pairs[0]}
	replacing := func(d rotate.Desired, s rotate.Supersede) rotate.Desired { d.Supersede = s; return d }
	add := func(long bool, c scenario, format string, args ...any) {
		c.kinds = failures
		all = append(all, configuration{name: fmt.Sprintf(format, args...), scenario: c, long: long})
	}
	reaching := func(states ...string) { all[len(all)-1].reaches = states }
	for _, lag := range []time.Duration{0, 25 * time.Second} {
		one := scenario{start: starts[1].begin, enabled: true, runs: []rotate.Desired{first}, lag: lag}
		for one.faults = range 4 {
			add(one.faults > 2, one, "one run, %d failures, lag %s", one.faults, lag)
			reaching("the old certificate is presented", "the certificate of run 1 is presented", "the certificate of run 1 is pending_deployment", "the old certificate is pending_deletion", "the old certificate is deleted")
			if one.faults > 0 {
				all[len(all)-1].reaches = append(all[len(all)-1].reaches, "the certificate of run 1 is deployment_timed_out", "the old certificate is deletion_timed_out")
			}
		}
		for _, start := range starts {
			if start.hides && lag > 0 {
				continue // no run can know of it
			}
			for _, enabled := range []bool{true, false} {
				for _, supersede := range []struct {
					name string
					rotate.Supersede
				}{{"older", rotate.Older()}, {"all", rotate.All()}, {"named", rotate.Named(old.Pair.Fingerprint(), pairs[3].Fingerprint())}} {
					c := scenario{start: start.begin, enabled: enabled, runs: []rotate.Desired{replacing(first, supersede.Supersede)}, lag: lag}
					c.refused = start.older && supersede.name == "older"
					for c.faults = range 3 {
						add(c.faults > 0, c, "%s, enabled %t, %s, %d failures, lag %s", start.name, enabled, supersede.name, c.faults, lag)
						if start.older && !c.refused {
							reaching("the certificate of run 1 is pending_deletion", "the certificate of run 1 is presented")
						}
					}
				}
			}
		}
		for _, two := range []struct {
			what string
			runs []rotate.Desired
		}{
			{"same desire", []rotate.Desired{first, first}},
			{"other desires", []rotate.Desired{first, second}},
			{"back to the old one", []rotate.Desired{first, replacing(old, rotate.All())}},
			{"all", []rotate.Desired{replacing(first, rotate.All()), replacing(second, rotate.All())}},
			{"all, back", []rotate.Desired{replacing(first, rotate.All()), replacing(old, rotate.All())}},
			{"each names the other", []rotate.Desired{replacing(first, rotate.Named(second.Pair.Fingerprint())), replacing(second, rotate.Named(first.Pair.Fingerprint()))}},
		} {
			c := scenario{start: starts[1].begin, enabled: true, runs: two.runs, lag: lag}
			for c.preemptions = range 4 {
				add(c.preemptions > 1, c, "two runs, %s, %d preemptions, lag %s", two.what, c.preemptions, lag)
				reaching("the certificate of run 2 is presented")
			}
			c.preemptions, c.faults = 1, 1
			add(true, c, "two runs, %s, 1 failure, 1 preemption, lag %s", two.what, lag)
			c.preemptions, c.faults = 0, 2
			add(true, c, "two runs, %s, 2 failures, lag %s", two.what, lag)
		}
	}
	proven := first
	proven.Prove = func(context.Context) error { return nil } // replaced, see stage.begin
	for _, enabled := range []bool{true, false} {
		add(false, scenario{start: starts[1].begin, enabled: enabled, runs: []rotate.Desired{proven}, faults: 1}, "old, to be proven, enabled %t, 1 failures", enabled)
	}
	blurred := scenario{start: func(s *stage) { s.add(1); s.add(3) }, blurred: true, runs: []rotate.Desired{{Pair: pairs[1], Enablement: rotate.Leave}}}
	add(false, blurred, "a foreign one whose time of upload cannot be read")
	return all
}

func TestExplore(t *testing.T) {
	for _, c := range configurations() {
		t.Run(c.name, func(t *testing.T) {
			if c.long && !*exploreAll {
				t.Skip("only with -explore.all")
			}
			if testing.Short() && c.faults > 1 {
				t.Skip("the race detector has seen enough with one failure")
			}
			c.explore(t, func(run func(*explore.Path) error) (explore.Report, error) { return explore.All(1_000_000, true, run) })
		})
	}
}

// explore runs the configuration with all schedules that schedules makes.
func (c configuration) explore(t *testing.T, schedules func(run func(*explore.Path) error) (explore.Report, error)) {
	t.Helper()
	run := func(p *explore.Path) error { return c.explored(t, p) }
	if *exploreReplay != "" {
		schedule, err := explore.Parse(*exploreReplay)
		if err != nil {
			t.Fatal(err)
		}
		t.Fatal(explore.Replay(schedule, run))
	}
	begin := time.Now()
	c.reached = map[string]bool{}
	report, err := schedules(run)
	t.Logf("%d schedules, %d states, %s", report.Schedules, report.States, time.Since(begin).Round(time.Millisecond))
	if err != nil {
		t.Error(err)
	}
	for _, state := range c.reaches {
		if !c.reached[state] {
			t.Errorf("no schedule reaches that %s: it explores less than it says", state)
		}
	}
}

// TestExploreRandom explores three runs with five failures, which are too many schedules to run
// all of them.
func TestExploreRandom(t *testing.T) {
	seed, schedules := *exploreSeed, 60
	if testing.Short() {
		schedules = 6
	}
	if *exploreAll {
		schedules = 2000
		if seed == 0 {
			seed = uint64(time.Now().UnixNano())
		}
	}
	pairs := exploredPairs()
	desired := func(i int, s rotate.Supersede) rotate.Desired { return rotate.Desired{Pair: pairs[i], Supersede: s} }
	others := func(i, j int) rotate.Supersede { return rotate.Named(pairs[i].Fingerprint(), pairs[j].Fingerprint()) }
	for _, lag := range []time.Duration{0, 25 * time.Second} {
		for _, three := range []struct {
			what string
			runs []rotate.Desired
		}{
			{"same desire", []rotate.Desired{desired(1, rotate.Older()), desired(1, rotate.Older()), desired(1, rotate.Older())}},
			{"other desires", []rotate.Desired{desired(0, rotate.Older()), desired(1, rotate.Older()), desired(2, rotate.Older())}},
			{"all", []rotate.Desired{desired(0, rotate.All()), desired(1, rotate.All()), desired(2, rotate.All())}},
			{"each names the others", []rotate.Desired{desired(0, others(1, 2)), desired(1, others(0, 2)), desired(2, others(0, 1))}},
		} {
			t.Run(fmt.Sprintf("three runs, %s, 5 failures, lag %s", three.what, lag), func(t *testing.T) {
				t.Logf("-explore.seed %d", seed)
				c := configuration{scenario: scenario{start: starts[1].begin, enabled: true, runs: three.runs, lag: lag, faults: 5, preemptions: 5, kinds: failures}}
				c.explore(t, func(run func(*explore.Path) error) (explore.Report, error) {
					return explore.Random(seed, schedules, run)
				})
			})
		}
	}
}
