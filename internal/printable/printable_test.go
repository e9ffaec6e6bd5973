package printable

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "",
		"This certificate, ü 世": "This certificate, ü 世",
		`a \n that is written`:  `a \n that is written`,
		"ok\n::error::pwn":      `ok\n::error::pwn`,
		"ok\r\n::error::pwn":    `ok\r\n::error::pwn`,
		"\x1b[31mred":           `\x1b[31mred`,
		"\u202eturned":          `\u202eturned`,
		"\u2028next line":       `\u2028next line`,
		"\u2066isolated":        `\u2066isolated`,
		"\u009b31mred":          `\u009b31mred`,
		"half \xff":             `half \xff`,
		"replaced \ufffd":       `replaced \ufffd`,
		"no\u00a0break":         `no\u00a0break`,
		"\x00\x07\t":            `\x00\a\t`,
		"\U000e0001tagged":      `\U000e0001tagged`,
	} {
		if got := Line(text); got != want {
			t.Errorf("%q is printed as %s, want %s", text, got, want)
		}
	}
}

type name string

func TestFprintf(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	Fprintf(&b, "%-6s|%s|%v|%s|%d|%s|%.1f|%t|%v\n", "a\n", name("b\x1b"), errors.New("c\u202e"), []string{"d\n", "e"}, 7, time.Second, 1.5, true, nil)
	if want := `a\n   |b\x1b|c\u202e|[d\n e]|7|1s|1.5|true|<nil>` + "\n"; b.String() != want {
		t.Errorf("have %s, want %s", b.String(), want)
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	given := map[string]string{"ok\n::error::pwn": "\u202e \x1b[31m \U000e0001 \ufffd ü"}
	var b strings.Builder
	if err := WriteJSON(&b, given); err != nil {
		t.Fatal(err)
	}
	if want := `  "ok\n::error::pwn": "\u202e \u001b[31m \udb40\udc01 \ufffd ü"`; !strings.Contains(b.String(), "\n"+want+"\n") {
		t.Errorf("have %s, want %s in it", b.String(), want)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || !maps.Equal(back, given) {
		t.Errorf("it is read back as %q: %v", back, err)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		"12345678":                "12345678",
		"123456789":               "12345678…",
		"1234567ü":                "1234567…",
		"123456ü":                 "123456ü",
		"12345\n7":                `12345\n7`,
		"1234567\n":               `1234567\…`,
		strings.Repeat("\n", 100): `\n\n\n\n…`,
	} {
		if got := Cut(text, 8); got != want {
			t.Errorf("%q is cut to %s, want %s", text, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 findings", 1: "1 finding", 2: "2 findings"} {
		if got := Count(n, "finding"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("ok\n::error::pwn \x1b[31m \u202e \xff")
	f.Fuzz(func(t *testing.T, text string) {
		line := Line(text)
		if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q is printed as %q", text, line)
		}
		if again := Line(line); again != line {
			t.Errorf("what is escaped is escaped once more: %q, then %q", line, again)
		}
	})
}
