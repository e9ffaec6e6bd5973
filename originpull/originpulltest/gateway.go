package originpulltest

import (
	"bytes"
	"cmp"
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

// exchange is one request and what the simulator does with it.
type exchange struct {
	sim *Simulator
	match
	number int
	body   []byte
	fault  Fault
	waited bool
	until  time.Time // when a pending change takes effect
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// serve handles every request. It routes and records the request, asks the rule for a
// fault, passes the request to the gateway and the service, and sends the response as the
// fault says.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	x := s.begin(r)
	response := newReply()
	if x.fault.Reject {
		gatewayFailure(http.StatusInternalServerError, 0, "internal error").write(response)
	} else {
		s.pass(response, r, x)
	}
	x.wait()
	if x.fault.Response != nil {
		x.fault.Response.replace(response)
	}
	s.recordResponse(x, response)
	s.send(w, response, x.fault)
}

// begin numbers, routes and records a request and asks the rule for its fault.
func (s *Simulator) begin(r *http.Request) *exchange {
	x := &exchange{sim: s, match: s.find(r)}
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
	s.logRequest(x, r)
	if x.fault = settle(rule, request); x.fault != (Fault{}) {
		s.recordFault(x, request.Operation)
	}
	return x
}

// pass passes a request to the gateway and, unless that refuses it, to the service.
func (s *Simulator) pass(response *reply, r *http.Request, x *exchange) {
	var tooLarge bool
	x.body, tooLarge = readBody(r)
	s.mu.Lock()
	now := time.Now()
	refusal := s.check(r, x.match, now)
	s.limitHeaders(response.header, refusal, now)
	s.mu.Unlock()
	switch {
	case refusal != nil:
		refusal.write(response)
	case tooLarge:
		serviceFailure(http.StatusRequestEntityTooLarge, 0, "request body is too large").write(response)
	case r.Method != http.MethodGet && r.Method != http.MethodDelete && !json.Valid(x.body):
		errBody.write(response) // the generated server ignores what follows the first value
	case x.route.Operation == listZones:
		s.serveZones(response, r, x)
	case x.route.setting:
		s.serveSetting(response, x)
	default:
		generated().ServeHTTP(response, x.inner(r))
	}
}

// inner returns the request for the generated server: without the base path, and with
// the body that was read already.
func (x *exchange) inner(r *http.Request) *http.Request {
	inner := r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	inner.URL = &url.URL{Path: strings.NewReplacer("{zone_id}", x.zoneID, "{certificate_id}", x.certificateID).Replace(x.route.Path)}
	inner.Body = io.NopCloser(bytes.NewReader(x.body))
	return inner
}

// readBody reads a body of up to maxBody bytes. A truncated body is refused later, by the
// service.
func readBody(r *http.Request) (body []byte, tooLarge bool) {
	if r.Body == nil { // in a request that was not made by net/http
		return nil, false
	}
	body, _ = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return body, len(body) > maxBody
}

// check returns why the gateway refuses a request, nil if it does not. The limits come
// first: past them also a request gets HTTP 429 that would be refused for its path. The
// caller holds mu.
func (s *Simulator) check(r *http.Request, m match, now time.Time) *failure {
	if f := s.limitBurst(r.RemoteAddr, now); f != nil {
		return f
	}
	t, denied := s.authenticate(r.Header, now)
	if denied != nil && denied.status == http.StatusTooManyRequests {
		return denied
	}
	if denied == nil { // else it is not known whose request it is
		if f := s.limitUser(now); f != nil {
			return f
		}
	}
	if f := cmp.Or(m.refused, denied); f != nil {
		return f
	}
	if s.strict && m.route.Deprecated {
		return gatewayFailure(http.StatusGone, 0, "this operation is deprecated, and the simulator is strict")
	}
	return s.authorize(t, m)
}
