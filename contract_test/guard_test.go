package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// limited responds to the n-th request and all later ones with 429, and counts them.
func limited(sim *originpulltest.Simulator, n int, sent *int) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if *sent++; *sent == n {
			sim.SetFaults(originpulltest.Always(refusal(http.StatusTooManyRequests, 971)))
		}
		return sim.Transport().RoundTrip(r)
	})
}

// TestStopsAtFirst429 responds with 429 to the last request of the cases, or to an
// earlier one. No request follows, not even those reserved for cleaning up, and no
// case has failed.
func TestStopsAtFirst429(t *testing.T) {
	t.Parallel()
	options, all := originpulltest.Options{DeployDelay: time.Minute, DeleteDelay: time.Minute}, 0
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, options)
		RunLive(t.Context(), liveOn(sim))
		all = requests(sim)
	})
	// The last requests of a run clean up, and polls are jittered: one more or less.
	for n := min(liveBudget-reservedLast, all-6); n > 0; n -= 5 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, options)
				l, sent := liveOn(sim), 0
				l.Transport = limited(sim, n, &sent)
				r := RunLive(t.Context(), l)
				if !errors.Is(r.Err(), ErrStopped) {
					t.Errorf("want it to stop, have %v", r.Err())
				}
				if sent != n {
					t.Errorf("request %d got 429, and %d were sent", n, sent)
				}
				for _, result := range r.Results {
					if result.Outcome == Failed || len(result.Violations) > 0 {
						t.Errorf("the limit of the API is held against a side: %s: %v", result.Case, result.Violations)
					}
				}
				if !r.Inconclusive() {
					t.Errorf("want a run that says nothing, have %v", r.Err())
				}
			})
		})
	}
}

// TestFailureBefore429 has a case fail before the limit is reached: that is said.
func TestFailureBefore429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		l, sent := liveOn(sim), 0
		l.Transport = fault{response: swap(`"errors":[]`, `"errors":null`)}.altering(limited(sim, 30, &sent))
		r := RunLive(t.Context(), l)
		if r.Inconclusive() || r.Count(Failed) == 0 || r.Count(Inconclusive) == 0 || !errors.Is(r.Err(), ErrStopped) {
			t.Errorf("want failures and a run that was stopped, have %v", r.Err())
		}
	})
}

// TestNeverRepeatsRefusedCredential lets the API refuse the token at once and in
// the middle, by status and by code. No credentials are seen again after that.
func TestNeverRepeatsRefusedCredential(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first int // the first request that is refused
		fault originpulltest.Fault
	}{
		"at once, by status":      {1, refusal(403, 10000)},
		"at once, by code":        {1, refusal(400, 9109)},
		"in the middle, by code":  {12, refusal(400, 6003)},
		"in the middle, by chain": {12, originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 400, Body: `{"success":false,"errors":[{"code":1,"message":"m","error_chain":[{"code":6111,"message":"m"}]}]}`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{})
				l, count := liveOn(sim), 0
				next, seen := l.Transport, 0
				l.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					if r.Header.Get("Authorization") != "Bearer "+sim.Token() {
						return next.RoundTrip(r)
					}
					if count++; count == test.first {
						sim.SetFaults(originpulltest.Always(test.fault))
					}
					if count > test.first {
						seen++
					}
					return next.RoundTrip(r)
				})
				if r := RunLive(t.Context(), l); r.Err() == nil {
					t.Error("the run is good")
				}
				if count < test.first || seen > 0 {
					t.Errorf("the token was sent %d times, %d times after it was refused", count, seen)
				}
			})
		})
	}
}

func refusal(status, code int) originpulltest.Fault {
	body := fmt.Sprintf(`{"success":false,"errors":[{"code":%d,"message":"m"}],"messages":[],"result":null}`, code)
	return originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: status, Body: body}}
}

// TestSpendsNoMore lets certificates take so long that the budget does not do.
func TestSpendsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: 4 * time.Minute, DeleteDelay: 4 * time.Minute})
		r := RunLive(t.Context(), liveOn(sim))
		if !errors.Is(r.Err(), ErrStopped) || requests(sim) > liveBudget {
			t.Errorf("want it to stop within %d requests, have %d, %v", liveBudget, requests(sim), r.Err())
		}
		time.Sleep(10 * time.Minute)
		if _, err := Clean(t.Context(), liveOn(sim)); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Minute)
		requireAsFound(t, sim, 0, false)
	})
}

// TestReportHasLists: programs that read a report find lists, also of a run that could not
// begin and of one without a case.
func TestReportHasLists(t *testing.T) {
	t.Parallel()
	examples, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	examples.Only = func(Case) bool { return false }
	for name, target := range map[string]Target{"no such capability": {Capabilities: []Capability{"none"}}, "no case": examples} {
		text, err := json.Marshal(Run(t.Context(), target))
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{`"results":[]`, `"coverage":[]`} {
			if !strings.Contains(string(text), list) {
				t.Errorf("%s: no %s in %s", name, list, text)
			}
		}
	}
}
