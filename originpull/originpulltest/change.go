package originpulltest

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/server"
)

// carriedOut lets a request take effect when it is due, see start.
func carriedOut(next server.StrictHandlerFunc, _ string) server.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		x := exchangeOf(ctx)
		f := x.start()
		defer x.finish()
		if f != nil {
			return nil, f
		}
		return next(ctx, w, r, request)
	}
}

// start waits until a request is to take effect. Until finish, a change of the zone is
// pending, and an upload or a deletion is refused while another one is. It returns why
// the request must have no effect, nil if it may.
func (x *exchange) start() *failure {
	if x.method != http.MethodGet && !x.enter() {
		return serviceFailure(http.StatusConflict, 0, "another change of this zone is in flight")
	}
	if !x.wait() {
		return errClosed
	}
	return nil
}

// enter makes a change pending, if it may be.
func (x *exchange) enter() bool {
	s := x.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zone(x.zoneID)
	if x.serialised() && slices.ContainsFunc(z.pending, (*exchange).serialised) {
		return false
	}
	x.until = time.Now().Add(x.fault.Delay)
	if x.serialised() {
		x.until = x.until.Add(s.changeDuration)
	}
	z.pending = append(z.pending, x)
	return true
}

// finish ends what start began.
func (x *exchange) finish() {
	if x.until.IsZero() {
		return // it was never pending
	}
	s := x.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zone(x.zoneID)
	z.pending = slices.DeleteFunc(z.pending, func(p *exchange) bool { return p == x })
}

// serialised reports whether the zone admits one such change at a time.
func (x *exchange) serialised() bool {
	return x.route.ID == "UploadCertificate" || x.route.ID == "DeleteCertificate"
}

// wait waits, once, until a pending change takes effect, else for the fault's delay. It
// returns false if the simulator was closed meanwhile: then the request must have no
// effect.
func (x *exchange) wait() bool {
	if x.waited {
		return true
	}
	x.waited = true
	if x.until.IsZero() {
		return x.sim.pause(x.fault.Delay)
	}
	return x.sim.pause(time.Until(x.until))
}

// pause waits for d. It returns false if the simulator was closed meanwhile. The caller
// must not hold mu.
func (s *Simulator) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closed:
		return false
	}
}
