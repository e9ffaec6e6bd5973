package contract

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/originpull/originpull-go/gen/api"
)

// The request budget of a run on a live zone.
const reservedLast = 12 // requests that are reserved for cleaning up

// liveBudget is the number of requests in all. It grows with the operations, since each
// has cases of its own.
var liveBudget = 10 * len(api.Operations)

// ErrStopped means that a live run sends no more requests: its budget is spent, the
// API responded with 429, or it refused the credentials.
var ErrStopped = errors.New("stopped to keep the zone and the account safe")

// errBudgetSpent ends the cases. The requests reserved for cleaning up are left.
var errBudgetSpent = fmt.Errorf("%w: its %d requests are spent", ErrStopped, liveBudget)

// guard is a transport that limits what is sent to a live zone: a number of requests,
// none after the first 429, and none with credentials that were refused before.
type guard struct {
	next http.RoundTripper
	stop context.CancelCauseFunc

	mu      sync.Mutex
	left    int
	stopped error
	refused map[[sha256.Size]byte]bool
}

func newGuard(next http.RoundTripper, stop context.CancelCauseFunc) *guard {
	return &guard{next: next, stop: stop, left: liveBudget - reservedLast, refused: map[[sha256.Size]byte]bool{}}
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	who := credentialsOf(r)
	if err := g.allow(who); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x := exchange{Status: resp.StatusCode, Response: part{Header: resp.Header}}
	x.Response.Body, x.Err = readResponse(resp)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[who] = g.refused[who] || x.denied()
	if resp.StatusCode == http.StatusTooManyRequests { // says nothing about a case
		resp.Body.Close()
		g.end(fmt.Errorf("%w: the API responded with 429", ErrStopped))
		return nil, g.stopped
	}
	return resp, nil
}

// allow counts a request, or returns why it may not be sent.
func (g *guard) allow(who [sha256.Size]byte) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped != nil:
		return g.stopped
	case g.refused[who]:
		return fmt.Errorf("%w: these credentials were refused before", ErrStopped)
	case g.left == 0:
		g.end(errBudgetSpent)
		return errBudgetSpent
	}
	g.left--
	return nil
}

// end refuses all requests from now on. The caller holds mu.
func (g *guard) end(why error) {
	g.stopped = why
	g.stop(why)
}

// last releases the requests that are reserved for cleaning up. After a 429 it
// releases none: the next run cleans up.
func (g *guard) last() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if errors.Is(g.stopped, errBudgetSpent) {
		g.stopped = nil
	}
	g.left += reservedLast
}

// credentialsOf returns a hash of the credentials of a request.
func credentialsOf(r *http.Request) [sha256.Size]byte {
	return sha256.Sum256([]byte(r.Header.Get("Authorization") + "\x00" + r.Header.Get("X-Auth-Email") + "\x00" + r.Header.Get("X-Auth-Key")))
}
