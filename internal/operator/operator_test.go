package operator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"30d": 30 * day, "1d12h": 36 * time.Hour, "0d": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "65535d": 65535 * day,
		"": -1, "d": -1, "-1d": -1, "-1h": -1, "1d-1h": -1, "1.5d": -1, "30": -1, "1d2d": -1, "65536d": -1, "30 d": -1, "106751d23h47m17s": -1,
	} {
		got, err := ParseDuration(s)
		if want < 0 {
			if err == nil || !strings.Contains(err.Error(), "such as 90s, 12h or 30d") {
				t.Errorf("%q is read as %v, %v; want an error that says what is wanted", s, got, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%q is read as %v, %v; want %v", s, got, err, want)
		}
		if again, err := ParseDuration(FormatDuration(got)); err != nil || again != got {
			t.Errorf("%v is written as %q, which is read as %v, %v", got, FormatDuration(got), again, err)
		}
	}
	for d, want := range map[time.Duration]string{30 * day: "30d", 36 * time.Hour: "1d12h", 2 * time.Minute: "2m", 0: "0s", 100 * time.Millisecond: "100ms", 10 * time.Minute: "10m", 20 * time.Hour: "20h"} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v is written as %q, want %q", d, got, want)
		}
	}
}

func TestIsZoneName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"example.com": true, "EXAMPLE.co.uk.": true, "xn--bcher-kva.example": true, "_a.b-c.de": true,
		"": false, "com": false, ".com": false, "a..b": false, "a b.com": false, "bücher.example": false, "a.com/x": false, "a.com?x": false,
		strings.Repeat("a", 64) + ".com": false, strings.Repeat("a.", 130) + "com": false,
	} {
		if IsZoneName(name) != want {
			t.Errorf("%q is taken for the name of a zone: %t, want %t", name, !want, want)
		}
	}
}

// TestFailure: the exit status and what to do next follow from the kind of the error.
func TestFailure(t *testing.T) {
	t.Parallel()
	api := func(status int, code originpull.Code, e originpull.Error) error {
		e.Operation, e.Status, e.RayID = "UploadCertificate", status, "863bc951ce9d9abd-MIA"
		e.Errors = []originpull.Message{{Code: code, Message: "no"}}
		return fmt.Errorf("step 2: %w", &e)
	}
	for name, test := range map[string]struct {
		err       error
		code      int
		why, next string
	}{
		"denied":       {api(403, 10000, originpull.Error{Permission: "Zone Read"}), cli.Denied, "step 2: HTTP 403: 10000 no (Cf-Ray 863bc951ce9d9abd-MIA)", `has the permission "Zone Read"`},
		"denied, once": {api(403, 10000, originpull.Error{}), cli.Denied, "HTTP 403", "check the token and its permissions"},
		"rate limit":   {api(429, 971, originpull.Error{RetryAfter: 90 * time.Second}), cli.Failed, "HTTP 429: 971 no", "in 1m30s"},
		"limited":      {api(429, 971, originpull.Error{Attempts: 5}), cli.Failed, "(after 5 attempts)", "in five minutes"},
		"conflict":     {api(409, 0, originpull.Error{}), cli.Failed, "HTTP 409: no", "once the other client has finished"},
		"server":       {api(500, 0, originpull.Error{}), cli.Failed, "HTTP 500", "--debug"},
		"network":      {api(0, 0, originpull.Error{Err: errors.New("connection refused")}), cli.Failed, "connection refused", "check the network"},
		"input":        {fmt.Errorf("%w: id", originpull.ErrInvalidInput), cli.Error, "invalid input: id", "nothing was sent"},
		"interrupted":  {api(0, 0, originpull.Error{Err: context.Canceled}), cli.Failed, "it was interrupted", "not undone"},
		"too late":     {context.DeadlineExceeded, cli.Failed, "deadline exceeded", "more time"},
		"lost":         {fmt.Errorf("%w: x", originpull.ErrOutcomeUnknown), cli.Failed, "not known", "never has a certificate twice"},
		"status":       {&originpull.StatusError{ID: "x", Status: originpull.StatusDeploymentTimedOut}, cli.Failed, "deployment_timed_out", "upload it again"},
		"other":        {errors.New("odd"), cli.Failed, "odd", "--debug"},
	} {
		problem, ok := errors.AsType[*cli.Problem](Failure("it was not done", test.err))
		if !ok || problem.What != "it was not done" || problem.Code != test.code || !strings.Contains(problem.Why.Error(), test.why) || !strings.Contains(problem.Next, test.next) || !errors.Is(problem, test.err) {
			t.Errorf("%s: %+v, want status %d, %q, %q", name, problem, test.code, test.why, test.next)
		}
	}
	if err := Failure("x", nil); err != nil {
		t.Errorf("nothing has failed: %v", err)
	}
	if told := cli.Usage("no"); Failure("x", told) != told {
		t.Error("what is said already is said again")
	}
}

// TestNarrow: however narrow the terminal is, no line is wider and no text is lost.
func TestNarrow(t *testing.T) {
	words := []string{"a", "origin", "pending_deployment", "CN=example,O=Example", "b266-efc2", "原点サーバー", "x ", "🏴‍☠️", "é"}
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		s := sheet{header: []cell{{text: "ID"}, {text: "SUBJECT"}}, least: []int{random.IntN(9), random.IntN(9)}, upright: random.IntN(4) == 0, bare: random.IntN(4) == 0}
		all := ""
		for range 1 + random.IntN(3) {
			var row []cell
			for range s.header {
				value := ""
				for range 1 + random.IntN(5) {
					value += words[random.IntN(len(words))]
				}
				row = append(row, cell{text: strings.TrimSpace(value)})
			}
			s.rows = append(s.rows, row)
		}
		width := 20 + random.IntN(60)
		t.Setenv("COLUMNS", fmt.Sprint(width))
		var out strings.Builder
		if err := s.write(&out); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if columns := text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")); columns > width {
				t.Errorf("seed %d: in %d columns a line has %d: %q", seed, width, columns, line)
			}
		}
		for _, row := range s.rows {
			for _, one := range row {
				all += one.text
			}
		}
		if have, want := letters(out.String()), letters(all); !s.bare && have != want+headers(out.String()) {
			t.Errorf("seed %d: in %d columns %d characters are shown, want %d:\n%s", seed, width, have, want, out.String())
		}
	}
}

// letters counts what is not white space.
func letters(s string) (n int) { return len(strings.Join(strings.Fields(s), "")) }

// headers counts the characters of the names of columns, which no text contains.
func headers(s string) int {
	return strings.Count(s, "ID")*len("ID") + strings.Count(s, "SUBJECT")*len("SUBJECT")
}

type row struct {
	Name string `json:"name"`
}

// TestHostileText: text from outside neither begins a line nor controls the terminal, in any
// format.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"table", "wide", "json", "jsonl", "columns=name"} {
		p := NewPrinter(&cobra.Command{}, []Column[row]{{Name: "NAME", Text: func(r row) string { return r.Name }, Wrap: 4}})
		if err := p.Set(format); err != nil {
			t.Fatal(err)
		}
		for _, print := range []func(*strings.Builder) error{
			func(w *strings.Builder) error { return p.List(w, []row{{"a\x1b[31m\nb\u202e"}}) },
			func(w *strings.Builder) error { return p.One(w, row{"a\x1b[31m\nb\u202e"}) },
		} {
			var out strings.Builder
			if err := print(&out); err != nil || strings.ContainsAny(out.String(), "\x1b\u202e") || strings.Contains(out.String(), "\nb") {
				t.Errorf("-o %s prints %q, %v", format, out.String(), err)
			}
		}
	}
}

// TestWrap: text is broken where a reader would break it.
func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"short", 8, "short"},
		{"CN=my origin,O=Example", 12, "CN=my|origin,|O=Example"},
		{"pending_deployment", 10, "pending_|deployment"},
		{"Organisation of x", 8, "Organisa|tion of|x"},
		{"例の組織", 5, "例の|組織"},
		{"例", 1, "例"},
	} {
		if got := strings.Join(wrap(test.text, test.width), "|"); got != test.want {
			t.Errorf("in %d columns %q becomes %q, want %q", test.width, test.text, got, test.want)
		}
	}
}
