package main

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

var (
	whole = flag.Bool("whole", false, "follow documents that change the SDK, with make upstream-try")
	check = flag.Bool("check", false, "with -whole, run make check on the tree of the first branch, which takes minutes")
)

const root = "../../.."

// TestNights goes from a document to GitHub: a trial of it in a clone of the repository,
// as the job without rights runs it, then this program, as the job with rights does. With
// -v it prints what each night says and sends.
func TestNights(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the programs")
	}
	t.Parallel()
	// The whole takes a document that changes the SDK the way; these are tried in no time.
	first, firstIs, label, second, secondIs := "editorial", "safe, nothing to release", "semver-none", "new-operation", "ignored, nothing to release"
	if *whole {
		first, firstIs, label, second, secondIs = "new-field", "additive, a minor version", "semver-minor", "new-field new-status", "additive, a minor version"
	}
	s := newStandIn(t)
	const title = "Follow upstream's document: "
	for _, night := range []struct{ name, changes, want string }{
		{"upstream changes: " + first, first, "pushed follow-upstream\nopened pull request #1: " + title + firstIs + "\nlabelled pull request #1 " + label + "\nstarted CI on follow-upstream\n"},
		{"the same document", first, ""},
		{"upstream changes again: " + second, second, "pushed follow-upstream\nupdated pull request #1: " + title + secondIs + "\nstarted CI on follow-upstream\n"},
		{"upstream reverts it", "unchanged", "closed pull request #1: Upstream's document does not differ from ours any more.\ndeleted follow-upstream\n"},
		{"a breaking document: nullable-result", "nullable-result", "opened issue #2: Upstream's document: breaking, a major version, to be decided\n"},
		{"upstream reverts it", "unchanged", "closed issue #2: Upstream's document does not differ from ours any more.\n"},
		{"a hostile document", "hostile", "opened issue #3: Upstream's document: refused\n"},
	} {
		t.Run(night.name, func(t *testing.T) {
			s.t = t
			got := s.night(t, night.changes)
			t.Logf("%s\n%s\n%s\n%s", night.name, indent(got, "nothing to do"), indent(strings.Join(s.writes, "\n"), "gh changes nothing"), indent(s.tree(), "there is no branch "+branch))
			if got != night.want {
				t.Errorf("the night says\n%swant\n%s", got, night.want)
			}
			if night.want == "" && len(s.writes) > 0 {
				t.Errorf("the same document, and the night does %q", s.writes)
			}
			if open := s.pulls[1] && s.threads[0].State == "open"; (s.branch(branch) != "") != open {
				t.Errorf("there is a branch: %t, and an open pull request: %t", s.branch(branch) != "", open)
			}
			if *check && night.name == "upstream changes: "+first {
				s.makeCheck(t)
			}
		})
	}
}

func indent(text, none string) string {
	if text == "" {
		text = none
	}
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// standIn is a clone of a repository as this one was before any of the documents was
// followed, and GitHub.
type standIn struct {
	*recorder
	dir, bin string
}

// compared are the files of the repository that are enough for a trial that compiles
// nothing.
var compared = []string{"go.mod", "drift.yaml", "CHANGELOG.md", ".gitignore", "spec", "overlays", "gen", "originpull/values.gen.go"}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	folder, err := modcopy.NewFolder("nights-test") // the same each time: what is compiled there is kept
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Remove() })
	dir := filepath.Join(folder.Dir, "main")
	only := compared
	if *whole {
		only = nil
	}
	copyFiles(t, dir, root, only...)
	if err := os.RemoveAll(filepath.Join(dir, "overlays/upstream")); err != nil {
		t.Fatal(err)
	}
	copyFiles(t, dir, root+"/internal/cmd/fakeupstream/testdata/ours")
	publish(t, folder.Dir)
	s := &standIn{newRecorder(t, filepath.Join(folder.Dir, "remote.git")), dir, t.TempDir()}
	for _, name := range []string{"cmd/drift-try", "internal/cmd/fakeupstream"} {
		do(t, root, "go", "run", "-exec=cp", "./"+name, filepath.Join(s.bin, filepath.Base(name)))
	}
	return s
}

// night tries a document and brings GitHub in line, and returns what the program says.
func (s *standIn) night(t *testing.T, changes string) string {
	t.Helper()
	dir := t.TempDir()
	upstream, report, patch := filepath.Join(dir, "upstream.yaml"), filepath.Join(s.dir, "report/upstream/report.json"), filepath.Join(s.dir, "report/upstream/follow.patch")
	write(t, dir, "upstream.yaml", do(t, s.dir, filepath.Join(s.bin, "fakeupstream"), strings.Fields(changes)...))
	if *whole {
		do(t, s.dir, "make", "upstream-try", "UPSTREAM="+upstream)
	} else {
		err := errors.Join(os.RemoveAll(filepath.Dir(report)), os.MkdirAll(filepath.Dir(report), 0o755))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "drift-try"), "-o", "json", "--patch", patch, upstream)
		cmd.Dir = s.dir
		output, _ := cmd.Output() // the report has the verdict
		write(t, filepath.Dir(report), "report.json", string(output))
	}
	var log strings.Builder
	s.writes = nil
	n := &syncer{hub: hub{"owner/name", s.gh}, clone: clone{s.dir}, base: "main", log: &log}
	if err := syncFiles(t.Context(), n, report, patch); err != nil {
		t.Fatal(err)
	}
	if status := git(t, s.dir, "status", "--porcelain"); status != "" {
		t.Errorf("the program has changed the working tree, where what is of the document could be run:\n%s", status)
	}
	return log.String()
}

// tree says what the branch changes of main, and who has made it.
func (s *standIn) tree() string {
	if s.branch(branch) == "" {
		return ""
	}
	files := strings.Fields(git(s.t, s.remote, "diff-tree", "-r", "--name-only", "main", branch))
	return git(s.t, s.remote, "log", "--format=%an: %s", "main.."+branch) + "which changes " + strings.Join(files, ", ")
}

// copyFiles copies what git would commit of a folder, or of some paths in it.
func copyFiles(t *testing.T, to, from string, paths ...string) {
	t.Helper()
	list := git(t, from, append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, paths...)...)
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) { // deleted, and not committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, name, string(data))
		if info, err := os.Stat(filepath.Join(from, name)); err != nil || os.Chmod(filepath.Join(to, name), info.Mode().Perm()) != nil {
			t.Fatal(err)
		}
	}
}

// makeCheck runs make check on the tree of the branch.
func (s *standIn) makeCheck(t *testing.T) {
	t.Helper()
	dir := filepath.Join(filepath.Dir(s.dir), "branch")
	git(t, ".", "clone", "--quiet", "--branch", branch, s.remote, dir)
	cmd := exec.CommandContext(t.Context(), "make", "check")
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // it takes minutes
	if err := cmd.Run(); err != nil {
		t.Fatalf("make check of the tree of %s: %v", branch, err)
	}
	t.Logf("make check of the tree of %s has passed", branch)
}

// do runs a command that has to succeed, and returns what it prints.
func do(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, &stderr)
	}
	return string(output)
}
