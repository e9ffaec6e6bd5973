package try

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	update = flag.Bool("update", false, "write the outputs of docs/upstream.md again")
	check  = flag.Bool("check", false, "run make check on what make sync leaves, which takes minutes")
)

const guide = root + "/docs/upstream.md"

// console is a block of commands, each after a dollar, with what they print.
var console = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// progress is what a terminal does not keep: lines on the steps of drift try.
var progress = regexp.MustCompile(`(?m)^(begin|end) .*\n`)

// passing is what differs from run to run.
var passing = []struct {
	is    *regexp.Regexp
	write string
}{
	{regexp.MustCompile(` +\d+\.\d s  `), "   0.0 s  "},
	{regexp.MustCompile(`Makefile:\d+:`), "Makefile:1:"},
	{regexp.MustCompile(`(?m)^\d+: +x-review`), "1: x-review"},
	{regexp.MustCompile(`\.go:\d+:\d+:`), ".go:1:1:"},
	{regexp.MustCompile(`\(accepted \d{4}-\d\d-\d\d`), "(accepted 2006-01-02"},
	{regexp.MustCompile(`fingerprint  [0-9a-f]{32}`), "fingerprint  0"},
}

func lasting(output string) string {
	for _, p := range passing {
		output = p.is.ReplaceAllString(output, p.write)
	}
	return output
}

// TestGuide runs the commands of the guide in a repository of its own, in their
// order, and compares what they print. At its end the tree has the new field.
func TestGuide(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles the SDK again")
	}
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	dir := fresh(t)
	blocks := 0
	written := console.ReplaceAllFunc(text, func(block []byte) []byte {
		blocks++
		shown := string(console.FindSubmatch(block)[1])
		got := runBlock(t, dir, shown)
		if !*update && lasting(got) != lasting(shown) {
			t.Errorf("docs/upstream.md says\n%s\nthe commands print\n%s\nIf they should, run this test with -update and read the diff.", shown, got)
		}
		return []byte("```console\n" + got + "```")
	})
	if blocks < 4 {
		t.Errorf("found %d blocks in the guide: does the test still know how it is written?", blocks)
	}
	if *update {
		if err := os.WriteFile(guide, written, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runBlock runs the commands of a block, and returns it with what they print.
func runBlock(t *testing.T, dir, block string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(block) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		b.WriteString(line)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "GIT_PAGER=cat", "COLUMNS=80")
		start := time.Now()
		output, _ := cmd.CombinedOutput() // it can be meant to fail, and then says so
		t.Logf("%5.1f s  %s", time.Since(start).Seconds(), strings.TrimSpace(command))
		b.WriteString(progress.ReplaceAllString(strings.ReplaceAll(string(output), dir, "."), ""))
		if strings.HasPrefix(command, "git commit") {
			readsRegion(t, dir)
		}
	}
	return b.String()
}

// region is a program that reads the new field. The service that it asks is one
// response.
const region = `package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/originpull/originpull-go/originpull"
)

type service string

func (s service) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Request: r, Body: io.NopCloser(strings.NewReader(string(s))),
		Header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

func main() {
	client, err := originpull.New(originpull.WithToken("any"), originpull.WithTransport(service(
		` + "`" + `{"success":true,"errors":[],"messages":[],"result":{"id":"0b5a2f54","status":"active","region":"weur"}}` + "`" + `)))
	if err != nil {
		panic(err)
	}
	zone, err := client.Zone("023e105f4ecef8ad9ca31a8372d0c353")
	if err != nil {
		panic(err)
	}
	certificate, err := zone.Certificates.Get(context.Background(), "0b5a2f54")
	fmt.Println(certificate.Region, err)
}
`

// readsRegion runs the program against the tree that sync has left, and what of
// make check is not slow.
func readsRegion(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(region), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := [][]string{{"go", "run", file}, {"make", "format-check", "generate-check"}, {"go", "test", "./gen"}}
	if *check {
		commands = append(commands, []string{"make", "check"})
	}
	for _, args := range commands {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		start := time.Now()
		output, err := cmd.CombinedOutput()
		t.Logf("%5.1f s  %v", time.Since(start).Seconds(), args)
		if err != nil {
			t.Errorf("after make sync APPLY=1, %v: %v\n%s", args, err, output)
		}
		if args[1] == "run" && !bytes.Equal(output, []byte("weur <nil>\n")) {
			t.Errorf("a program reads the new field as %q", output)
		}
	}
}
