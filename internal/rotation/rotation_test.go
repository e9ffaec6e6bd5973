package rotation_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/rotation"
	"github.com/originpull/originpull-go/originpull/rotate"
)

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReadZones: what counts in a list, and that each error names its line.
func TestReadZones(t *testing.T) {
	t.Parallel()
	const id = "023e105f4ecef8ad9ca31a8372d0c353"
	for _, test := range []struct {
		text string
		want []string
		errs []string // after the file's name
	}{
		{text: "\ufeff" + id + "\r\n  Example.com.  # ours\n\n#example.net\nexample.org", want: []string{id, "Example.com.", "example.org"}},
		{text: "", errs: []string{": it names no zone"}},
		{text: "example.com\nexample.com\n", errs: []string{`, line 2: the zone "example.com" comes twice`}},
		{text: id + "\n" + strings.ToUpper(id), errs: []string{", line 2: the zone "}},
		{text: "a\nb,c\n" + id + "0\nexample.com example.net\n", errs: []string{", line 1: it is not a zone: want its id", ", line 2: ", ", line 3: ", ", line 4: "}},
		{text: strings.Repeat("x\n", 30), errs: []string{", line 10: ", "and 20 errors more"}},
	} {
		file := write(t, t.TempDir(), "zones", test.text)
		zones, err := rotation.ReadZones(file)
		var names []string
		for _, zone := range zones {
			names = append(names, zone.String())
		}
		if len(test.errs) == 0 && (err != nil || !slices.Equal(names, test.want)) {
			t.Errorf("%q: zones %q, error %v; want %q", test.text, names, err, test.want)
		}
		for _, want := range test.errs {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: the error is %v, want %q in it", test.text, err, want)
			}
		}
	}
}

// TestFindPairs: each pair has to be whole, and other files do not count.
func TestFindPairs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"example.com.pem", "example.com.key", "ca.crt", ".hidden.pem", "README"} {
		write(t, folder, name, "")
	}
	zones, err := rotation.FindPairs(folder)
	if err != nil || len(zones) != 1 || zones[0].Name != "example.com" || zones[0].Cert != filepath.Join(folder, "example.com.pem") || zones[0].Key != filepath.Join(folder, "example.com.key") {
		t.Errorf("zones %+v, error %v; want example.com", zones, err)
	}
	write(t, folder, "example.net.key", "")
	write(t, folder, "zone.pem", "")
	write(t, folder, "zone.key", "")
	if err := os.Mkdir(filepath.Join(folder, "example.org.pem"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err = rotation.FindPairs(folder); err == nil || !strings.Contains(err.Error(), "there is no example.net.pem beside it") || !strings.Contains(err.Error(), "example.org.pem: it is not a file") {
		t.Errorf("the error is %v, want that example.net.pem is missing and example.org.pem a folder", err)
	}
	os.Remove(filepath.Join(folder, "example.net.key"))
	os.Remove(filepath.Join(folder, "example.org.pem"))
	if _, err = rotation.FindPairs(folder); err == nil || !strings.Contains(err.Error(), "zone.pem: it is not a zone") {
		t.Errorf("the error is %v, want that zone is not a zone", err)
	}
}

// TestReport: entries are added behind a line that was torn, and can be read; a file that is
// not a report is not changed.
func TestReport(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	entry := rotate.Entry{Zone: "023e105f4ecef8ad9ca31a8372d0c353", At: time.Now(), Done: true, Warnings: []string{"<>&\u2028"}}
	file := write(t, folder, "report", "")
	for _, torn := range []string{"", `{`, `{"zo`, `{"zone":"023e105f4ecef8ad9ca31a8372d0c353","at":"2026-`, `{"zone":"023e105f4ecef8ad9ca31a8372d0c353","at":"2026-05-01T12:00:00Z","run":"run"}`} {
		before, _, err := rotation.ReadReport(file, "run")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(file)
		write(t, folder, "report", string(text)+torn)
		report, err := rotation.OpenReport(file, "run")
		if err != nil {
			t.Fatalf("behind %q: %v", torn, err)
		}
		report.Write(entry)
		if err := report.Close(); err != nil {
			t.Fatal(err)
		}
		entries, notes, err := rotation.ReadReport(file, "run")
		want := len(before) + 1
		if strings.HasSuffix(torn, "}") {
			want++ // it is whole, but for the line break
		}
		if err != nil || len(entries) != want || !entries[len(entries)-1].At.Equal(entry.At) {
			t.Errorf("behind %q: %d entries, notes %q, error %v; want %d", torn, len(entries), notes, err, want)
		}
	}
	if _, notes, _ := rotation.ReadReport(file, "run"); len(notes) != 3 || !strings.Contains(notes[0], "report, line 2: it was not written to its end") {
		t.Errorf("the notes are %q, want one for each of three lines that are torn", notes)
	}
	for _, text := range []string{"hello\n", "{}\n", `{"zone":"x"}` + "\n", "[1]\n", `{"at":"2026-05-01T12:00:00Z","run":"run"}`} {
		other := write(t, folder, "other", text)
		_, err := rotation.OpenReport(other, "run")
		if now, _ := os.ReadFile(other); err == nil || !strings.Contains(err.Error(), "other, line 1: it is not a line of a report") || string(now) != text {
			t.Errorf("%q: the error is %v, the file now %q", text, err, now)
		}
	}
}

// TestCommand: what the command has started ends with the context.
func TestCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	t.Parallel()
	file := filepath.Join(t.TempDir(), "begun")
	ctx, cancel := context.WithCancel(t.Context())
	var out strings.Builder
	ended := make(chan error)
	go func() {
		ended <- rotation.Command("trap 'echo bye; exit 0' TERM; sleep 100 & echo hello; printf x >"+file+"; wait", "zone", "sha", &out, "zone: ")(ctx)
	}()
	for info, err := os.Stat(file); (err != nil || info.Size() == 0) && t.Context().Err() == nil; info, err = os.Stat(file) {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want the context's", err)
	}
	if took := time.Since(begin); took > 50*time.Second {
		t.Errorf("it ended after %s: what it has started goes on", took)
	}
	if got := out.String(); got != "zone: hello\nzone: bye\n" {
		t.Errorf("it printed %q, want each line behind the zone", got)
	}
}

// TestCommandLines: output that does not end lines is printed all the same, escaped.
func TestCommandLines(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	t.Parallel()
	var out strings.Builder
	err := rotation.Command(`printf 'a\r\nb\033[2J' >&2; head -c 100000 /dev/zero | tr '\0' x; exit 4`, "zone", "sha", &out, "")(t.Context())
	if err == nil || !strings.Contains(err.Error(), "exit status 4") {
		t.Errorf("the error is %v, want exit status 4", err)
	}
	got := out.String()
	if !strings.HasPrefix(got, "a\nb\\x1b[2Jxxx") || strings.Count(got, "x") < 100000 {
		t.Errorf("it printed %.40q… (%d bytes)", got, len(got))
	}
}

// TestDisplay: without a terminal there is a line for each zone that has ended.
func TestDisplay(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	display := rotation.NewDisplay(&out, false, 3, true, true)
	display.Begin("a")
	for _, action := range []rotate.Action{rotate.Ask, rotate.Upload, rotate.Wait, rotate.Prove, rotate.Delete, rotate.Done} {
		display.Event(rotate.Event{Zone: "a", Step: rotate.Step{Action: action, Certificate: rotate.Certificate{ID: "id"}}})
	}
	display.End("a.example", rotate.Entry{Zone: "a", Done: true, Changes: 3, Requests: 1, Warnings: []string{"odd\n"}})
	display.Event(rotate.Event{Zone: "b", Step: rotate.Step{Action: rotate.Done}}) // skipped
	display.End("c.example", rotate.Entry{Zone: "c", Err: errors.New("2 of 2 rows refuse it:\n\tone\n\ttwo")})
	display.Close()
	want := "1 of 3: a.example: done, 3 changes, 1 request\na.example: warning: odd\\n\n3 of 3: c.example: failed: 2 of 2 rows refuse it: one; two\n"
	if out.String() != want {
		t.Errorf("it printed\n%swant\n%s", out.String(), want)
	}
}
