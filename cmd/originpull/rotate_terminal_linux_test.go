package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/originpull/originpull-go/internal/cli"
)

// TestRotateBars: on a terminal there is a bar for each stage, which fits, and what fails is
// a line above them.
func TestRotateBars(t *testing.T) {
	t.Parallel()
	m := newManyZones(t, 3)
	pairs := leafFor("mine", 24*time.Hour)
	for i, id := range m.ids {
		m.file(t, id+".pem", string(pairs.CertPEM()))
		m.file(t, id+".key", []string{string(pairs.KeyPEM()), "not a key"}[i/2])
	}
	for _, columns := range []uint16{80, 40} {
		user, program := openTerminal(t, columns)
		shown := make(chan string)
		go func() {
			var all bytes.Buffer
			for part := make([]byte, 1<<12); !bytes.HasSuffix(all.Bytes(), []byte("END")); {
				n, err := user.Read(part)
				if all.Write(part[:n]); err != nil {
					break
				}
			}
			shown <- all.String()
		}()
		root := newRoot()
		root.SetIn(strings.NewReader(""))
		var stdout strings.Builder
		code := cli.Run(t.Context(), root, []string{"rotate", "--pairs", m.dir, "--exec", "true", "--base-url", m.URL(), "--token-file", m.tokenFile}, &stdout, program)
		io.WriteString(program, "END")
		got := strings.ReplaceAll(<-shown, "\r", "")
		if code != cli.Failed || !strings.Contains(stdout.String(), "FAILED       1") {
			t.Errorf("the exit status is %d, standard output\n%s", code, stdout.String())
		}
		if !strings.Contains(got, " of 3: "+m.ids[2]+": failed: ") {
			t.Errorf("at %d columns no line says that a zone failed:\n%s", columns, got)
		}
		bars := regexp.MustCompile(`(?m)(queued|looking|asking|deploying|proving|deleting|done|failed) +\[[= ]*\] +\d+ *$`).FindAllString(got, -1)
		last := strings.Join(bars[max(0, len(bars)-7):], "\n")
		for i, want := range []string{`queued +\[ *\] +0`, `looking +\[ *\] +0`, `deploying +\[ *\] +0`, `proving +\[ *\] +0`, `deleting +\[ *\] +0`, `done +\[=+ *\] +2`, `failed +\[=+ *\] +1`} {
			if !regexp.MustCompile(want).MatchString(last) {
				t.Errorf("at %d columns bar %d is not %s:\n%s", columns, i, want, last)
			}
		}
		for _, bar := range bars {
			if n := utf8.RuneCountInString(bar); n > int(columns) {
				t.Errorf("a bar has %d columns, the terminal %d: %q", n, columns, bar)
			}
		}
		if t.Failed() {
			t.Logf("the terminal shows\n%q", got)
		}
	}
}
