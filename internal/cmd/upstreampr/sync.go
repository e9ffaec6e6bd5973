package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/printable"
)

// syncer brings the branch, the pull request and the issue in line with a report. It looks
// at what is there and does what is missing, so that a run completes what an earlier one
// has left half done, and a run that finds all in line does nothing.
type syncer struct {
	hub
	clone
	base string // the default branch
	log  io.Writer

	pulls []thread // of the branch, the newest first
	tip   tip      // of the branch
	issue *thread  // the open one, nil for none
}

func (s *syncer) did(format string, args ...any) { printable.Fprintf(s.log, format+"\n", args...) }

func (s *syncer) run(ctx context.Context, r *try.Result, patch []byte) error {
	tree, follow := "", r.Err() == nil && !r.InStep()
	if follow {
		var err error
		if tree, err = s.patched(ctx, patch, r.Files); err != nil {
			return err
		}
	}
	if err := s.look(ctx); err != nil {
		return err
	}
	switch {
	case follow:
		return s.follow(ctx, r, tree)
	case r.InStep():
		const why = "Upstream's document does not differ from ours any more."
		if err := s.closeIssue(ctx, why); err != nil {
			return err
		}
		return s.withdraw(ctx, why)
	}
	number, err := s.report(ctx, issueText(r))
	if err != nil {
		return err
	}
	return s.withdraw(ctx, fmt.Sprintf("Upstream's document has changed again, and a program cannot follow it as it is now: see #%d.", number))
}

// look reads what is there.
func (s *syncer) look(ctx context.Context) error {
	var err error
	if s.pulls, err = s.pullRequests(ctx); err != nil {
		return err
	}
	issues, err := s.issues(ctx, "open")
	if err != nil {
		return err
	}
	if len(issues) > 0 {
		s.issue = &issues[0]
	}
	if s.tip, err = s.fetch(ctx); err != nil {
		return err
	}
	// What was merged is not lost with the branch.
	s.tip.ours = s.tip.ours || slices.ContainsFunc(s.pulls, func(p thread) bool { return p.MergedAt != "" && p.Head.SHA == s.tip.sha })
	return nil
}

// open returns the open pull request of the branch, nil for none.
func (s *syncer) open() *thread {
	i := slices.IndexFunc(s.pulls, func(p thread) bool { return p.State == "open" })
	if i < 0 {
		return nil
	}
	return &s.pulls[i]
}

// follow brings a document that can be followed into the branch and its pull request.
func (s *syncer) follow(ctx context.Context, r *try.Result, tree string) error {
	say, pull := pullText(r), s.open()
	others := s.tip.sha != "" && !s.tip.ours
	switch {
	case pull == nil && slices.ContainsFunc(s.pulls, func(p thread) bool { return p.MergedAt == "" && keyOf(p.Body) == say.key }):
		s.did("left alone: a pull request for this document was closed")
		return s.closeIssue(ctx, "Upstream's document has changed again, and a pull request for it was closed before.")
	case others && pull == nil:
		return fmt.Errorf("the branch %s has commits by others and no open pull request: delete it, or open one", branch)
	case others:
		if err := s.leave(ctx, pull, say, "Upstream's document has changed again, and the description above is of it as it is now."); err != nil {
			return err
		}
		if err := s.labelled(ctx, r, pull); err != nil {
			return err
		}
	default:
		var err error
		if pull, err = s.propose(ctx, r, pull, say, tree); err != nil {
			return err
		}
	}
	return s.closeIssue(ctx, fmt.Sprintf("Upstream's document has changed again, and can be followed: see #%d.", pull.Number))
}

// propose makes the branch and its pull request what follows the document.
func (s *syncer) propose(ctx context.Context, r *try.Result, pull *thread, say text, tree string) (*thread, error) {
	if err := s.update(ctx, r, tree); err != nil {
		return nil, err
	}
	pull, err := s.write(ctx, pull, say)
	if err != nil {
		return nil, err
	}
	if err := s.labelled(ctx, r, pull); err != nil {
		return nil, err
	}
	started, err := s.startCI(ctx, s.tip.sha)
	if started && err == nil {
		s.did("started CI on %s", branch)
	}
	return pull, err
}

// labelled makes the label of the pull request that of the document.
func (s *syncer) labelled(ctx context.Context, r *try.Result, pull *thread) error {
	changed, err := s.label(ctx, *pull, "semver-"+r.Version)
	if changed && err == nil {
		s.did("labelled pull request #%d semver-%s", pull.Number, r.Version)
	}
	return err
}

// update makes the branch what follows the document, unless it is.
func (s *syncer) update(ctx context.Context, r *try.Result, tree string) error {
	same, err := s.same(ctx, s.tip, tree)
	if err != nil || same {
		return err
	}
	message := fmt.Sprintf("Follow upstream's document\n\nIt is %s: %s. The fingerprint of the document is\n%s.\n", r.Verdict, r.Release(), r.Proposal.Report.Fingerprint)
	commit, err := s.push(ctx, s.tip, tree, message)
	if err != nil {
		return err
	}
	s.tip = tip{sha: commit, ours: true, last: true}
	s.did("pushed %s", branch)
	return nil
}

// write opens the pull request, or makes it say what it has to, unless it does.
func (s *syncer) write(ctx context.Context, pull *thread, say text) (*thread, error) {
	if pull == nil {
		pull = &thread{}
		err := s.call(ctx, "POST", "pulls", map[string]string{"title": say.title, "body": say.body, "head": branch, "base": s.base}, pull)
		if err == nil {
			s.did("opened pull request #%d: %s", pull.Number, say.title)
		}
		return pull, err
	}
	if keyOf(pull.Body) == say.key {
		return pull, nil
	}
	err := s.call(ctx, "PATCH", fmt.Sprintf("pulls/%d", pull.Number), map[string]string{"title": say.title, "body": say.body}, nil)
	if err == nil {
		s.did("updated pull request #%d: %s", pull.Number, say.title)
	}
	return pull, err
}

// leave says on a pull request whose branch is left to others that the document has
// changed, and makes its text that of the document; once for each version of it.
func (s *syncer) leave(ctx context.Context, pull *thread, say text, why string) error {
	left := say.key + "left" // so that to close it is not to say no to this version
	if key := keyOf(pull.Body); key == say.key || key == left {
		return nil
	}
	if err := s.comment(ctx, pull.Number, why+" This branch has commits by others, so the nightly run leaves it as it is until it is merged or deleted."); err != nil {
		return err
	}
	s.did("commented on pull request #%d, whose branch has commits by others", pull.Number)
	return s.call(ctx, "PATCH", fmt.Sprintf("pulls/%d", pull.Number), map[string]string{"title": say.title, "body": mark(say.body, left)}, nil)
}

// withdraw closes the pull request and deletes its branch. What others have committed to
// stays, with a comment.
func (s *syncer) withdraw(ctx context.Context, why string) error {
	pull := s.open()
	if s.tip.sha != "" && !s.tip.ours {
		if pull == nil {
			return nil
		}
		return s.leave(ctx, pull, text{pull.Title, mark(pull.Body, withdrawn), withdrawn}, why)
	}
	if pull != nil {
		if err := s.closeThread(ctx, "pulls", pull, why, ""); err != nil {
			return err
		}
		s.did("closed pull request #%d: %s", pull.Number, why)
	}
	if s.tip.sha == "" {
		return nil
	}
	if err := s.move(ctx, s.tip, ""); err != nil {
		return err
	}
	s.did("deleted %s", branch)
	return nil
}

// report opens the issue, or makes it say what it has to, unless it does. It returns its
// number.
func (s *syncer) report(ctx context.Context, say text) (number int, err error) {
	if s.issue != nil {
		if keyOf(s.issue.Body) == say.key {
			return s.issue.Number, nil
		}
		if err := s.call(ctx, "PATCH", fmt.Sprintf("issues/%d", s.issue.Number), map[string]string{"title": say.title, "body": say.body}, nil); err != nil {
			return 0, err
		}
		s.did("updated issue #%d: %s", s.issue.Number, say.title)
		return s.issue.Number, nil
	}
	closed, err := s.issues(ctx, "closed")
	if err != nil {
		return 0, err
	}
	if i := slices.IndexFunc(closed, func(i thread) bool { return keyOf(i.Body) == say.key }); i >= 0 {
		s.did("left alone: issue #%d about this document was closed", closed[i].Number)
		return closed[i].Number, nil
	}
	var made thread
	if err := s.call(ctx, "POST", "issues", map[string]string{"title": say.title, "body": say.body}, &made); err != nil {
		return 0, err
	}
	s.did("opened issue #%d: %s", made.Number, say.title)
	return made.Number, nil
}

func (s *syncer) closeIssue(ctx context.Context, why string) error {
	if s.issue == nil {
		return nil
	}
	if err := s.closeThread(ctx, "issues", s.issue, why, "not_planned"); err != nil {
		return err
	}
	s.did("closed issue #%d: %s", s.issue.Number, why)
	return nil
}

// closeThread closes a pull request or an issue. Its key is taken from it: what a person has
// closed stays closed, and this can be opened again.
func (s *syncer) closeThread(ctx context.Context, kind string, t *thread, why, reason string) error {
	if err := s.comment(ctx, t.Number, why); err != nil {
		return err
	}
	change := map[string]string{"state": "closed", "body": mark(t.Body, withdrawn)}
	if reason != "" {
		change["state_reason"] = reason
	}
	return s.call(ctx, "PATCH", fmt.Sprintf("%s/%d", kind, t.Number), change, nil)
}
