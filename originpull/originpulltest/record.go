package originpulltest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/originpull/originpull-go/internal/printable"
)

// The record keeps so many events, of each text so many bytes, of each answer so
// many errors.
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

// Event is one line of the record. It holds no credential and no body, and of
// each text no more than some 512 bytes, on one line.
type Event struct {
	At      time.Time
	Kind    EventKind
	Request int // number of the request; 0 for a pull

	Method    string // of the request
	Path      string // of the request, below /client/v4, escaped
	Operation string // of the request, empty if nothing is routed
	Status    int    // of the answer
	Codes     []int  // of the answer's first 16 errors, 0 for one without a code
	RayID     string // of the answer
	Detail    string // of the answer or the fault, in a few words
	Fault     Fault  // of a fault; of its Response only the status
	Pull      *Pull  // of a pull, nil for everything else; Why is cut, Err left out
}

// String is the event as a line of the log, without its instant.
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

// Record returns what has happened, in order: the last 10,000 events.
func (s *Simulator) Record() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := s.recorded % maxEvents
	if s.recorded < maxEvents {
		oldest = 0
	}
	return slices.Concat(s.events[oldest:], s.events[:oldest])
}

// WriteLog writes the record as a log for people, a line an event, each with the
// time since the first.
func (s *Simulator) WriteLog(w io.Writer) error {
	events := s.Record()
	for _, e := range events {
		since := e.At.Sub(events[0].At).Round(time.Millisecond).Seconds()
		if _, err := fmt.Fprintf(w, "%9.3fs  %s\n", since, e); err != nil {
			return err
		}
	}
	return nil
}

// record keeps an event, in place of the oldest once there are many. The caller
// holds mu.
func (s *Simulator) record(e Event) {
	e.At = time.Now()
	e.Method, e.Path, e.Detail = legible(e.Method), legible(e.Path), legible(e.Detail)
	if len(s.events) < maxEvents {
		s.events = append(s.events, e)
	} else {
		s.events[s.recorded%maxEvents] = e
	}
	s.recorded++
}

// legible is a text on one line, cut after maxText bytes. It is a copy: what it is part
// of may be large, and can go.
func legible(text string) string {
	const longest = 10 // bytes of an escape, such as \U000e0001
	text = printable.Line(text[:min(len(text), maxText+longest)])
	if len(text) <= maxText {
		return strings.Clone(text)
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) + "…"
}

// recordFault records what goes wrong with a request, without the body of an
// answer: a rule may give a large one to each of many requests.
func (s *Simulator) recordFault(x *exchange, operation string) {
	e := Event{Kind: FaultEvent, Request: x.number, Operation: operation, Fault: x.fault, Detail: x.fault.String()}
	if x.fault.Response != nil {
		e.Fault.Response = &Response{Status: x.fault.Response.Status}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record(e)
}

// recordAnswer records the answer to a request and logs both.
func (s *Simulator) recordAnswer(x *exchange, answer *reply) {
	e := Event{Kind: ResponseEvent, Request: x.number, Method: x.method, Path: x.path, Status: answer.status, RayID: answer.header.Get("Cf-Ray")}
	if x.route != nil {
		e.Operation = x.route.ID
	}
	e.Codes, e.Detail = summary(answer)
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
	s.logger.Log(context.Background(), level, "answered", args...)
}

// summary says in a few words what an answer holds: the errors of a failure, or
// a certificate's id and status, a setting, how many are listed.
func summary(answer *reply) (codes []int, detail string) {
	var body struct {
		Success bool
		Errors  []struct {
			Code    int
			Message string
		}
		Result json.RawMessage
	}
	if json.Unmarshal(answer.body.Bytes(), &body) != nil {
		return nil, fmt.Sprintf("%d bytes of %s", answer.body.Len(), answer.header.Get("Content-Type"))
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

// outcome says in a few words what the result of a success is.
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
