package originpulltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

// The limits of the record: events, bytes of a text, errors of a response.
const (
	maxEvents = 10_000
	maxText   = 512
	maxErrors = 16
)

// EventKind is the kind of an [Event].
type EventKind string

// The kinds of event.
const (
	RequestEvent  EventKind = "request"
	FaultEvent    EventKind = "fault"
	ResponseEvent EventKind = "response"
	PullEvent     EventKind = "pull"
)

// Event is one line of the record. It holds no credentials and no bodies. Each text is
// on one line and truncated after about 512 bytes.
type Event struct {
	At      time.Time
	Kind    EventKind
	Request int // number of the request; 0 for a pull

	Method    string // of the request
	Path      string // of the request, below /client/v4, escaped
	Operation string // of the request, empty if the request is not routed
	Status    int    // of the response
	Codes     []int  // of the first 16 errors of the response, 0 for one without a code
	RayID     string // of the response
	Detail    string // a summary of the response or the fault
	Fault     Fault  // of a fault; of its Response only the status
	Pull      *Pull  // of a pull, else nil; Why is truncated, and Err is nil
}

// String returns the event as a line of the log, without its time.
func (e Event) String() string {
	switch e.Kind {
	case RequestEvent:
		return fmt.Sprintf("#%d  %-8s  %s %s", e.Request, e.Kind, e.Method, e.Path)
	case FaultEvent:
		return fmt.Sprintf("#%d  %-8s  %s", e.Request, e.Kind, e.Detail)
	case ResponseEvent:
		return strings.TrimRight(fmt.Sprintf("#%d  %-8s  %d %s", e.Request, e.Kind, e.Status, e.Detail), " ")
	}
	return fmt.Sprintf("--  %-8s  %s", e.Kind, e.Pull)
}

var errNoRecord = errors.New("originpulltest: the simulator keeps no record: Options.NoRecord is set")

// Record returns what has happened, in order: the last 10,000 events. With
// Options.NoRecord it panics: to a test that looks for what must not happen, an empty
// record would look right.
func (s *Simulator) Record() []Event {
	if s.noRecord {
		panic(errNoRecord)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := s.recorded % maxEvents
	if s.recorded < maxEvents {
		oldest = 0
	}
	return slices.Concat(s.events[oldest:], s.events[:oldest])
}

// WriteLog writes the record as text: one line for each event, with the time since the
// first. With Options.NoRecord it returns an error and writes nothing.
func (s *Simulator) WriteLog(w io.Writer) error {
	if s.noRecord {
		return errNoRecord
	}
	events := s.Record()
	for _, e := range events {
		since := e.At.Sub(events[0].At).Round(time.Millisecond).Seconds()
		if _, err := fmt.Fprintf(w, "%9.3fs  %s\n", since, e); err != nil {
			return err
		}
	}
	return nil
}

// record adds an event. If there are maxEvents, it replaces the oldest. The caller holds
// mu.
func (s *Simulator) record(e Event) {
	if s.noRecord {
		return
	}
	e.At = time.Now()
	e.Method, e.Path, e.Detail = legible(e.Method), legible(e.Path), legible(e.Detail)
	if len(s.events) < maxEvents {
		s.events = append(s.events, e)
	} else {
		s.events[s.recorded%maxEvents] = e
	}
	s.recorded++
}

// legible returns a text on one line, truncated after maxText bytes. It is a copy, so that
// a larger text that it is part of can be freed.
func legible(text string) string { return strings.Clone(printable.Cut(text, maxText)) }

// recordFault records the fault of a request, without the body of its Response: a rule may
// give a large one to each of many requests.
func (s *Simulator) recordFault(x *exchange, operation string) {
	e := Event{Kind: FaultEvent, Request: x.number, Operation: operation, Fault: x.fault, Detail: x.fault.String()}
	if x.fault.Response != nil {
		e.Fault.Response = &Response{Status: x.fault.Response.Status}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record(e)
}

// recordResponse records the response to a request and logs both.
func (s *Simulator) recordResponse(x *exchange, response *reply) {
	if s.noRecord && s.logger == nil {
		return
	}
	e := Event{Kind: ResponseEvent, Request: x.number, Method: x.method, Path: x.path, Status: response.status, RayID: response.header.Get("Cf-Ray")}
	if x.route != nil {
		e.Operation = x.route.ID
	}
	e.Codes, e.Detail = summary(response)
	s.mu.Lock()
	s.record(e)
	s.mu.Unlock()
	if s.logger == nil {
		return
	}
	level := slog.LevelInfo
	if e.Status >= http.StatusBadRequest || x.fault != (Fault{}) {
		level = slog.LevelWarn
	}
	args := []any{"request", x.number, "method", e.Method, "path", e.Path, "status", e.Status}
	if e.Detail != "" {
		args = append(args, "detail", e.Detail)
	}
	if x.fault != (Fault{}) {
		args = append(args, "fault", x.fault.String())
	}
	s.logger.Log(context.Background(), level, "responded", args...)
}

// summary returns the codes of a response, and its content in a few words: the errors of a
// failure, a certificate's id and status, a setting, or the length of a list.
func summary(response *reply) (codes []int, detail string) {
	var body struct {
		Success bool
		Errors  []struct {
			Code    int
			Message string
		}
		Result json.RawMessage
	}
	if json.Unmarshal(response.body.Bytes(), &body) != nil {
		return nil, fmt.Sprintf("%d bytes of %s", response.body.Len(), response.header.Get("Content-Type"))
	}
	var said []string
	for _, e := range body.Errors[:min(len(body.Errors), maxErrors)] {
		codes = append(codes, e.Code)
		if e.Code != 0 {
			e.Message = fmt.Sprintf("%d %s", e.Code, e.Message)
		}
		said = append(said, e.Message)
	}
	if body.Success {
		said = append(said, outcome(body.Result))
	}
	return codes, strings.Join(said, "; ")
}

// outcome returns the result of a successful response in a few words.
func outcome(result json.RawMessage) string {
	var listed []json.RawMessage
	if json.Unmarshal(result, &listed) == nil {
		return fmt.Sprintf("%d listed", len(listed))
	}
	var one struct {
		ID, Status, Value string
		Enabled           *bool
	}
	if json.Unmarshal(result, &one) != nil {
		return ""
	}
	if one.Enabled != nil {
		return fmt.Sprintf("enabled=%t", *one.Enabled)
	}
	return strings.TrimSpace(one.ID + " " + one.Status + one.Value)
}
