package try

import (
	"errors"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/goapi"
)

// Verdict says what following a document would mean for programs that use the
// SDK.
type Verdict string

// The verdicts, each worse than the one before.
const (
	Safe     Verdict = "safe"     // they notice nothing
	Ignored  Verdict = "ignored"  // the same, and the SDK does not offer an operation that is new
	Additive Verdict = "additive" // they continue to work, and can do more
	Breaking Verdict = "breaking" // they may fail, read something else or no longer compile
	Refused  Verdict = "refused"  // the document or the generated code is not safe to compile
)

var gravity = map[Verdict]int{Safe: 0, Ignored: 1, Additive: 2, Breaking: 3, Refused: 4}

// Valid reports whether v is one of the verdicts.
func (v Verdict) Valid() bool {
	_, ok := gravity[v]
	return ok
}

// ofClass is the verdict that a class of findings brings.
var ofClass = map[drift.Class]Verdict{drift.Editorial: Safe, drift.Additive: Additive, drift.Breaking: Breaking}

// Result is what a trial found.
type Result struct {
	Verdict Verdict `json:"verdict"`
	// Version is the part of the version that goes up: major, minor, patch, or
	// none if nothing is to be released.
	Version string `json:"version"`
	// Undecided reports whether a person has to decide before the rest can be tried.
	Undecided bool     `json:"undecided"`
	Reasons   []Reason `json:"reasons"`
	// Review lists what a person must still describe or review, with its place in
	// our document.
	Review []string `json:"review,omitempty"`
	// Changelog is the entry for CHANGELOG.md, empty if users notice nothing.
	Changelog string `json:"changelog"`
	// API lists the changes of the Go API, breaking changes first.
	API      []Change          `json:"api"`
	Files    []string          `json:"files"` // files of the module that change
	Steps    []Step            `json:"steps"`
	Proposal *propose.Proposal `json:"proposal,omitempty"`

	change   Verdict // what the document and the Go API alone come to
	unlisted bool    // whether the Go API changes, and it is not known how
	failed   bool    // whether something of ours fails with it
}

// Change is one change of the Go API.
type Change struct {
	Symbol     string `json:"symbol"`  // such as originpull.Certificate.Status
	Message    string `json:"message"` // such as "removed"
	Compatible bool   `json:"compatible"`
	What       string `json:"what,omitempty"` // what it is now, else what it was: a type, a value
	Wire       string `json:"wire,omitempty"` // its name or value in JSON
}

// Reason is one reason for the verdict.
type Reason struct {
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
}

// Step is one part of a trial.
type Step struct {
	Name    string  `json:"name"`
	Outcome string  `json:"outcome"` // "done", "failed" or "skipped"
	Seconds float64 `json:"seconds"`
	Note    string  `json:"note,omitempty"` // why it was skipped
}

// The errors that [Result.Err] returns.
var (
	// ErrUnsafe says that following the document may break programs, or that a person has
	// to decide first.
	ErrUnsafe = errors.New("following it may break programs, or something has to be decided first")
	// ErrRefused says that the document, or the code generated from it, is not safe to
	// compile.
	ErrRefused = errors.New("refused: no code is made from this document")
)

// Err returns [ErrRefused] if the verdict is Refused, [ErrUnsafe] if it is Breaking or
// something is undecided, and nil otherwise.
func (r *Result) Err() error {
	switch {
	case r.Verdict == Refused:
		return ErrRefused
	case r.Verdict == Breaking || r.Undecided:
		return ErrUnsafe
	}
	return nil
}

// InStep reports whether nothing differs that was not accepted before. The lock may
// still lack the version.
func (r *Result) InStep() bool {
	return r.Err() == nil && r.Proposal != nil && len(r.Proposal.Report.Findings) == 0
}

// Release says in words what is to be released, and "" if Version is not one of those
// that a trial returns.
func (r *Result) Release() string { return versions[r.Version] }

// keepable returns why nothing that a trial made may be kept, nil if it may.
func (r *Result) keepable() error {
	if err := r.Err(); errors.Is(err, ErrRefused) || r.Undecided {
		return fmt.Errorf("nothing is written: %w", err)
	}
	return nil
}

// because gives a reason for a verdict, which stands unless a worse one comes.
func (r *Result) because(v Verdict, format string, args ...any) {
	r.Reasons = append(r.Reasons, Reason{v, fmt.Sprintf(format, args...)})
	r.Verdict, r.change = worse(r.Verdict, v), worse(r.change, v)
}

// fails gives something of ours that fails as a reason. It does not change the
// version, since the fix is not known.
func (r *Result) fails(text string) {
	r.Reasons = append(r.Reasons, Reason{Breaking, text})
	r.Verdict, r.failed = worse(r.Verdict, Breaking), true
}

func worse(a, b Verdict) Verdict {
	if gravity[b] > gravity[a] {
		return b
	}
	return a
}

// proposed adds what becomes of each finding to the verdict.
func (r *Result) proposed(p *propose.Proposal) {
	r.Proposal, r.Undecided = p, len(p.Undecided) > 0
	for _, u := range p.Undecided {
		r.because(ofClass[u.Finding.Class], "to be decided: %s. %s", about(u.Finding), u.Question)
	}
	for _, adopted := range p.Adopted {
		r.because(ofClass[adopted.Finding.Class], "adopted: %s", about(adopted.Finding))
		r.Review = append(r.Review, adopted.Review...)
	}
	for _, accepted := range p.Accepted {
		r.because(Safe, "accepted: %s. %s", about(accepted.Finding), accepted.Reason)
	}
	for _, operation := range p.Ignored {
		r.because(Ignored, "not followed: a new operation is left out of the SDK, and listed as ignored: %s. With --follow %s it is to be decided.", operation.After, operation.ID)
	}
	for _, obsolete := range p.Obsolete {
		r.because(Safe, "taken out of %s: %s", obsolete.File, about(obsolete.Finding))
	}
	if len(r.Reasons) == 0 {
		r.because(Safe, "in step: nothing differs that was not accepted before")
	}
	for _, note := range p.Report.Notes {
		r.because(Safe, "not compared: %s", note.Text)
	}
}

// compared adds what changes in the Go API to the verdict.
func (r *Result) compared(changes []goapi.Change) {
	for _, c := range changes {
		r.API = append(r.API, Change(c))
		verdict := Breaking
		if c.Compatible {
			verdict = Additive
		}
		r.because(verdict, "the Go API: %s", c)
	}
}

// step works out which part of the version goes up.
func (r *Result) step() string {
	switch {
	case r.change == Additive:
		return "minor"
	case r.change == Breaking:
		return "major"
	case (r.change == Safe || r.change == Ignored) && r.generated():
		return "patch"
	}
	return "none"
}

// generated reports whether generated code changes.
func (r *Result) generated() bool {
	for _, file := range r.Files {
		if strings.HasSuffix(file, ".gen.go") {
			return true
		}
	}
	return false
}

// about describes a finding in one line, with its direction.
func about(f drift.Finding) string {
	if f.Direction == "" {
		return f.Change()
	}
	return string(f.Direction) + ": " + f.Change()
}

// How says in a few words how the step ended.
func (s Step) How() string {
	if s.Outcome == "skipped" {
		return "skipped: " + s.Note
	}
	return fmt.Sprintf("%s after %.1f s", s.Outcome, s.Seconds)
}
