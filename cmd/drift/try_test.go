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

// TestTryReportsItsSteps: on standard error one reads what a trial is about, while the
// report on standard output is JSON and nothing else.
func TestTryReportsItsSteps(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
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
