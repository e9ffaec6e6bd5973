package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/try"
)

const (
	opened = "pushed follow-upstream\nopened pull request #1: Follow upstream's document: additive, a minor version\n" +
		"labelled pull request #1 semver-minor\nstarted CI on follow-upstream\n"
	updated  = "pushed follow-upstream\nupdated pull request #1: Follow upstream's document: additive, a minor version\nstarted CI on follow-upstream\n"
	reverted = "closed pull request #1: Upstream's document does not differ from ours any more.\ndeleted follow-upstream\n"
)

// inStep is a document that does not differ from ours.
var inStep = found(try.Safe, "none")

// TestOnePullRequest: there is one pull request, which follows the document, and two nights
// with the same document change nothing though the lock has the day.
func TestOnePullRequest(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	if got := n.branch("main"); git(t, n.remote, "log", "--format=%P %an", branch, "-1") != got+" "+bot+"\n" {
		t.Error("the branch is not one commit of the bot on main")
	}
	_, patch = document("1", "2026-01-03")
	n.must(r, patch, "")
	r, patch = document("2", "2026-01-04")
	n.must(r, patch, updated)
	r, patch = document("2", "2026-01-05")
	r.Version, r.Verdict = "patch", try.Safe
	n.must(r, patch, "updated pull request #1: Follow upstream's document: safe, a patch version\nlabelled pull request #1 semver-patch\n")
	if labels := fmt.Sprint(n.threads[0].Labels); labels != "[{semver-patch}]" {
		t.Errorf("the pull request is labelled %s", labels)
	}
	n.must(inStep, "", reverted)
	n.must(inStep, "", "")
	if n.branch(branch) != "" || n.threads[0].State != "closed" || len(n.comments[1]) != 1 {
		t.Errorf("the branch is %q, the pull request %s, with %q", n.branch(branch), n.threads[0].State, n.comments[1])
	}
	// What was closed for that is no longer closed when the document comes back.
	r, patch = document("2", "2026-01-06")
	n.must(r, patch, strings.ReplaceAll(opened, "#1", "#2"))
}

// TestBranchFollowsMain: the branch is made again where main has changed what it changes.
func TestBranchFollowsMain(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	write(t, n.dir, "main.go", "package changed\n")
	git(t, n.dir, "commit", "--quiet", "--all", "--message", "Change what it does not change")
	n.must(r, patch, "")
	write(t, n.dir, "spec/openapi.yaml", "a: 1\nb: 2\n")
	git(t, n.dir, "commit", "--quiet", "--all", "--message", "Change what it changes")
	n.must(r, strings.Replace(patch, "@@ -1 +1,2 @@\n a: 1\n", "@@ -1,2 +1,3 @@\n a: 1\n b: 2\n", 1), "pushed follow-upstream\nstarted CI on follow-upstream\n")
}

// TestMergedAndUndone: a branch whose commit is on main already is not what follows the
// document, also if it would change the same.
func TestMergedAndUndone(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	git(t, n.dir, "merge", "--quiet", "--ff-only", n.branch(branch))
	n.threads[0].State, n.threads[0].MergedAt = "closed", "2026-01-02T00:00:00Z"
	git(t, n.dir, "revert", "--no-edit", "HEAD")
	n.must(r, patch, strings.ReplaceAll(opened, "#1", "#2"))
}

// TestIssue: what cannot be followed is one issue, which takes the place of the pull
// request; what can be followed again takes its place.
func TestIssue(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	breaking := found(try.Breaking, "major", "to be decided")
	n.must(breaking, "", "opened issue #2: Upstream's document: breaking, a major version, to be decided\n"+
		"closed pull request #1: Upstream's document has changed again, and a program cannot follow it as it is now: see #2.\ndeleted follow-upstream\n")
	n.must(breaking, "", "")
	refused := found(try.Refused, "none", "hostile")
	n.must(refused, "", "updated issue #2: Upstream's document: refused\n")
	r, patch = document("1", "2026-01-03")
	n.must(r, patch, strings.ReplaceAll(opened, "#1", "#3")+"closed issue #2: Upstream's document has changed again, and can be followed: see #3.\n")
	n.must(refused, "", "opened issue #4: Upstream's document: refused\n"+
		"closed pull request #3: Upstream's document has changed again, and a program cannot follow it as it is now: see #4.\ndeleted follow-upstream\n")
	n.must(inStep, "", "closed issue #4: Upstream's document does not differ from ours any more.\n")
	failing := found(try.Breaking, "minor", "go vet ./... fails")
	failing.Undecided = false
	n.must(failing, "", "opened issue #5: Upstream's document: breaking, a minor version, something fails\n")
	if n.branch(branch) != "" {
		t.Error("there is a branch of what is not followed")
	}
}

// TestWhatAPersonClosed stays closed until the document changes.
func TestWhatAPersonClosed(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	n.threads[0].State = "closed"
	n.must(r, patch, "left alone: a pull request for this document was closed\n")
	r, patch = document("2", "2026-01-02")
	n.must(r, patch, strings.ReplaceAll(opened, "#1", "#2"))
	n.threads[1].State, n.threads[1].MergedAt = "closed", "2026-01-02T00:00:00Z"

	refused := found(try.Refused, "none", "hostile")
	n.must(refused, "", "opened issue #3: Upstream's document: refused\ndeleted follow-upstream\n")
	n.threads[2].State = "closed"
	n.must(refused, "", "left alone: issue #3 about this document was closed\n")
	n.must(found(try.Refused, "none", "more hostile"), "", "opened issue #4: Upstream's document: refused\n")
}

// TestCommitsOfOthers: what a person has pushed onto the branch is never discarded. The
// pull request gets one comment for each version of the document.
func TestCommitsOfOthers(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	n.asPerson("a: 1\nversion: 1, described\n")
	theirs := n.branch(branch)
	n.must(r, patch, "")
	const commented = "commented on pull request #1, whose branch has commits by others\n"
	r, patch = document("2", "2026-01-02")
	r.Version = "patch"
	n.must(r, patch, commented+"labelled pull request #1 semver-patch\n")
	n.must(r, patch, "")
	n.must(inStep, "", commented)
	n.must(inStep, "", "")
	n.must(found(try.Refused, "none", "hostile"), "", "opened issue #2: Upstream's document: refused\n")
	if n.branch(branch) != theirs || n.threads[0].State != "open" || len(n.comments[1]) != 2 {
		t.Errorf("the branch of a person is %q, was %q, the pull request %s, with %q", n.branch(branch), theirs, n.threads[0].State, n.comments[1])
	}
	n.must(r, patch, commented+"closed issue #2: Upstream's document has changed again, and can be followed: see #1.\n")

	n.threads[0].State = "closed"
	if _, err := n.run(r, patch); err == nil || !strings.Contains(err.Error(), "delete it") || n.branch(branch) != theirs {
		t.Errorf("the pull request is closed, and its branch has commits by others: %v", err)
	}
	n.threads[0].MergedAt, n.threads[0].Head.SHA = "2026-01-02T00:00:00Z", theirs
	n.must(r, patch, strings.NewReplacer("#1", "#3", "minor", "patch").Replace(opened))
}

// TestPushedMeanwhile: a person who pushes while the program runs loses nothing.
func TestPushedMeanwhile(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, patch := document("1", "2026-01-02")
	n.must(r, patch, opened)
	c := clone{n.dir}
	seen, err := c.fetch(t.Context())
	if err != nil || !seen.ours {
		t.Fatalf("%+v, %v", seen, err)
	}
	n.asPerson("a: 1\nversion: described\n")
	theirs := n.branch(branch)
	if _, err := c.push(t.Context(), seen, "HEAD^{tree}", "again"); err == nil {
		t.Error("the branch is made again over what was pushed")
	}
	if err := c.move(t.Context(), seen, ""); err == nil || n.branch(branch) != theirs {
		t.Errorf("the branch is deleted with what was pushed: %v", err)
	}
}

// TestHalfDone: whichever call fails, the next night completes it, and the one after has
// nothing to do.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	state := func(n *night) string {
		var b strings.Builder
		for _, thread := range n.threads {
			fmt.Fprintf(&b, "#%d %s %s %v %s\n", thread.Number, thread.State, thread.Title, thread.Labels, thread.Body)
		}
		fmt.Fprintf(&b, "%v, branch: %t, CI: %t", n.labels, n.branch(branch) != "", slices.Contains(n.ci, n.branch(branch)))
		return b.String()
	}
	r, patch := document("1", "2026-01-02")
	changed, changedPatch := document("2", "2026-01-02")
	breaking := found(try.Breaking, "major", "to be decided")
	for name, nights := range map[string]struct {
		before *try.Result
		now    *try.Result
		patch  string
	}{"open": {nil, r, patch}, "update": {r, changed, changedPatch}, "issue": {r, breaking, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := func() *night {
				n := newNight(t)
				if nights.before != nil {
					n.must(nights.before, patch, opened)
				}
				return n
			}
			whole := begin()
			if _, err := whole.run(nights.now, nights.patch); err != nil {
				t.Fatal(err)
			}
			writes := whole.writes
			want := state(whole)
			for _, failing := range writes {
				n := begin()
				n.fails, n.fail = "gh: Bad Gateway (HTTP 502)", func(call string) bool { return call == failing }
				if _, err := n.run(nights.now, nights.patch); err == nil {
					t.Errorf("%s fails, and the night does not say so", failing)
				}
				n.fail = nil
				if _, err := n.run(nights.now, nights.patch); err != nil {
					t.Fatal(err)
				}
				if got := state(n); got != want {
					t.Errorf("%s has failed, and the next night leaves\n%s\nwant\n%s", failing, got, want)
				}
				n.must(nights.now, nights.patch, "")
			}
		})
	}
}

// TestSettingIsNamed: where the repository does not let workflows open pull requests, the
// error says what to turn on, and the next night opens it.
func TestSettingIsNamed(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.fails, n.fail = "gh: GitHub Actions is not permitted to create or approve pull requests. (HTTP 403)", func(call string) bool { return call == "POST pulls" }
	r, patch := document("1", "2026-01-02")
	if _, err := n.run(r, patch); !errors.Is(err, errSetting) || !strings.Contains(err.Error(), "Allow GitHub Actions to create and approve pull requests") {
		t.Errorf("the error is %v", err)
	}
	n.fail = nil
	n.must(r, patch, strings.TrimPrefix(opened, "pushed follow-upstream\n"))
}

// TestForgedIssue: an issue by someone else that looks like ours is not ours.
func TestForgedIssue(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	refused := found(try.Refused, "none", "hostile")
	forged := &thread{Number: 1, State: "open", Title: "x", Body: issueText(refused).body}
	forged.User.Login = "stranger"
	n.threads = append(n.threads, forged)
	n.must(refused, "", "opened issue #2: Upstream's document: refused\n")
	n.must(inStep, "", "closed issue #2: Upstream's document does not differ from ours any more.\n")
	if forged.State != "open" {
		t.Error("the issue of someone else is closed")
	}
}

// TestForkOfTheOwner: a pull request of a fork is not ours, though the owner and the name of
// the branch are the same: neither does it say no for us, nor is it changed.
func TestForkOfTheOwner(t *testing.T) {
	t.Parallel()
	r, patch := document("1", "2026-01-02")
	for _, state := range []string{"open", "closed"} {
		n := newNight(t)
		body := pullText(r).body
		theirs := &thread{Number: 1, State: state, Title: "x", Body: body}
		theirs.Head.Repo.FullName = "owner/fork"
		n.threads, n.pulls[1] = append(n.threads, theirs), true
		n.must(r, patch, strings.ReplaceAll(opened, "#1", "#2"))
		if theirs.State != state || theirs.Body != body {
			t.Errorf("the pull request of the fork is %s: %s", theirs.State, theirs.Body)
		}
	}
}
