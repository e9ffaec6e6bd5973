package originpulltest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	basePath = "/client/v4"
	maxBody  = 1 << 20
)

// exchange is one request on its way through the simulator.
type exchange struct {
	match
	number int
	body   []byte
	fault  Fault
	waited bool
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// wait passes the fault's delay, once. It is false if that was broken off, and
// the request is to have no effect.
func (x *exchange) wait(s *Simulator) bool {
	if x.waited {
		return true
	}
	x.waited = true
	return s.pause(x.fault.Delay)
}

// pause waits, not longer than the simulator is open: if it is closed meanwhile,
// pause is false. It holds no lock.
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

// serve is the way of every request: it is routed and recorded, its fault is
// settled, the gateway lets it through to the service or not, and what has been
// answered is sent as the fault wants.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	x := s.begin(r)
	answer := newReply()
	if x.fault.Reject {
		gatewayFailure(http.StatusInternalServerError, 0, "internal error").write(answer)
	} else {
		s.pass(answer, r, x)
	}
	x.wait(s)
	if x.fault.Response != nil {
		x.fault.Response.replace(answer)
	}
	s.recordAnswer(x, answer)
	s.send(w, answer, x.fault)
}

// begin numbers, routes and records a request and asks the rule for its fault.
func (s *Simulator) begin(r *http.Request) *exchange {
	x := &exchange{match: s.find(r)}
	request := Request{Method: r.Method, Path: x.path, ZoneID: x.zoneID, CertificateID: x.certificateID}
	if x.route != nil {
		request.Operation = x.route.ID
	}
	s.mu.Lock()
	s.requests++
	x.number, request.Number = s.requests, s.requests
	rule := s.rule
	s.record(Event{Kind: RequestEvent, Request: x.number, Method: r.Method, Path: x.path, Operation: request.Operation})
	s.mu.Unlock()
	if x.fault = settle(rule, request); x.fault != (Fault{}) {
		s.recordFault(x, request.Operation)
	}
	return x
}

// pass takes a request through the gateway and, if that has nothing against it,
// to the service.
func (s *Simulator) pass(answer *reply, r *http.Request, x *exchange) {
	var tooLarge bool
	x.body, tooLarge = readBody(r)
	s.mu.Lock()
	now := time.Now()
	refusal := s.check(r, x.match, now)
	s.limitHeaders(answer.header, refusal, now)
	s.mu.Unlock()
	switch {
	case refusal != nil:
		refusal.write(answer)
	case tooLarge:
		serviceFailure(http.StatusRequestEntityTooLarge, 0, "request body is too large").write(answer)
	case r.Method != http.MethodGet && r.Method != http.MethodDelete && !json.Valid(x.body):
		errBody.write(answer) // the generated server does not look behind the first value
	case x.route.setting:
		s.serveSetting(answer, x)
	default:
		s.service.ServeHTTP(answer, x.inner(r))
	}
}

// inner is the request as the generated server gets it: below no base, its body
// read already.
func (x *exchange) inner(r *http.Request) *http.Request {
	inner := r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	inner.URL = &url.URL{Path: strings.NewReplacer("{zone_id}", x.zoneID, "{certificate_id}", x.certificateID).Replace(x.route.Path)}
	inner.Body = io.NopCloser(bytes.NewReader(x.body))
	return inner
}

// readBody reads a body of up to maxBody bytes. One that breaks off is left to
// the service to find wanting.
func readBody(r *http.Request) (body []byte, tooLarge bool) {
	if r.Body == nil { // to a handler that is called by hand
		return nil, false
	}
	body, _ = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return body, len(body) > maxBody
}

// check is what the gateway has against a request, nil for nothing. The caller
// holds mu.
func (s *Simulator) check(r *http.Request, m match, now time.Time) *failure {
	if f := s.limitBurst(r.RemoteAddr, now); f != nil {
		return f
	}
	if m.refused != nil {
		return m.refused
	}
	t, f := s.authenticate(r.Header, now)
	if f != nil {
		return f
	}
	if f := s.limitUser(now); f != nil {
		return f
	}
	if s.strict && m.route.Deprecated {
		return gatewayFailure(http.StatusGone, 0, "this operation is deprecated, and the simulator is strict")
	}
	return s.authorize(t, m)
}
