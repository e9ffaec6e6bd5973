package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/modcopy"
)

// git runs git in a folder, and returns what it prints.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	output, err := modcopy.Git(t.Context(), dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// publish makes the folder main of a folder a repository, whose branch main is on the
// remote beside it.
func publish(t *testing.T, parent string) {
	t.Helper()
	dir := filepath.Join(parent, "main")
	git(t, ".", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", filepath.Join(parent, "remote.git"))
	for _, args := range [][]string{
		{"init", "--quiet", "--template=", "--initial-branch=main"},
		{"config", "user.name", "person"},
		{"config", "user.email", "person@example.com"},
		{"config", "commit.gpgSign", "false"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "as it is"},
		{"remote", "add", "origin", "../remote.git"},
		{"push", "--quiet", "origin", "main"},
	} {
		git(t, dir, args...)
	}
}

const config = "prefix: /x\nspec: spec/openapi.yaml\nlock: spec/upstream.lock\ncorrections: overlays/upstream\n"

// base is a folder with a repository of a few files, as few as one that follows a document
// can have, and its remote. It is made once, since git takes long.
var base struct {
	sync.Once
	fs.FS
}

func small(t *testing.T) (dir, remote string) {
	t.Helper()
	base.Do(func() {
		parent := t.TempDir()
		for name, text := range map[string]string{
			"drift.yaml": config, "spec/openapi.yaml": "a: 1\n", "spec/upstream.lock": "accepted: 2026-01-01\n", "gen/api/api.gen.go": "package api\n",
			"overlays/upstream/one.yaml": "one: 1\n", "main.go": "package main\n", ".github/workflows/ci.yaml": "on: push\n",
		} {
			write(t, filepath.Join(parent, "main"), name, text)
		}
		publish(t, parent)
		files := fstest.MapFS{}
		err := filepath.WalkDir(parent, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(parent, file)
			if entry.IsDir() {
				files[filepath.ToSlash(name)] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
				return err
			}
			data, err := os.ReadFile(file)
			files[filepath.ToSlash(name)] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		base.FS = files
	})
	parent := t.TempDir()
	if err := os.CopyFS(parent, base.FS); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(parent, "main"), filepath.Join(parent, "remote.git")
}

// a night is what the program does once, and what it has found then.
type night struct {
	t *testing.T
	*recorder
	dir string
	log strings.Builder
}

func newNight(t *testing.T) *night {
	dir, remote := small(t)
	return &night{t: t, recorder: newRecorder(t, remote), dir: dir}
}

// run runs the program, and returns what it says it did.
func (n *night) run(r *try.Result, patch string) (string, error) {
	n.t.Helper()
	n.writes = nil
	n.log.Reset()
	s := &syncer{hub: hub{"owner/name", n.gh}, clone: clone{n.dir}, base: "main", log: &n.log}
	err := s.run(n.t.Context(), r, []byte(patch))
	return n.log.String(), err
}

// must is run, which has to succeed and to say what it did.
func (n *night) must(r *try.Result, patch, want string) {
	n.t.Helper()
	got, err := n.run(r, patch)
	if err != nil || got != want {
		n.t.Errorf("the night says\n%swant\n%serror %v", got, want, err)
	}
	if want == "" && len(n.writes) > 0 {
		n.t.Errorf("the night has nothing to do, and does %q", n.writes)
	}
}

// document is a document of upstream that differs by a version of its own, as it is
// found when it is tried on a day.
func document(version, day string) (*try.Result, string) {
	r := found(try.Additive, "minor", "adopted: "+version)
	r.Files = []string{"spec/openapi.yaml", "spec/upstream.lock"}
	return r, `diff --git a/spec/openapi.yaml b/spec/openapi.yaml
--- a/spec/openapi.yaml
+++ b/spec/openapi.yaml
@@ -1 +1,2 @@
 a: 1
+version: ` + version + `
diff --git a/spec/upstream.lock b/spec/upstream.lock
--- a/spec/upstream.lock
+++ b/spec/upstream.lock
@@ -1 +1,2 @@
 accepted: 2026-01-01
+accepted: ` + day + `
`
}

// found is what a trial has found.
func found(verdict try.Verdict, version string, reasons ...string) *try.Result {
	r := &try.Result{Verdict: verdict, Version: version, Undecided: verdict == try.Breaking, Files: []string{}}
	for _, reason := range reasons {
		r.Reasons = append(r.Reasons, try.Reason{Verdict: verdict, Text: reason})
	}
	if verdict != try.Refused {
		r.Proposal = &propose.Proposal{Report: &drift.Report{Fingerprint: strings.Repeat("0", 32), Findings: make([]drift.Finding, len(reasons))}}
	}
	return r
}

// asPerson commits to the branch of the remote, as a person who improves it.
func (n *night) asPerson(text string) {
	n.t.Helper()
	dir := filepath.Join(n.t.TempDir(), "person")
	git(n.t, ".", "clone", "--quiet", "--branch", branch, n.remote, dir)
	write(n.t, dir, "spec/openapi.yaml", text)
	cmd := exec.CommandContext(n.t.Context(), "git", "-c", "user.name=person", "-c", "user.email=person@example.com", "-c", "commit.gpgSign=false", "commit", "--quiet", "--all", "--message", "Describe it")
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("%v: %s", err, output)
	}
	git(n.t, dir, "push", "--quiet", "origin", branch)
}
