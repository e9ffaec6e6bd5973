// Secrets runs all tests and every command at debug level and searches what they
// print for the marks of test keys and tokens (package testpki). It exits 1 when
// one shows. With arguments it searches these files in place of running the
// tests, whose output they hold.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sort"
	"strings"

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
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logs []string) error {
	for _, log := range logs {
		output, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		if err := judge(log, output); err != nil {
			return err
		}
	}
	all := commands
	if len(logs) == 0 {
		all = append([][]string{tests}, commands...)
	}
	if err := serve(ctx); err != nil {
		return err
	}
	for _, args := range all {
		output, failed := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
		if err := judge(strings.Join(args, " "), output); err != nil {
			return err
		}
		if failed != nil {
			os.Stderr.Write(output)
			return fmt.Errorf("%q: %w", strings.Join(args, " "), failed)
		}
	}
	return nil
}

// judge tells what was searched. It does not show the output: that would show the
// secret once more.
func judge(what string, output []byte) error {
	if found := search(output); len(found) > 0 {
		return fmt.Errorf("the output of %q holds a secret as %s", what, strings.Join(found, ", "))
	}
	fmt.Printf("%s: %d bytes of output, no secret\n", what, len(output))
	return nil
}

// search returns the forms in which output holds a marked secret. Lines are also
// joined: PEM and dumps break base64 and lists anywhere.
func search(output []byte) []string {
	joined := bytes.ReplaceAll(output, []byte("\n"), nil)
	var found []string
	for form, mark := range testpki.Marks() {
		if bytes.Contains(output, []byte(mark)) || bytes.Contains(joined, []byte(mark)) {
			found = append(found, form)
		}
	}
	sort.Strings(found)
	return found
}
