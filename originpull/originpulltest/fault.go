package originpulltest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Request is what a [Rule] decides on.
type Request struct {
	// Number counts all requests from 1.
	Number int
	// Operation is the operation's name in the document: ListCertificates,
	// UploadCertificate, GetCertificate, DeleteCertificate, GetSettings or
	// SetSettings; GetGlobal, SetGlobal or GetSSLMode for a zone setting; empty
	// where nothing is routed.
	Operation     string
	Method        string
	Path          string // below /client/v4, escaped
	ZoneID        string // empty if the path has none
	CertificateID string // empty if the path has none
}

// Rule decides what goes wrong with a request; the zero [Fault] is nothing. It
// is called once for every request, by several goroutines at once, and may call
// the simulator. One that panics, or whose fault is not valid, keeps the request
// from taking effect: it is answered HTTP 500 with a message that says why.
type Rule func(Request) Fault

// Fault is what goes wrong with one request. Its parts combine: a Delay with an
// Answer, a Cut with a Pace.
type Fault struct {
	// Prevent keeps the request from taking effect: nothing looks at it, and it
	// is answered with Answer or else HTTP 500.
	Prevent bool
	// Answer, if not nil, is sent in place of the simulator's own. Without
	// Prevent the request has taken effect nevertheless.
	Answer *Answer
	// Delay passes before the request takes effect. An upload or a deletion is
	// in flight meanwhile, so another one of the zone gets 409.
	Delay time.Duration
	// Ending tells how the answer ends.
	Ending Ending
	// Keep is how many bytes of the body are sent before a Cut, never the last;
	// Content-Length promises all of them, and one of an empty body.
	Keep int
	// Pace, if not 0, passes before each 64 bytes of the body.
	Pace time.Duration
	// TimeOut lets the deployment that an upload begins, or the deletion, end in
	// deployment_timed_out or deletion_timed_out.
	TimeOut bool
}

// Ending is how an answer ends; the zero value is as it should.
type Ending string

// The endings.
const (
	Lost  Ending = "lost"  // never sent: the connection is closed without a word
	Cut   Ending = "cut"   // closed in the middle of the body, see Fault.Keep
	Reset Ending = "reset" // the connection is reset without a word
)

// Answer is an answer given in place of the simulator's own.
type Answer struct {
	// Status is an HTTP status from 200 to 999; 0 keeps the simulator's status
	// and body, so that only headers are added.
	Status int
	// Header replaces what the simulator sends under the same names. The
	// Content-Type is application/json unless it says otherwise.
	Header http.Header
	// Body is sent as it is, of any content and length. It needs a Status that
	// may have one.
	Body string
}

func (a *Answer) replace(r *reply) {
	r.header.Set("Content-Type", "application/json")
	for name, values := range a.Header {
		r.header[http.CanonicalHeaderKey(name)] = values
	}
	if a.Status != 0 {
		r.status = a.Status
		r.body.Reset()
		r.body.WriteString(a.Body)
	}
}

// check says what is wrong with a fault.
func (f Fault) check() error {
	switch {
	case f.Keep < 0:
		return fmt.Errorf("its Keep is %d, want 0 or more bytes", f.Keep)
	case f.Delay < 0 || f.Pace < 0:
		return fmt.Errorf("its Delay is %s and its Pace %s, want neither negative", f.Delay, f.Pace)
	case !slices.Contains([]Ending{"", Lost, Cut, Reset}, f.Ending):
		return fmt.Errorf("its Ending is %q, want %q, %q, %q or none", f.Ending, Lost, Cut, Reset)
	case f.Answer == nil:
		return nil
	case f.Answer.Status != 0 && (f.Answer.Status < 200 || f.Answer.Status > 999):
		return fmt.Errorf("Answer.Status is %d, want 200 to 999, or 0 for the simulator's own", f.Answer.Status)
	case f.Answer.Body != "" && slices.Contains([]int{0, http.StatusNoContent, http.StatusNotModified}, f.Answer.Status):
		return fmt.Errorf("Answer.Body is set, and a Status of %d has none", f.Answer.Status)
	}
	return nil
}

// settle asks the rule for the fault of a request. What goes wrong in doing so is
// a fault as well, one that tells.
func settle(rule Rule, request Request) (f Fault) {
	if rule == nil {
		return Fault{}
	}
	defer func() {
		if reason := recover(); reason != nil {
			f = misruled(fmt.Sprintf("the rule of the faults has panicked: %v", reason))
		}
	}()
	f = rule(request)
	if err := f.check(); err != nil {
		return misruled("the rule of the faults gave one that is not valid: " + err.Error())
	}
	return f
}

func misruled(why string) Fault {
	r := newReply()
	gatewayFailure(http.StatusInternalServerError, 0, "originpulltest: "+why).write(r)
	return Fault{Prevent: true, Answer: &Answer{Status: r.status, Body: r.body.String()}}
}

// String says in a few words what goes wrong.
func (f Fault) String() string {
	var parts []string
	if f.Delay > 0 {
		parts = append(parts, "delayed by "+f.Delay.String())
	}
	if f.Prevent {
		parts = append(parts, "kept from taking effect")
	}
	if f.TimeOut {
		parts = append(parts, "will time out")
	}
	if f.Answer != nil {
		parts = append(parts, fmt.Sprintf("answer replaced (HTTP %d, %d bytes)", f.Answer.Status, len(f.Answer.Body)))
	}
	if f.Pace > 0 {
		parts = append(parts, "slow")
	}
	switch f.Ending {
	case Lost:
		parts = append(parts, "answer lost")
	case Cut:
		parts = append(parts, fmt.Sprintf("answer cut after %d bytes", f.Keep))
	case Reset:
		parts = append(parts, "connection reset")
	}
	return strings.Join(parts, ", ")
}

// SetFaults replaces the rule that decides what goes wrong; nil lets all be well.
func (s *Simulator) SetFaults(rule Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rule = rule
}

// Script is a rule that gives the faults one by one to the requests that reach
// it, the zero Fault to let one be well, and is spent after the last.
func Script(faults ...Fault) Rule {
	var next atomic.Int64
	return func(Request) Fault {
		if i := int(next.Add(1)) - 1; i < len(faults) {
			return faults[i]
		}
		return Fault{}
	}
}

// On is a rule that asks another only for requests of one operation, by its name
// in [Request]. It panics at once if there is none of that name.
func On(operation string, rule Rule) Rule {
	var names []string
	for _, r := range routes() {
		names = append(names, r.ID)
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

// Always is a rule that gives every request the same fault.
func Always(fault Fault) Rule {
	return func(Request) Fault { return fault }
}

// FirstOf is a rule that asks several in order until one has a fault.
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
