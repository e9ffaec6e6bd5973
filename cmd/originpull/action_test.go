package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestGitHubAction runs the script of the example of a GitHub Action, with the command as it
// is: the certificate of the secrets becomes the live one, the secrets are in files that no
// one else reads, and in no argument, and they are gone afterwards.
func TestGitHubAction(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skipf("NOT TESTED: the script of the GitHub Action needs bash: %v", err)
	}
	c := newCloudflare(t, originpulltest.Options{DeployDelay: -1})
	f, temporary, bin := newOriginFiles(t), t.TempDir(), t.TempDir()
	pair, origin := f.client, f.serve(t, f.enforcing(), http.NotFoundHandler())
	// The program that the action installs says how it was called, and what it finds.
	program := fmt.Sprintf("#!/bin/sh\necho \"called: $*; environment: $(env)\" >>'%s/calls'\nls -ld %s/*/* >>'%[1]s/calls'\n%[3]s=1 exec '%[4]s' \"$@\" --base-url '%[5]s'\n",
		bin, temporary, runMain, os.Args[0], c.URL())
	for name, text := range map[string]string{"originpull": program, "go": fmt.Sprintf("#!/bin/sh\necho '%s'\n", bin)} {
		file := filepath.Join(bin, "bin", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := exec.Command("bash", "-e", "-c", actionScript(t))
	script.Env = append(os.Environ(), "PATH="+filepath.Join(bin, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "TMPDIR="+temporary,
		"TOKEN="+c.Token(), "CLIENT_CERT="+string(pair.CertPEM()), "CLIENT_KEY="+string(pair.KeyPEM()), "ZONE_ID="+c.ZoneID(), "ORIGIN="+origin, "SERVER_NAME="+originName)
	if output, err := script.CombinedOutput(); err != nil {
		t.Fatalf("the script: %v\n%s", err, output)
	}
	if got := c.Presented(c.ZoneID()); got.Certificate == nil || !got.Certificate.Equal(pair.Certificate) {
		t.Errorf("Cloudflare presents %v, want the certificate of the secrets", got)
	}
	calls, err := os.ReadFile(filepath.Join(bin, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(calls), "PRIVATE KEY") || strings.Contains(string(calls), c.Token()) {
		t.Error("a secret is an argument of the program, or in its environment")
	}
	if n := strings.Count(string(calls), "-rw------- "); n != 3 {
		t.Errorf("%d files are for their owner alone, want those with the token, the certificate and the key", n)
	}
	if left, err := filepath.Glob(filepath.Join(temporary, "*")); err != nil || len(left) > 0 {
		t.Errorf("the files stay: %v, %v", left, err)
	}
}

// actionScript returns what the last step of the action runs.
func actionScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "github-action", "rotate.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs["rotate"].Steps
	return steps[len(steps)-1].Run
}
