package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestSearch hides a token and a key in output as a mistake would.
func TestSearch(t *testing.T) {
	t.Parallel()
	pair := testpki.Leaf("secrets", nil)
	block := pair.KeyPEM()
	tests := []struct {
		name   string
		output []byte
		found  bool
	}{
		{"nothing", []byte("ok  	originpull	0.1s\n"), false},
		{"a certificate", pair.CertPEM(), false},
		{"a token", []byte("Authorization: Bearer " + testpki.Token() + "\n"), true},
		{"a key", block, true},
		{"a key without its frame", block[bytes.IndexByte(block, '\n'):bytes.LastIndex(block, []byte("-----END"))], true},
	}
	for _, test := range tests {
		if found := search(test.output); (len(found) > 0) != test.found {
			t.Errorf("%s: the search finds %q", test.name, found)
		}
	}
}

// TestRunFindsInLog requires that a secret in a log ends the run before anything
// else is done.
func TestRunFindsInLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, []byte("token="+testpki.Token()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), []string{log}); err == nil {
		t.Error("a log that holds a token passes")
	}
	if err := run(context.Background(), []string{log + ".missing"}); err == nil {
		t.Error("a log that is not there passes")
	}
}
