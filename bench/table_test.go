package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRatioBearsNoise slows whole rounds down: what slows both down is not a property
// of either.
func TestRatioBearsNoise(t *testing.T) {
	t.Parallel()
	raw := []sample{{10}, {30}, {11}, {10}, {90}}
	peer := []sample{{20}, {60}, {22}, {80}, {180}} // twice raw, but for one round
	if got := ratio(peer, raw, 0); got != 2 {
		t.Errorf("a peer that takes twice as long as raw is said to take %g times as long", got)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version, what string
		want          *bound
	}{
		"time on one Go":         {"go1.26.8", getTime, &bound{most: .95}},
		"time on another":        {"go1.27.3", getTime, &bound{most: .75, first: true}},
		"before its first patch": {"go1.27", listTime, &bound{most: .70}},
		"time on a later Go":     {"go1.28.0", getTime, nil},
		"size on a later Go":     {"go1.28.0", size, &bound{most: 200}},
		"not bounded":            {"go1.27.3", "settings, time", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := target(test.version, test.what)
			if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("the bound of %q on %s is %v, want %v", test.what, test.version, got, test.want)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values []float64 // the last is ours
		target *bound
		want   string
	}{
		"no bound":          {[]float64{1, .5, 2}, nil, ""},
		"met":               {[]float64{1, .5, .7}, &bound{most: .7}, "met"},
		"missed":            {[]float64{1, .9, .71}, &bound{most: .7}, "**missed**"},
		"met and first":     {[]float64{1, .8, .7}, &bound{most: .7, first: true}, "met"},
		"met and not first": {[]float64{1, .6, .7}, &bound{most: .7, first: true}, "**missed**"},
		"not measured":      {[]float64{1, .6, math.NaN()}, &bound{most: .7}, "**missed**"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (row{values: test.values, target: test.target}).verdict(); got != test.want {
				t.Errorf("%v against %v is %q, want %q", test.values, test.target, got, test.want)
			}
		})
	}
}

// TestReadmeTable requires that the README shows what was measured, on both versions of
// Go, and that a run replaces it.
func TestReadmeTable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	results, err := os.ReadFile("RESULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Split(strings.TrimSpace(string(inReadme.Find(readme))), "\n")
	if want := 2 + 2*len(panels); len(shown) != want {
		t.Errorf("the README shows %d lines of the benchmark, want %d", len(shown), want)
	}
	for i, line := range shown {
		if i != 1 && !strings.Contains(string(results), "\n"+line) {
			t.Errorf("RESULTS.md has no line that begins with %s", line)
		}
	}
	some := table{peers: []peer{{name: "ours"}}, rows: []row{
		{goVersion: "go1.27.3", what: getTime, values: []float64{.25}, format: decimal, target: &bound{most: 1}},
		{goVersion: "go1.27.3", what: memory, values: []float64{1}, format: decimal},
	}}
	got, err := some.replaceIn([]byte("before\n| Go | measured | ours |\n|---|---|--:|\n| 1 | x | 2 |\nafter\n"))
	if want := "before\n| Go | measured | ours |\n|---|---|--:|\n| 1.27.3 | get, time | 0.25 |\nafter\n"; err != nil || string(got) != want {
		t.Errorf("a run leaves %q, %v; want %q", got, err, want)
	}
	if _, err := some.replaceIn([]byte("no table\n")); err == nil {
		t.Error("a run that finds no table in the README says nothing")
	}
}

// TestWeigh counts a module only if a package of it is vendored.
func TestWeigh(t *testing.T) {
	t.Parallel()
	vendor := t.TempDir()
	for name, content := range map[string]string{
		"modules.txt": "# example.org/client v1.0.0\n## explicit\nexample.org/client\n" +
			"# example.org/parser v1.0.0\n## explicit; go 1.26\nexample.org/parser/a\nexample.org/parser/b\n" +
			"# example.org/unused v1.0.0\n## explicit\n",
		"example.org/client/client.go": "package client\n",
		"example.org/parser/a/a.go":    "package a\n",
	} {
		file := filepath.Join(vendor, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bytes, modules, err := weigh(vendor, "example.org/client")
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(len("package client\n") + len("package a\n")); bytes != want || modules != 1 {
		t.Errorf("it weighs %d bytes and %d modules beside the client, want %d and 1", bytes, modules, want)
	}
}

// TestDraw reads the picture as a browser does.
func TestDraw(t *testing.T) {
	t.Parallel()
	some := table{peers: []peer{{name: "raw"}, {name: "a & b"}, {name: "ours"}}}
	for _, p := range panels {
		some.rows = append(some.rows, row{goVersion: "go1.27.3", what: p.what, values: []float64{1, 123, .25}, format: decimal})
	}
	picture := some.draw()
	var shown strings.Builder
	for decoder := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the picture cannot be shown: %v", err)
		}
		if text, ok := token.(xml.CharData); ok {
			shown.Write(text)
		}
	}
	for _, want := range []string{"raw", "a & b", "ours", "123.00", "0.25", "1.27.3", panels[3].title, "prefers-color-scheme: dark"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("the picture does not hold %q", want)
		}
	}
}
