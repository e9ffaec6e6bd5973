// Leakscan runs all tests and every command at debug level and searches what they
// print for the secrets of tests (package testpki): for the marks that keys and tokens
// bear, and for any 8 bytes in a row of a token or of the private part of a key,
// encoded in any of the ways that package secret knows. It exits 1 when one shows.
//
// With arguments it searches these files in place of running the tests, whose output
// they hold. The tests must have run with ORIGINPULL_TEST_SECRETS naming a file, and so
// must this program, to know the secrets.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
	"github.com/originpull/originpull-go/internal/testpki"
)

// tests is what runs all tests; -v, so that what passing tests log is searched too.
var tests = []string{"go", "test", "-count=1", "-v", "./..."}

// commands are all that the programs do with a key or a token on one machine, as
// far as it ends by itself.
var commands = [][]string{
	{"go", "run", "./cmd/originpull", "demo", "--debug"},
	{"go", "run", "./cmd/originpull", "demo", "--debug", "--json"},
	{"go", "run", "./cmd/contract", "run"},
	{"go", "run", "./cmd/contract", "run", "--json"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "leakscan:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logs []string) error {
	list := os.Getenv(testpki.ListEnv)
	switch {
	case len(logs) > 0:
		// What is run below lists secrets too: those of the logs must be there before.
		if _, err := newSearch(list); err != nil {
			return fmt.Errorf("%s: %w", testpki.ListEnv, err)
		}
	case list == "":
		dir, err := os.MkdirTemp("", "leakscan")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		list = filepath.Join(dir, "list")
		os.Setenv(testpki.ListEnv, list) // for all that is run from here
	}
	var outputs []output
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		outputs = append(outputs, output{log, text})
	}
	served, err := serve(ctx)
	if err != nil {
		return err
	}
	outputs = append(outputs, served)
	all := commands
	if len(logs) == 0 {
		all = append([][]string{tests}, commands...)
	}
	for _, args := range all {
		name := strings.Join(args, " ")
		text, failed := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
		outputs = append(outputs, output{name, text})
		if failed != nil {
			return errors.Join(judge(list, outputs), fmt.Errorf("%q: %w", name, failed), shown(list, text))
		}
	}
	return judge(list, outputs)
}

// output is what a command or the tests have printed.
type output struct {
	of   string
	text []byte
}

// judge searches all outputs for all secrets that were made.
func judge(list string, outputs []output) error {
	s, err := newSearch(list)
	if err != nil {
		return err
	}
	var failed error
	for _, o := range outputs {
		if found := s.search(o.text); len(found) > 0 {
			// The output is not shown: that would show the secret once more.
			failed = errors.Join(failed, fmt.Errorf("the output of %q holds a secret: %s", o.of, strings.Join(found, ", ")))
			continue
		}
		fmt.Printf("%s: %d bytes of output, none of %d secrets\n", o.of, len(o.text), s.secrets)
	}
	return failed
}

// shown returns, as an error, the output of a command that failed, if it holds no
// secret.
func shown(list string, text []byte) error {
	if s, err := newSearch(list); err != nil || len(s.search(text)) > 0 {
		return errors.New("its output holds a secret and is not shown")
	}
	return fmt.Errorf("it printed:\n%s", text)
}

// search knows the secrets to look for.
type search struct {
	parts   *secret.Index
	secrets int
}

// newSearch reads the list of secrets that package testpki has written.
func newSearch(list string) (search, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return search{}, fmt.Errorf("the list of secrets: %w", err)
	}
	s := search{parts: new(secret.Index)}
	for line := range strings.Lines(string(text)) {
		one, err := hex.DecodeString(strings.TrimSpace(line))
		if err != nil || len(one) < secret.Run {
			return search{}, fmt.Errorf("the list of secrets: line %d is not a secret in hexadecimal", s.secrets+1)
		}
		s.parts.AddBinary(one)
		s.secrets++
	}
	if s.secrets == 0 {
		return search{}, errors.New("the list of secrets is empty: nothing was looked for")
	}
	return s, nil
}

// search returns the forms in which text holds a secret. Lines are also joined: PEM and
// dumps break base64 and lists anywhere.
func (s search) search(text []byte) []string {
	joined := bytes.ReplaceAll(text, []byte("\n"), nil)
	var found []string
	for form, mark := range testpki.Marks() {
		if bytes.Contains(text, []byte(mark)) || bytes.Contains(joined, []byte(mark)) {
			found = append(found, form)
		}
	}
	sort.Strings(found)
	if secret.Shows(string(text), s.parts) {
		found = append(found, "a part of one, "+s.place(text))
	}
	return found
}

// place says in which line of text a part of a secret stands.
func (s search) place(text []byte) string {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; secret.Shows(string(line), s.parts) {
			return fmt.Sprintf("first in line %d", n)
		}
	}
	return "broken over lines"
}
