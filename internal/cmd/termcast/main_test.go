package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 30)
	tests := []struct {
		name, text string
		lines      int
	}{
		{"short", "a line", 1},
		{"empty", "", 1},
		{"long", long, 2},
		{"long and indented", "    " + long, 2},
		{"one word", strings.Repeat("x", 300), 1},
	}
	for _, test := range tests {
		got := wrap(test.text)
		if len(got) != test.lines {
			t.Errorf("%s: %d lines, want %d: %q", test.name, len(got), test.lines, got)
		}
		if words := strings.Fields(strings.Join(got, " ")); !slices.Equal(words, strings.Fields(test.text)) {
			t.Errorf("%s: words are lost: %q", test.name, words)
		}
	}
}

// TestRecord records a command and reads the picture as a browser does.
func TestRecord(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "echo.svg")
	if err := record(file, "", []string{"printf", "%s\n", " 1. a step  [ok, 1ms]", "    <b> & detail"}); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the picture is not XML: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text.Write(chars)
		}
	}
	for _, want := range []string{"$ printf", " 1. a step  [ok, 1ms]", "    <b> & detail"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the picture does not show %q", want)
		}
	}
	if err := record(file, "", []string{"false"}); err == nil {
		t.Error("a command that fails passes for a recording")
	}
}

// TestRecordSession: what a user types stands out, and what is printed does not.
func TestRecordSession(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "session.svg")
	if err := record(file, "my session", []string{"printf", "%s\n", "$ rotate", "+ uploaded", "- deleted" + strings.Repeat(" once", 25), "1.2  enforced  yes", "1.2  off  no"}); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`aria-label="Recording of my session"`, `class="step" x="16" y="30"`, `>$ rotate<`,
		`class="ok" x="16" y="49"`, `class="failed" x="16" y="68"`, `class="failed" x="16" y="87"`, `<tspan class="ok">  enforced  </tspan>`, `<tspan class="failed">  off  </tspan>`,
	} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the picture has no %s:\n%s", want, svg)
		}
	}
	if strings.Contains(string(svg), "$ printf") {
		t.Error("the picture shows the command that played the session")
	}
}
