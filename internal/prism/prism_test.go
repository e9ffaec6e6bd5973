//go:build unix

package prism

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeNpx puts a script in the place of npx, and makes the folder for temporary
// files one of the test's own, which it returns.
func fakeNpx(t *testing.T, script string) (temp string) {
	t.Helper()
	bin, temp := t.TempDir(), t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(bin, "npx"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		bin += ":/bin:/usr/bin"
	}
	t.Setenv("PATH", bin)
	t.Setenv("TMPDIR", temp)
	return temp
}

func requireNothingLeft(t *testing.T, temp string) {
	t.Helper()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestMissingOrBroken: a Prism that breaks must never pass for one that is not
// available.
func TestMissingOrBroken(t *testing.T) {
	for name, test := range map[string]struct {
		script, says string
		missing      bool
	}{
		"no npx":          {"", "npx is missing", true},
		"no network":      {"#!/bin/sh\necho 'npm error code EAI_AGAIN'\necho 'npm error request failed'\nexit 1\n", "no network", true},
		"no such package": {"#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n", "E404", false},
		"Prism breaks":    {"#!/bin/sh\necho 'Error: getaddrinfo ENOTFOUND'\necho 'cannot read the document' >&2\nexit 1\n", "cannot read the document", false},
		"Prism is silent": {"#!/bin/sh\nexit 0\n", "it ended", false},
		"no program":      {"#!/no/such/shell\n", "npx", false},
		"a line too long": {"#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' x\nsleep 60\n", "it ended", false},
	} {
		t.Run(name, func(t *testing.T) {
			temp := fakeNpx(t, test.script)
			_, _, err := Start(t.Context(), nil)
			if err == nil || errors.Is(err, ErrMissing) != test.missing || !strings.Contains(err.Error(), test.says) {
				t.Errorf("have %v, want it missing: %t, and %q said", err, test.missing, test.says)
			}
			requireNothingLeft(t, temp)
		})
	}
}

// TestPrismGetsNoCredentials: what npm installs is never given the token of a zone.
func TestPrismGetsNoCredentials(t *testing.T) {
	t.Setenv("CLOUDFLARE_API_TOKEN", "given")
	fakeNpx(t, "#!/bin/sh\necho \"the token is ${CLOUDFLARE_API_TOKEN:-missing}\"\nexit 1\n")
	if _, _, err := Start(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "the token is missing") {
		t.Errorf("Prism says %v, want it to be started without the token", err)
	}
}

// TestStopEndsWhatWillNot: a Prism that does not hear of its end is killed.
func TestStopEndsWhatWillNot(t *testing.T) {
	temp := fakeNpx(t, "#!/bin/sh\ntrap '' TERM\necho 'Prism is listening'\nwhile :; do sleep 1; done\n")
	url, stop, err := Start(t.Context(), []byte("openapi: 3.0.3"))
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("%q, %v", url, err)
	}
	stop()
	requireNothingLeft(t, temp)
}

func TestProxyContractMissing(t *testing.T) {
	fakeNpx(t, "")
	if _, err := ProxyContract(t.Context()); !errors.Is(err, ErrMissing) {
		t.Errorf("without npx: %v, want it to say that Prism is not available", err)
	}
}
