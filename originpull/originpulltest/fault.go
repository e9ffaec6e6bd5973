package originpulltest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// Request is what a [Rule] decides on.
type Request struct {
	// Number counts all requests from 1.
	Number int
	// Operation is the operation's name in the document: ListCertificates,
	// UploadCertificate, GetCertificate, DeleteCertificate, GetSettings or
	// SetSettings; GetGlobal, SetGlobal or GetSSLMode for a zone setting; ListZones;
	// empty where nothing is routed.
	Operation     string
	Method        string
	Path          string // below /client/v4, escaped
	ZoneID        string // empty if the path has none
	CertificateID string // empty if the path has none
}

// Rule decides what goes wrong with a request; the zero [Fault] means nothing.
// The simulator calls it once for every request, from several goroutines at once.
// It may call the simulator. If it panics, or returns a fault that is not valid,
// the request has no effect and gets HTTP 500 with a message that says why.
type Rule func(Request) Fault

// Fault is what goes wrong with one request. Its fields combine: a Delay with a
// Response, a Disconnect with a ByteDelay.
type Fault struct {
	// Reject keeps the request from taking effect. The response is Response, or
	// HTTP 500 if that is nil.
	Reject bool
	// Response, if not nil, is sent instead of the simulator's own response.
	// Without Reject the request has taken effect all the same.
	Response *Response
	// Delay is how long the simulator waits before the request takes effect. An
	// upload or a deletion is in flight meanwhile: another one in the same zone
	// gets HTTP 409.
	Delay time.Duration
	// Disconnect says how the connection breaks; empty if it does not.
	Disconnect Disconnect
	// TruncateAt is how many bytes of the body are sent before [Truncate] closes the
	// connection. The last byte is never sent, and Content-Length always announces
	// more bytes than are sent.
	TruncateAt int
	// ByteDelay is how long the simulator waits before each 64 bytes of the body.
	ByteDelay time.Duration
	// TimeOut makes an upload end with status deployment_timed_out, and a deletion
	// with deletion_timed_out.
	TimeOut bool
	// DeployDelay is how long an uploaded certificate is pending_deployment, instead of
	// Options.DeployDelay. So the one uploaded last need not be the one deployed last. 0
	// leaves it as it is, negative means no delay.
	DeployDelay time.Duration
	// Hide makes a list omit one certificate, as if the list lagged: the one with that
	// id, or with [HideLast] the last one.
	Hide string
}

// HideLast as Fault.Hide makes a list omit its last certificate, the newest.
const HideLast = "last"

// Disconnect says how the connection breaks during a response; the zero value is
// not at all.
type Disconnect string

// The ways in which a connection breaks.
const (
	Drop     Disconnect = "drop"     // the connection is closed before the response
	Truncate Disconnect = "truncate" // the connection is closed in the middle of the body, see Fault.TruncateAt
	Reset    Disconnect = "reset"    // the connection is reset before the response
)

// Response is sent instead of the simulator's own response.
type Response struct {
	// Status is an HTTP status from 200 to 999. 0 keeps the simulator's status and
	// body, so that only headers are added.
	Status int
	// Header replaces the simulator's headers of the same names. The Content-Type is
	// application/json unless Header sets another.
	Header http.Header
	// Body is sent as it is. It needs a Status that allows a body.
	Body string
}

// replace puts the response in place of the simulator's own, own.
func (r *Response) replace(own *reply) {
	own.header.Set("Content-Type", "application/json")
	for name, values := range r.Header {
		own.header[http.CanonicalHeaderKey(name)] = values
	}
	if r.Status != 0 {
		own.status = r.Status
		own.body.Reset()
		own.body.WriteString(r.Body)
	}
}

// hide returns a list without what Hide names.
func (f Fault) hide(listed []api.Certificate) []api.Certificate {
	shown := listed[:0]
	for i, c := range listed {
		if f.Hide != c.ID && (f.Hide != HideLast || i < len(listed)-1) {
			shown = append(shown, c)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	return shown
}

// check says what is wrong with a fault.
func (f Fault) check() error {
	switch {
	case f.TruncateAt < 0:
		return fmt.Errorf("its TruncateAt is %d, want 0 or more bytes", f.TruncateAt)
	case f.Delay < 0 || f.ByteDelay < 0:
		return fmt.Errorf("its Delay is %s and its ByteDelay %s, want neither negative", f.Delay, f.ByteDelay)
	case !slices.Contains([]Disconnect{"", Drop, Truncate, Reset}, f.Disconnect):
		return fmt.Errorf("its Disconnect is %q, want %q, %q, %q or none", f.Disconnect, Drop, Truncate, Reset)
	case f.Hide != "" && f.Hide != HideLast && !certificateID.MatchString(f.Hide):
		return fmt.Errorf("its Hide is %q, want the id of a certificate, %q or none", f.Hide, HideLast)
	case f.Response == nil:
		return nil
	case f.Response.Status != 0 && (f.Response.Status < 200 || f.Response.Status > 999):
		return fmt.Errorf("Response.Status is %d, want 200 to 999, or 0 for the simulator's own", f.Response.Status)
	case f.Response.Body != "" && slices.Contains([]int{0, http.StatusNoContent, http.StatusNotModified}, f.Response.Status):
		return fmt.Errorf("Response.Body is set, and a Status of %d has none", f.Response.Status)
	}
	return nil
}

// settle asks the rule for the fault of a request. A rule that panics, or returns a
// fault that is not valid, becomes a fault that says so.
func settle(rule Rule, request Request) (f Fault) {
	if rule == nil {
		return Fault{}
	}
	defer func() {
		if reason := recover(); reason != nil {
			f = wrongRule(fmt.Sprintf("the rule of the faults has panicked: %v", reason))
		}
	}()
	f = rule(request)
	if err := f.check(); err != nil {
		return wrongRule("the rule of the faults returned one that is not valid: " + err.Error())
	}
	return f
}

// wrongRule is the fault that reports a wrong rule.
func wrongRule(why string) Fault {
	r := newReply()
	gatewayFailure(http.StatusInternalServerError, 0, "originpulltest: "+why).write(r)
	return Fault{Reject: true, Response: &Response{Status: r.status, Body: r.body.String()}}
}

// String says in a few words what goes wrong.
func (f Fault) String() string {
	var parts []string
	if f.Delay > 0 {
		parts = append(parts, "delayed by "+f.Delay.String())
	}
	if f.Reject {
		parts = append(parts, "rejected")
	}
	if effect := f.effect(); effect != "" {
		parts = append(parts, effect)
	}
	switch {
	case f.Response == nil:
	case f.Response.Status == 0:
		parts = append(parts, "headers added")
	default:
		parts = append(parts, fmt.Sprintf("response replaced (HTTP %d, %d bytes)", f.Response.Status, len(f.Response.Body)))
	}
	if f.ByteDelay > 0 {
		parts = append(parts, "slow")
	}
	switch f.Disconnect {
	case Drop:
		parts = append(parts, "connection dropped")
	case Truncate:
		parts = append(parts, fmt.Sprintf("response truncated after %d bytes", f.TruncateAt))
	case Reset:
		parts = append(parts, "connection reset")
	}
	return strings.Join(parts, ", ")
}

// effect says in a few words how the request takes effect otherwise.
func (f Fault) effect() string {
	var parts []string
	if f.TimeOut {
		parts = append(parts, "will time out")
	}
	if f.DeployDelay != 0 {
		parts = append(parts, "deployed after "+max(f.DeployDelay, 0).String())
	}
	if f.Hide != "" {
		parts = append(parts, "list without "+f.Hide)
	}
	return strings.Join(parts, ", ")
}

// SetFaults replaces the rule that decides what goes wrong; with nil nothing does.
func (s *Simulator) SetFaults(rule Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rule = rule
}

// Script returns a rule that gives the first fault to the first request, the second
// to the second, and so on, and no fault after the last. The zero Fault leaves its
// request alone.
func Script(faults ...Fault) Rule {
	var next atomic.Int64
	return func(Request) Fault {
		if i := int(next.Add(1)) - 1; i < len(faults) {
			return faults[i]
		}
		return Fault{}
	}
}

// On returns a rule that applies rule to the requests of one operation, by its name
// in [Request]. On panics if there is no operation of that name.
func On(operation string, rule Rule) Rule {
	var names []string
	for _, r := range routes() {
		if r.implemented {
			names = append(names, r.ID)
		}
	}
	if operation != "" && !slices.Contains(names, operation) {
		panic(fmt.Sprintf("originpulltest: On(%q, …): no such operation; there are %s", operation, strings.Join(names, ", ")))
	}
	return func(r Request) Fault {
		if r.Operation != operation {
			return Fault{}
		}
		return rule(r)
	}
}

// Always returns a rule that gives every request the same fault.
func Always(fault Fault) Rule {
	return func(Request) Fault { return fault }
}

// FirstOf returns a rule that asks rules in order and returns the first fault.
func FirstOf(rules ...Rule) Rule {
	return func(r Request) Fault {
		for _, rule := range rules {
			if f := rule(r); f != (Fault{}) {
				return f
			}
		}
		return Fault{}
	}
}
