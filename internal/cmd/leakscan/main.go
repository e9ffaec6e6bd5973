// Leakscan searches what tests and programs print for the secrets of tests.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/secret"
	"github.com/originpull/originpull-go/internal/testpki"
)

// tests runs all tests; -v, so that the logs of passing tests are searched too.
var tests = []string{"go", "test", "-count=1", "-v", "./..."}

// programs are built into a folder, and commands run there: those that handle a key or
// a token on one machine and end by themselves.
var (
	programs = []string{"./cmd/originpull", "./cmd/contract"}
	commands = [][]string{
		{"originpull", "demo", "--debug"},
		{"originpull", "demo", "--debug", "--json"},
		{"contract", "run"},
		{"contract", "run", "--json"},
	}
)

// errLeak means that an output holds a secret.
var errLeak = errors.New("a secret is shown")

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{Use: "leakscan", Short: "Search what tests and programs print for secrets"}
	root.AddCommand(&cobra.Command{
		Use:   "run [LOG...]",
		Short: "Run the tests and the programs, and search their output",
		Long: `Run runs all tests, and the programs at debug level, and searches their output for
the secrets of tests: for the marks of keys and tokens, and for any 8 bytes in a
row of a token or of the private part of a key, encoded or not.

With LOG it does not run the tests but searches these files, which hold their
output. The tests must have run with ORIGINPULL_TEST_SECRETS naming a file, and so
must this program, to know the secrets.

Exit status: 0 no secret is shown; 1 one is; 2 usage or environment error.`,
		RunE: func(cmd *cobra.Command, logs []string) error {
			err := run(cmd.Context(), logs)
			if errors.Is(err, errLeak) {
				return &cli.Status{Code: cli.Failed, Err: err}
			}
			return err
		},
	})
	return root
}

// run searches the logs, or without any the output of the tests, and what the programs
// print.
func run(ctx context.Context, logs []string) error {
	dir, err := os.MkdirTemp("", "leakscan")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	list := os.Getenv(testpki.ListEnv)
	switch {
	case len(logs) > 0:
		// What is run below lists secrets too: those of the logs must be there before.
		if _, err := newSearch(list); err != nil {
			return cli.Usage("%s must name the file that lists the secrets: %v", testpki.ListEnv, err)
		}
	case list == "":
		list = filepath.Join(dir, "list")
		os.Setenv(testpki.ListEnv, list) // for all that runs from here
	}
	var outputs []output
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		outputs = append(outputs, output{of: log, text: text})
	}
	if len(logs) == 0 {
		outputs = append(outputs, execute(ctx, tests))
	}
	printed, err := runPrograms(ctx, dir)
	if err != nil {
		return err
	}
	outputs = append(outputs, printed...)
	failed := judge(list, outputs)
	for _, o := range outputs {
		if o.err != nil {
			failed = errors.Join(failed, fmt.Errorf("%q: %w", o.of, o.err), shown(list, o.text))
		}
	}
	return failed
}

// runPrograms builds the programs into dir and runs the commands at once: most of them
// wait most of the time.
func runPrograms(ctx context.Context, dir string) ([]output, error) {
	build := append([]string{"build", "-o", dir + string(filepath.Separator)}, programs...)
	if text, err := exec.CommandContext(ctx, "go", build...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w: %s", err, text)
	}
	outputs := make([]output, len(commands)+len(serves)+3)
	var running sync.WaitGroup
	for i, args := range commands {
		running.Go(func() {
			outputs[i] = execute(ctx, append([]string{filepath.Join(dir, args[0])}, args[1:]...))
			outputs[i].of = strings.Join(args, " ")
		})
	}
	for i, args := range serves {
		running.Go(func() { outputs[len(commands)+i] = serve(ctx, filepath.Join(dir, "originpull"), args) })
	}
	running.Go(func() { outputs[len(outputs)-3] = operate(ctx, filepath.Join(dir, "originpull")) })
	running.Go(func() { outputs[len(outputs)-2] = checkOrigin(ctx, filepath.Join(dir, "originpull")) })
	running.Go(func() { outputs[len(outputs)-1] = certify(ctx, filepath.Join(dir, "originpull")) })
	running.Wait()
	return outputs, nil
}

// execute runs a command.
func execute(ctx context.Context, args []string) output {
	text, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	return output{strings.Join(args, " "), text, err}
}

// output is what a command or the tests printed.
type output struct {
	of   string
	text []byte
	err  error // of the command
}

// judge searches all outputs for all secrets.
func judge(list string, outputs []output) error {
	s, err := newSearch(list)
	if err != nil {
		return err
	}
	var failed error
	for _, o := range outputs {
		if found := s.search(o.text); len(found) > 0 {
			// The output is not shown: that would show the secret once more.
			failed = errors.Join(failed, fmt.Errorf("%w: the output of %q holds a secret: %s", errLeak, o.of, strings.Join(found, ", ")))
			continue
		}
		fmt.Printf("%s: %d bytes of output, none of %d secrets\n", o.of, len(o.text), s.secrets)
	}
	return failed
}

// shown returns the output of a failed command as an error, if it holds no secret.
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

// newSearch reads the list of secrets that package testpki wrote.
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
		return search{}, errors.New("the list of secrets is empty")
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

// place returns in which line of text a part of a secret is.
func (s search) place(text []byte) string {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; secret.Shows(string(line), s.parts) {
			return fmt.Sprintf("first in line %d", n)
		}
	}
	return "broken over lines"
}
