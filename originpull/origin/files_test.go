package origin_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
)

// TestBadFiles: a file that is not what it should be is refused, with the reason.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	one, other := testpki.CA("one"), testpki.CA("other")
	expired := testpki.Leaf("expired", testpkiExpired)
	pem := text(one)
	for name, test := range map[string]struct{ content, want string }{
		"empty":               {"", "there are none"},
		"text":                {"hello", "there are none"},
		"DER":                 {string(one.Certificate.Raw), "there are none"},
		"key":                 {string(one.KeyPEM()), "block 1 is a private key"},
		"key after":           {pem + string(one.KeyPEM()), "block 2 is a private key"},
		"request":             {"-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n", "block 1 is not a certificate"},
		"cut":                 {pem[:len(pem)/2], "block 1 is broken"},
		"second cut":          {pem + pem[:len(pem)/2], "block 2 is broken"},
		"first cut":           {pem[:len(pem)/2] + "\n" + pem, "block 1 is broken"},
		"broken in between":   {pem + strings.Replace(text(other), "M", "*", 1) + pem, "block 2 is broken"},
		"not a certificate":   {"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", "block 1: x509"},
		"expired":             {text(expired), "all have expired"},
		"more than a MiB":     {pem + strings.Repeat("#", 1<<20), "more than 1 MiB"},
		"one of them expired": {text(expired) + pem, ""},
		"comments":            {"# one\n" + pem + "\n# the other\n" + text(other) + "end", ""},
		"twice the same":      {pem + pem, ""},
		"CRLF":                {strings.ReplaceAll(pem, "\n", "\r\n"), ""},
	} {
		file := filepath.Join(t.TempDir(), "ca.pem")
		writeText(t, file, test.content)
		files, err := origin.LoadFiles(file)
		if test.want == "" {
			if certificates, _ := files.Certificates(); err != nil || len(certificates) == 0 {
				t.Errorf("%s: %v, want the certificates", name, err)
			}
			continue
		}
		if err == nil || files != nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want an error with %q and the name of the file", name, err, test.want)
		}
	}
	if _, err := origin.LoadFiles(); err == nil {
		t.Error("no files at all are accepted")
	}
	if _, err := origin.LoadFiles(write(t, "ca.pem", one), filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one of two files is missing: %v", err)
	}
	if _, err := origin.LoadFiles(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

// TestReload: Reload follows the content of the files, and keeps the last good one.
func TestReload(t *testing.T) {
	t.Parallel()
	one, other, third := testpki.CA("one"), testpki.CA("other"), testpki.CA("third")
	first, second := write(t, "first.pem", one), write(t, "second.pem", other)
	files, err := origin.LoadFiles(first, second)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(what string, wantChanged, wantErr bool, want ...testpki.Pair) {
		t.Helper()
		changed, err := files.Reload()
		if changed != wantChanged || (err != nil) != wantErr {
			t.Errorf("%s: changed %t, %v", what, changed, err)
		}
		trusts(t, files, what, want...)
	}
	reload("nothing changed", false, false, one, other)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(first, later, later); err != nil {
		t.Fatal(err)
	}
	reload("only the time of a file changed", false, false, one, other)
	updated := files.Updated()
	write(t, first, third)
	reload("another certificate", true, false, third, other)
	select {
	case <-updated:
	default:
		t.Error("who waits for an update is not told of it")
	}
	writeText(t, second, "damaged")
	reload("a bad file", false, true, third, other)
	write(t, first, one)
	reload("one file is good, the other bad", false, true, third, other)
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	reload("a file is missing", false, true, third, other)
	write(t, second, one, other)
	reload("all are good again", true, false, one, one, other)
}

// trusts compares what a source has.
func trusts(t *testing.T, source origin.Source, when string, want ...testpki.Pair) {
	t.Helper()
	got, err := source.Certificates()
	if err != nil || len(got) != len(want) {
		t.Fatalf("%s: %d certificates are trusted, want %d (%v)", when, len(got), len(want), err)
	}
	for i := range want {
		if !got[i].Equal(want[i].Certificate) {
			t.Errorf("%s: %v is trusted, want %v", when, got[i].Subject, want[i].Certificate.Subject)
		}
	}
}

// TestWatch: Watch follows the files at a real origin: replaced, half written, bad, the
// same again, and as Kubernetes does it, by symbolic links.
func TestWatch(t *testing.T) {
	t.Parallel()
	one, other := testpki.CA("one"), testpki.CA("other")
	file := write(t, "ca.pem", one)
	files, err := origin.LoadFiles(file)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var logged record
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); files.Watch(ctx, slog.New(slog.NewTextHandler(&logged, nil))) }()
		steps := []struct {
			what   string
			change func()
			after  time.Duration
			want   []testpki.Pair
			log    string // a part of the one line that is logged, or nothing
		}{
			{"nothing changed", func() {}, time.Minute, []testpki.Pair{one}, ""},
			{"half is written", func() { writeText(t, file, text(other)[:100]) }, 1500 * time.Millisecond, []testpki.Pair{one}, ""},
			{"then all of it", func() { write(t, file, other) }, 1100 * time.Millisecond, []testpki.Pair{one}, ""},
			{"and it stays", func() {}, time.Second, []testpki.Pair{other}, "level=INFO"},
			{"bad", func() { writeText(t, file, "bad") }, time.Minute, []testpki.Pair{other}, "level=ERROR"},
			{"bad in another way", func() { writeText(t, file, text(one)[:100]) }, time.Minute, []testpki.Pair{other}, "is broken"},
			{"as before", func() { write(t, file, other) }, time.Minute, []testpki.Pair{other}, "can be read again"},
			{"missing", func() { os.Remove(file) }, time.Minute, []testpki.Pair{other}, "no such file"},
			{"both", func() { write(t, file, one, other) }, time.Minute, []testpki.Pair{one, other}, one.Certificate.SerialNumber.Text(16)},
		}
		for _, step := range steps {
			step.change()
			time.Sleep(step.after)
			synctest.Wait()
			trusts(t, files, step.what, step.want...)
			lines := logged.take()
			if want := min(len(step.log), 1); strings.Count(lines, "\n") != want || !strings.Contains(lines, step.log) {
				t.Errorf("%s: the log has %q, want %q", step.what, lines, step.log)
			}
		}
		cancel()
		<-ended
	})
}

// TestWatchLinks: a new target of a symbolic link is a change, as Kubernetes mounts secrets.
func TestWatchLinks(t *testing.T) {
	t.Parallel()
	one, other := testpki.CA("one"), testpki.CA("other")
	dir := t.TempDir()
	link := filepath.Join(dir, "ca.pem")
	if err := os.Symlink(write(t, "v1.pem", one), link); err != nil {
		t.Skip(err)
	}
	files, err := origin.LoadFiles(link)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(dir, "next")
	if err := errors.Join(os.Symlink(write(t, "v2.pem", other), next), os.Rename(next, link)); err != nil {
		t.Fatal(err)
	}
	if changed, err := files.Reload(); !changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
	trusts(t, files, "after the link was replaced", other)
}

// TestReloadedOrigin: an origin follows its file, also for sessions.
func TestReloadedOrigin(t *testing.T) {
	t.Parallel()
	for _, version := range versions {
		one, other := testpki.CA("one"), testpki.CA("other")
		file := write(t, "ca.pem", one)
		files, err := origin.LoadFiles(file)
		if err != nil {
			t.Fatal(err)
		}
		address := serve(t, require(t, own(), files))
		old, next := newEdge(address, version, one.Issue("old", nil).TLS()), newEdge(address, version, other.Issue("new", nil).TLS())
		old.accepted(t, "at first", false)
		next.refused(t, "before its CA is there")
		writeText(t, file, "bad")
		if _, err := files.Reload(); err == nil {
			t.Error("a bad file is accepted")
		}
		old.accepted(t, "with a bad file", true)
		write(t, file, other)
		if _, err := files.Reload(); err != nil {
			t.Fatal(err)
		}
		old.refused(t, "after its CA was removed")
		next.accepted(t, "with its CA", false)
	}
}

// record is a log that can be taken out.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.text.Reset()
	return r.text.String()
}

// TestNilFiles: what LoadFiles returned beside an error that was not looked at.
func TestNilFiles(t *testing.T) {
	t.Parallel()
	var files *origin.Files
	var logged record
	files.Watch(t.Context(), slog.New(slog.NewTextHandler(&logged, nil)))
	if _, err := files.Reload(); err == nil || files.Updated() != nil || !strings.Contains(logged.take(), "nil") {
		t.Error("nil Files are not reported")
	}
	var bundle *origin.Bundle
	if err := bundle.Set(testpki.CA("one").Certificate); err == nil || bundle.Updated() != nil {
		t.Error("a nil Bundle is not reported")
	}
}
