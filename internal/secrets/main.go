// Secrets runs all tests and every command at debug level and searches what they
// print for the marks of test keys and tokens (package testpki). It exits 1 when
// one shows.
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

// commands are what is run. The tests run with -v, so that what passing tests log
// is searched too.
var commands = [][]string{
	{"go", "test", "-count=1", "-v", "./..."},
	{"go", "run", "./cmd/originpull", "demo", "--debug"},
	{"go", "run", "./cmd/originpull", "demo", "--debug", "--json"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	for _, args := range commands {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		output, err := cmd.CombinedOutput()
		if found := search(output); len(found) > 0 {
			// The output itself would show the secret once more.
			return fmt.Errorf("the output of %q holds a secret as %s", strings.Join(args, " "), strings.Join(found, ", "))
		}
		if err != nil {
			os.Stderr.Write(output)
			return fmt.Errorf("%q: %w", strings.Join(args, " "), err)
		}
		fmt.Printf("%s: %d bytes of output, no secret\n", strings.Join(args, " "), len(output))
	}
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
