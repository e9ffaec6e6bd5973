package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/try"
)

// beside builds drift-try into the folder of drift.
func beside(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("go", "run", "-exec=cp", "../drift-try", filepath.Join(dir, tryProgram)).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
}

// TestTryFindsItsProgram: "drift try" passes its arguments on, as they are, and returns the
// exit status. Who has not installed the program is told how to.
func TestTryFindsItsProgram(t *testing.T) {
	t.Parallel()
	self := program(t)
	script, err := filepath.Abs("testdata/drift-try")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		beside, path bool
		args         []string
		want         string
		status       int
	}{
		"beside drift":         {true, true, []string{"try", "their doc.yaml", "--follow", "a:b", "--", "-x"}, "BESIDE/drift-try\n<their doc.yaml>\n<--follow>\n<a:b>\n<-->\n<-x>\n", 7},
		"in PATH":              {false, true, []string{"try", "--help"}, "PATH/drift-try\n<--help>\n", 7},
		"after a flag of all":  {true, false, []string{"--config", "x.yaml", "try", "d"}, "BESIDE/drift-try\n<--config>\n<x.yaml>\n<d>\n", 7},
		"nowhere":              {false, false, []string{"try", "d"}, "drift: nothing was tried\n  why:  the program drift-try is neither beside drift nor in PATH\n  next: go install github.com/originpull/originpull-go/cmd/drift-try@latest\n", 2},
		"nowhere, with a flag": {false, false, []string{"try", "d", "--apply"}, "drift: nothing was tried\n", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, path := t.TempDir(), t.TempDir()
			// What is linked and not written can be run at once, whatever else is started.
			put := func(link func(old, new string) error, old, new string, want bool) {
				if want {
					if err := link(old, new); err != nil {
						t.Fatal(err)
					}
				}
			}
			put(os.Link, self, filepath.Join(dir, "drift"), true)
			put(os.Symlink, script, filepath.Join(dir, tryProgram), test.beside)
			put(os.Symlink, script, filepath.Join(path, tryProgram), test.path)
			cmd := exec.Command(filepath.Join(dir, "drift"), test.args...)
			cmd.Env = append(os.Environ(), "PATH="+path)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("BESIDE", dir, "PATH/", path+"/").Replace(test.want)
			if !strings.HasPrefix(string(out), want) || cmd.ProcessState.ExitCode() != test.status {
				t.Errorf("drift %v ends with %d and prints\n%s\nwant %d and\n%s", test.args, cmd.ProcessState.ExitCode(), out, test.status, want)
			}
		})
	}
}

// TestTryIsNotLinked: the other commands start without what drift-try needs.
func TestTryIsNotLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"github.com/originpull/originpull-go/drift/try", "golang.org/x/tools/go/packages", "go/types"} {
		if strings.Contains("\n"+string(out), "\n"+heavy+"\n") {
			t.Errorf("drift links %s, which makes each command start slower", heavy)
		}
	}
}

// TestTryReportsItsSteps: on standard error one reads what a trial is about, while the
// report on standard output is JSON and nothing else.
func TestTryReportsItsSteps(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	beside(t, filepath.Dir(program(t)))
	if out, err := exec.Command("git", "init", "--quiet", l.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "go.mod"), []byte("module library\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.edit("isbn: {type: string,", "isbn: {type: string, x-go-type: Isbn,")
	stdout, stderr := l.run(2, "try", "theirs.yaml", "-o", "json")
	var r try.Result
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Verdict != try.Refused {
		t.Errorf("standard output is not the report alone: %v, %q", err, stdout)
	}
	if strings.Contains(stdout, "null") {
		t.Errorf("the report has no list where one can stand: %s", stdout)
	}
	const want = `^begin copy
end copy: done after \d+\.\d s
begin propose
end propose: failed after \d+\.\d s
end generate: skipped: propose failed
`
	if !regexp.MustCompile(want).MatchString(stderr) {
		t.Errorf("the steps are reported as\n%s\nwant\n%s", stderr, want)
	}
}
