package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// lists writes a list of the private parts of secrets, as package testpki does.
func lists(t *testing.T, secrets ...[]byte) string {
	t.Helper()
	var text strings.Builder
	for _, one := range secrets {
		text.WriteString(hex.EncodeToString(one) + "\n")
	}
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestSearch hides a token and a key in output as a mistake would.
func TestSearch(t *testing.T) {
	t.Parallel()
	pair, token := testpki.Leaf("secrets", nil), testpki.Token()
	block := pair.KeyPEM()
	ed, rsaKey := testpki.Ed25519(), testpki.RSA(2048)
	s, err := newSearch(lists(t, []byte(token), must(pair.Key.Bytes()), ed.Seed(), rsaKey.D.Bytes(), rsaKey.Primes[0].Bytes(), rsaKey.Primes[1].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(ed))
	body := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(rsaKey))
	tests := []struct {
		name   string
		output string
		found  bool
	}{
		{"nothing", "ok  	originpull	0.1s\n", false},
		{"a certificate", string(pair.CertPEM()), false},
		{"a public key", base64.StdEncoding.EncodeToString(must(x509.MarshalPKIXPublicKey(ed.Public()))), false},
		{"a modulus", rsaKey.N.Text(16), false},
		{"a token", "Authorization: Bearer " + token + "\n", true},
		{"a window of a token", "token " + token[30:38], true},
		{"a window of a token, percent-escaped", "%" + fmt.Sprintf("% X", token[30:42]), true},
		{"a key", string(block), true},
		{"a key without its frame", string(block[bytes.IndexByte(block, '\n'):bytes.LastIndex(block, []byte("-----END"))]), true},
		{"a window of a seed", base64.StdEncoding.EncodeToString(pkcs8)[40:56], true},
		{"a window of a scalar", hex.EncodeToString(must(pair.Key.Bytes())[24:]), true},
		{"a window of RSA's exponent", "d=" + rsaKey.D.Text(16)[100:118], true},
		{"a window of a prime", fmt.Sprint(rsaKey.Primes[1].Bytes()[20:28]), true},
		{"a window of RSA's PEM", body[len(body)/2:][:16], true},
	}
	for _, test := range tests {
		if found := s.search([]byte(test.output)); (len(found) > 0) != test.found {
			t.Errorf("%s: the search finds %q", test.name, found)
		}
	}
}

// TestRunFindsInLog requires that a secret in a log ends the run badly, and that a log
// is not good because nothing was looked for.
func TestRunFindsInLog(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	found := judge(lists(t, []byte(token)), []output{{of: "log", text: []byte("ok\ntoken=" + token[8:16])}, {of: "other"}})
	if found == nil || !strings.Contains(found.Error(), `the output of "log" holds a secret: a part of one, first in line 2`) || strings.Contains(found.Error(), token[8:16]) {
		t.Errorf("of a log that holds a part of a token the user reads %v", found)
	}
	for name, list := range map[string]string{"missing": filepath.Join(t.TempDir(), "none"), "empty": lists(t), "no list": "main.go"} {
		if err := judge(list, []output{{of: "log"}}); err == nil {
			t.Errorf("%s: without secrets to look for the log is good", name)
		}
	}
}

// TestRunWantsTheListOfItsLogs requires that a log is not searched for the secrets alone
// that the program itself has made.
func TestRunWantsTheListOfItsLogs(t *testing.T) {
	for name, list := range map[string]string{"no list": "", "missing": filepath.Join(t.TempDir(), "none"), "empty": lists(t)} {
		t.Setenv(testpki.ListEnv, list)
		if err := run(t.Context(), []string{"main.go"}); err == nil || !strings.Contains(err.Error(), testpki.ListEnv) {
			t.Errorf("%s: the log is searched for nothing: %v", name, err)
		}
	}
}

// TestTestsListTheirSecrets has package testpki list what it makes.
func TestTestsListTheirSecrets(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "list")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run", "TestMarksFindKeys", "../../testpki")
	cmd.Env = append(os.Environ(), testpki.ListEnv+"="+list)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if s, err := newSearch(list); err != nil || s.secrets != 2 {
		t.Errorf("%d secrets are listed, want a key and a token: %v", s.secrets, err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // what a test makes itself can be made
	}
	return value
}
