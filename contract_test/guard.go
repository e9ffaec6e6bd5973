package contract

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// What a run on a live zone may cost.
const (
	liveBudget   = 60 // requests in all
	reservedLast = 12 // of these, for leaving the zone as it was found
)

// ErrStopped says that the guard of a live zone lets no more requests through.
var ErrStopped = errors.New("stopped to keep the zone and the account safe")

// errSpent ends the cases, and not what is reserved for leaving the zone as it was.
var errSpent = fmt.Errorf("%w: its %d requests are spent", ErrStopped, liveBudget)

// guard bounds what is sent to a live zone: so many requests, none after the first
// 429, and none with credentials that were refused before.
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
	if err := g.let(who); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x := Exchange{Status: resp.StatusCode, Answer: Part{Header: resp.Header}}
	x.Answer.Body, x.Err = readAnswer(resp)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[who] = g.refused[who] || x.denied()
	if resp.StatusCode == http.StatusTooManyRequests { // which is nobody's answer: no case must be held to it
		resp.Body.Close()
		g.end(fmt.Errorf("%w: the API answered 429", ErrStopped))
		return nil, g.stopped
	}
	return resp, nil
}

// let counts a request, or says why it may not be sent.
func (g *guard) let(who [sha256.Size]byte) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped != nil:
		return g.stopped
	case g.refused[who]:
		return fmt.Errorf("%w: these credentials were refused before", ErrStopped)
	case g.left == 0:
		g.end(errSpent)
		return errSpent
	}
	g.left--
	return nil
}

// end lets nothing through from now on. The caller holds mu.
func (g *guard) end(why error) {
	g.stopped = why
	g.stop(why)
}

// last frees the requests that are reserved for the end. After a 429 there is no
// end: the next run cleans up.
func (g *guard) last() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if errors.Is(g.stopped, errSpent) {
		g.stopped = nil
	}
	g.left += reservedLast
}

// credentialsOf stands for the credentials of a request without holding them.
func credentialsOf(r *http.Request) [sha256.Size]byte {
	return sha256.Sum256([]byte(r.Header.Get("Authorization") + "\x00" + r.Header.Get("X-Auth-Email") + "\x00" + r.Header.Get("X-Auth-Key")))
}
