package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/try"
)

const (
	// branch is the one branch, so that there is one pull request.
	branch = "follow-upstream"
	remote = "origin"
	// botEmail is that of the commits of the bot. Whoever changes one gets into it as its
	// committer.
	botEmail = "41898282+github-actions[bot]@users.noreply.github.com"
)

// clone is a clone of the repository.
type clone struct{ dir string }

// git runs git, and returns what it prints.
func (c clone) git(ctx context.Context, stdin []byte, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin = c.dir, bytes.NewReader(stdin)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(output), nil
}

// line runs git, and returns the one line that it prints.
func (c clone) line(ctx context.Context, args ...string) (string, error) {
	output, err := c.git(ctx, nil, nil, args...)
	return strings.TrimSpace(output), err
}

// patched returns the tree that a patch makes of HEAD. The patch is applied in an index
// of its own, never to files. What it may change is looked for in the tree that it has
// made, not in its text, which git and this program could read differently.
func (c clone) patched(ctx context.Context, patch []byte, files []string) (tree string, err error) {
	dir, err := os.MkdirTemp("", "upstreampr-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	for _, args := range [][]string{{"read-tree", "HEAD"}, {"apply", "--cached", "--whitespace=nowarn", "-"}, {"write-tree"}} {
		if tree, err = c.git(ctx, patch, index, args...); err != nil {
			return "", fmt.Errorf("the patch is refused: %w", err)
		}
	}
	tree = strings.TrimSpace(tree)
	changed, err := c.vet(ctx, tree)
	if err == nil && !slices.Equal(changed, files) {
		err = fmt.Errorf("it changes %q, and the report says %q", changed, files)
	}
	if err != nil {
		return "", fmt.Errorf("the patch is refused: %w", err)
	}
	return tree, nil
}

// vet returns the files that a tree changes of HEAD, in their order. It fails if one is
// not among those that following a document may change or remove, or is something else
// than a text file that was one before.
func (c clone) vet(ctx context.Context, tree string) (changed []string, err error) {
	config, err := drift.LoadConfig(filepath.Join(c.dir, "drift.yaml"))
	if err != nil {
		return nil, err
	}
	list, err := c.git(ctx, nil, nil, "diff-tree", "-r", "-z", "--no-renames", "HEAD", tree)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(strings.TrimSuffix(list, "\x00"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		change, name := strings.Fields(strings.TrimPrefix(fields[i], ":")), fields[i+1] // modes, objects, status
		switch {
		case len(change) != 5:
			return nil, fmt.Errorf("git diff-tree prints %q", fields[i])
		case !try.MayChange(config, name):
			return nil, fmt.Errorf("%q is not a file that make sync may change", name)
		case change[4] == "D" && try.MayRemove(config, name):
		case change[4] != "M" || change[0] != "100644" || change[1] != "100644":
			return nil, fmt.Errorf("%q: only text files that were there before may change (%s, mode %s to %s)", name, change[4], change[0], change[1])
		default:
			content, err := c.git(ctx, nil, nil, "cat-file", "blob", change[3])
			if err != nil {
				return nil, err
			}
			if !utf8.ValidString(content) || strings.Contains(content, "\x00") {
				return nil, fmt.Errorf("%q would not be a text file", name)
			}
		}
		changed = append(changed, name)
	}
	return changed, nil
}

// tip is what the branch is on the remote.
type tip struct {
	sha  string // empty if there is no branch
	ours bool   // whether all that HEAD lacks is one commit of the bot, or nothing
	last bool   // whether it is that one commit
}

// fetch fetches the branch.
func (c clone) fetch(ctx context.Context) (tip, error) {
	const ref = "refs/heads/" + branch
	listed, err := c.line(ctx, "ls-remote", remote, ref)
	if err != nil || listed == "" {
		return tip{}, err
	}
	t := tip{sha: strings.Fields(listed)[0]}
	if _, err := c.line(ctx, "fetch", "--quiet", "--no-tags", remote, t.sha); err != nil {
		return tip{}, err
	}
	commits, err := c.line(ctx, "log", "--format=%ae %ce", "HEAD.."+t.sha)
	t.ours = commits == "" || commits == botEmail+" "+botEmail
	t.last = t.ours && commits != ""
	return t, err
}

// day is a date, which the lock and drift.yaml say of each acceptance: a patch that
// differs in nothing else is the same.
var day = regexp.MustCompile(`\d{4}-\d\d-\d\d`)

// same reports whether the commit of the branch changes what a tree changes of HEAD.
func (c clone) same(ctx context.Context, t tip, tree string) (bool, error) {
	if !t.last {
		return false, nil
	}
	before, err := c.difference(ctx, t.sha+"^", t.sha)
	if err != nil {
		return false, err
	}
	now, err := c.difference(ctx, "HEAD", tree)
	return before == now, err
}

func (c clone) difference(ctx context.Context, from, to string) (string, error) {
	text, err := c.git(ctx, nil, nil, "diff-tree", "-r", "-p", "--no-ext-diff", "--no-textconv", "--no-renames", from, to)
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "index ") { // a hash of the whole content, dates and all
			lines = append(lines, day.ReplaceAllString(line, "DAY"))
		}
	}
	return strings.Join(lines, ""), err
}

// push makes the branch one commit of a tree on HEAD, if it still is what it was. It
// returns the commit.
func (c clone) push(ctx context.Context, t tip, tree, message string) (string, error) {
	const name = bot
	env := []string{
		"GIT_AUTHOR_NAME=" + name, "GIT_AUTHOR_EMAIL=" + botEmail,
		"GIT_COMMITTER_NAME=" + name, "GIT_COMMITTER_EMAIL=" + botEmail,
	}
	commit, err := c.git(ctx, []byte(message), env, "-c", "commit.gpgSign=false", "commit-tree", tree, "-p", "HEAD")
	if err != nil {
		return "", err
	}
	commit = strings.TrimSpace(commit)
	return commit, c.move(ctx, t, commit)
}

// move makes the branch another commit, or deletes it for "". If someone has pushed to it
// since, that is an error.
func (c clone) move(ctx context.Context, t tip, commit string) error {
	const ref = "refs/heads/" + branch
	_, err := c.line(ctx, "push", "--quiet", "--force-with-lease="+ref+":"+t.sha, remote, commit+":"+ref)
	return err
}
