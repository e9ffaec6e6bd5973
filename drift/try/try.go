// Package try finds out what it would mean to follow another OpenAPI document. In a copy of
// the module it does what a person would do: it applies what "drift propose" prints
// and generates the code again. Then it checks whether the code is safe to compile,
// what changes in the Go API, whether the present tests and examples still compile,
// and whether the contract still holds.
//
// The document is input to a code generator, and not to be trusted. Nothing that
// was made of it is compiled before it has been looked at.
package try

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/changelog"
	"github.com/originpull/originpull-go/internal/goapi"
)

// Input is what [Copy.Try] tries.
type Input struct {
	Document *drift.Document // the document to follow
	Config   string          // the file of the [drift.Config], relative to the root of the module
	Follow   []string        // ids of findings, as for [propose.Propose]
	Today    time.Time       // the day on which acceptances must hold, and which the lock records
	Source   string          // what the lock records as the source, empty for that of the document

	Begin func(step string) // called when a step begins; may be nil
	End   func(Step)        // called when it ends, or is skipped; may be nil
}

// trial is one run of the steps.
type trial struct {
	*Copy
	Input
	result *Result
	config *drift.Config
}

// refusal ends a trial: no code is made from this, or none of it compiled.
type refusal struct{ reasons []string }

func (r *refusal) Error() string { return strings.Join(r.reasons, "\n") }

// Try runs a trial in the copy, and leaves its result there for [Copy.Keep]. What was
// found, good or bad, is in the [Result]; an error means that the trial could not be
// completed.
func (c *Copy) Try(ctx context.Context, in Input) (*Result, error) {
	r := &Result{Verdict: Safe, change: Safe, Reasons: []Reason{}, API: []Change{}, Files: []string{}}
	t := &trial{Copy: c, Input: in, result: r}
	t.ended(Step{Name: CopyStep, Outcome: "done", Seconds: c.took.Seconds()})
	skip := "" // why the steps that follow are not run
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"propose", t.propose},
		{"generate", t.generate},
		{"vet what was generated", t.vet},
		{"compare the Go API", t.compare},
		{"compile tests and examples", t.compile},
		{"run the contract", t.contract},
	} {
		if skip != "" {
			t.ended(Step{Name: step.name, Outcome: "skipped", Note: skip})
			continue
		}
		failed, err := t.step(ctx, step.name, step.run)
		switch {
		case err != nil:
			return nil, err
		case failed:
			skip = step.name + " failed"
		case r.Undecided:
			skip = "to be decided first"
		case r.Proposal.Overlay == nil:
			skip = "nothing that is compiled changes"
		}
	}
	return r, t.finish()
}

// step runs one step, and reports whether what it tried failed. An error is one that
// says nothing of the document.
func (t *trial) step(ctx context.Context, name string, run func(context.Context) error) (failed bool, err error) {
	if t.Begin != nil {
		t.Begin(name)
	}
	start, outcome := time.Now(), "done"
	if err := run(ctx); err != nil {
		if !t.judge(err) {
			return false, err
		}
		failed, outcome = true, "failed"
	}
	t.ended(Step{Name: name, Outcome: outcome, Seconds: time.Since(start).Seconds()})
	return failed, nil
}

// ended adds a step to the result.
func (t *trial) ended(s Step) {
	t.result.Steps = append(t.result.Steps, s)
	if t.End != nil {
		t.End(s)
	}
}

// judge takes an error into the verdict, if that is what it is about.
func (t *trial) judge(err error) bool {
	var unsafe *propose.UnsafeDocumentError
	var refused *refusal
	var failed *failure
	switch {
	case errors.As(err, &unsafe):
		for _, reason := range unsafe.Refused {
			t.result.because(Refused, "%s", reason)
		}
	case errors.As(err, &refused):
		for _, reason := range refused.reasons {
			t.result.because(Refused, "%s", reason)
		}
	case errors.As(err, &failed):
		t.result.fails(strings.ReplaceAll(failed.text, t.module.Dir+"/", "") + t.written())
	default:
		return false
	}
	return true
}

// written lists where our document has changed. It is added to what fails, since a
// compiler names only Go names.
func (t *trial) written() string {
	if t.result.Proposal == nil || len(t.result.Proposal.Written) == 0 {
		return ""
	}
	return "\nwhat was written into our document: " + strings.Join(t.result.Proposal.Written, ", ")
}

func (t *trial) propose(ctx context.Context) error {
	var err error
	if t.config, err = drift.LoadConfig(filepath.Join(t.module.Dir, t.Config)); err != nil {
		return err
	}
	p, err := propose.Propose(ctx, t.Document, t.config, t.Today, t.Follow)
	if err != nil {
		return err
	}
	t.result.proposed(p)
	if t.result.Undecided {
		return nil
	}
	return p.Apply(t.config, t.Today, t.Source)
}

// generate makes the code again. The generator is ours, but its input is not, so this
// checks that it writes nothing but generated files. If it fails, what it has written
// is undone, since no one has checked it.
func (t *trial) generate(ctx context.Context) error {
	before, err := t.module.Changed()
	if err != nil {
		return err
	}
	failed := t.command(ctx, ".", "generate", "./...")
	after, err := t.module.Changed()
	if err != nil {
		return err
	}
	var reasons []string
	undo := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		made := t.module.Before[name] != nil && after[name] != nil && isGenerated(name)
		if made {
			undo[name] = t.module.Before[name]
		}
		if !made && !bytes.Equal(before[name], after[name]) {
			reasons = append(reasons, name+": generating the code must not touch this")
		}
	}
	if len(reasons) > 0 {
		return &refusal{reasons}
	}
	if failed == nil {
		return nil
	}
	t.result.unlisted = true
	for name, data := range undo {
		if err := t.module.Write(name, data); err != nil {
			return err
		}
	}
	return failed
}

// vet runs the test in gen that says whether generated code is safe to compile,
// without compiling it. The other tests there are about style, and are run with the
// contract.
func (t *trial) vet(ctx context.Context) error {
	return refuse(t.command(ctx, ".", "test", "-vet=off", "-run=^TestGeneratedCodeIsSafe$", "./gen"))
}

// fault is what a test says was wrong.
var fault = regexp.MustCompile(`(?m)^\s+\w+_test\.go:\d+: (.*)$`)

// refuse makes a refusal of a command that failed.
func refuse(err error) error {
	var failed *failure
	if !errors.As(err, &failed) {
		return err
	}
	var reasons []string
	for _, found := range fault.FindAllStringSubmatch(failed.text, -1) {
		reasons = append(reasons, found[1])
	}
	if len(reasons) == 0 {
		reasons = []string{failed.text}
	}
	return &refusal{reasons}
}

func (t *trial) compare(ctx context.Context) error {
	before, err := goapi.Load(ctx, t.module.Root)
	if err != nil {
		return err
	}
	now, err := goapi.Load(ctx, t.module.Dir)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		t.result.unlisted = true
		return &failure{err.Error()}
	}
	t.result.compared(goapi.Compare(before, now))
	return nil
}

// compile compiles the present tests and examples, also those that are modules of
// their own, against the new code.
func (t *trial) compile(ctx context.Context) error {
	dirs := []string{"."}
	for name := range t.module.Before {
		if dir, ok := strings.CutSuffix(name, "/go.mod"); ok && strings.HasPrefix(dir, "examples/") {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		if err := t.command(ctx, dir, "vet", "./..."); err != nil {
			return err
		}
	}
	return nil
}

// contract runs the contract suite, and the rules of the document and of generated
// code. What tests the suite itself is left out of -short.
func (t *trial) contract(ctx context.Context) error {
	if err := t.command(ctx, ".", "test", "-short", "-vet=off", "./spec", "./gen"); err != nil {
		return err
	}
	return t.command(ctx, ".", "test", "-short", "-vet=off", "./contract_test")
}

// finish writes the changelog entry, and works out what changes.
func (t *trial) finish() error {
	r := t.result
	changed, err := t.module.Changed()
	if err != nil {
		return err
	}
	t.refuseOthers(changed)
	if r.Verdict == Refused {
		r.Version = "none"
		return t.module.Reset()
	}
	entry := r.entry()
	r.Changelog = entry.String()
	if r.Changelog != "" && !r.Undecided {
		text, err := changelog.Add(string(t.module.Before[changelog.File]), entry)
		if err != nil {
			return err
		}
		if err := t.module.Write(changelog.File, []byte(text)); err != nil {
			return err
		}
	}
	changed, err = t.module.Changed()
	r.Files = slices.AppendSeq(r.Files, maps.Keys(changed))
	slices.Sort(r.Files)
	r.Version = r.step()
	return err
}
