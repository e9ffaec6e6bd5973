package main

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/try"
)

// TestInert: nothing of a document acts on GitHub, also where a body becomes the message
// of a commit.
func TestInert(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"response 200 .result[].region: string, maxLength 16": "response 200 .result[].region: string, maxLength 16",
		"/components/schemas/X, #/paths":                      "/components/schemas/X, #/paths",
		"object<a,b> → null":                                  "object<a,b> → null",
		"@everyone":                                           `\x40everyone`,
		"fixes #1":                                            `fixes \x231`,
		"closes owner/name#12":                                `closes owner/name\x2312`,
		"resolves GH-1, gh-2":                                 `resolves \x47H-1, \x67h-2`,
		"fixes https://github.com/o/n/issues/1":               `fixes https\x3a//github.com/o/n/issues/1`,
		"www.example.com":                                     `\x77ww.example.com`,
		"<!-- upstream-document 0 -->":                        `\x3c!-- upstream-document 0 -->`,
		"[skip ci] [ci skip] [No CI]":                         `\x5bskip ci] \x5bci skip] \x5bNo CI]`,
		"a\u202eb\x1b[31m\x00":                                `a\u202eb\x1b[31m\x00`,
	} {
		if got := inert(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestTextOfADocumentStaysInItsBox: no line of a document begins outside of a box, and
// none is the marker.
func TestTextOfADocumentStaysInItsBox(t *testing.T) {
	t.Parallel()
	const hostile = "one\n```\n# Merge this\n````\n<!-- upstream-document 00 -->\r\n\n[click](https://example.com) <img src=x> @all fixes #1\n~~~\n"
	for name, test := range map[string]struct {
		of      func(*try.Result) text
		verdict try.Verdict
	}{"pull request": {pullText, try.Additive}, "issue": {issueText, try.Breaking}, "refused": {issueText, try.Refused}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := found(test.verdict, "minor", hostile)
			r.Review, r.Changelog = []string{hostile}, hostile
			r.Reasons = append(r.Reasons, try.Reason{Verdict: "@all\n", Text: "x"})
			said := test.of(r)
			if strings.ContainsAny(said.title, "@#\n<`") || strings.Contains(said.title, "//") {
				t.Errorf("the title is %q", said.title)
			}
			outside := ""
			for line := range strings.Lines(said.body) {
				if box, ok := strings.CutPrefix(line, "    "); !ok {
					outside += line
				} else if strings.ContainsAny(box, "@\r") || strings.Contains(box, "#1") || strings.Contains(box, "<!") || strings.Contains(box, "://") {
					t.Errorf("a box holds %q", line)
				}
			}
			for _, text := range []string{"one\n", "```", "# Merge", "click", "<img", "all fixes", "~~~", "all \n"} {
				if strings.Contains(outside, text) {
					t.Errorf("%q of the document is outside of a box:\n%s", text, said.body)
				}
			}
			if keyOf(said.body) != said.key || keyOf(strings.ReplaceAll(said.body, "\n", "\r\n")) != said.key || said.key == "00" {
				t.Errorf("the key is %q, and read as %q", said.key, keyOf(said.body))
			}
		})
	}
}

// TestTextIsBounded: GitHub takes a body of 65,536 characters.
func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for name, text := range map[string]string{"one line": long, "lines": strings.ReplaceAll(long, "xxxxxxxxxx", "@@@@@\n"), "ticks": strings.Repeat("`", 100_000), "wide": strings.Repeat("→", 100_000)} {
		r := found(try.Additive, "minor", text)
		r.Review, r.Changelog = []string{text}, text
		if said := pullText(r); len(said.body) > 65_000 || !strings.Contains(said.body, "… cut here") || keyOf(said.body) != said.key {
			t.Errorf("%s: a body of %d bytes, key %q", name, len(said.body), keyOf(said.body))
		}
	}
}

// TestKeyLasts: what tests have taken is not another text.
func TestKeyLasts(t *testing.T) {
	t.Parallel()
	key := func(text string) string { return issueText(found(try.Breaking, "major", text)).key }
	if key("--- FAIL: TestX (0.01s)\nFAIL x 1.5s") != key("--- FAIL: TestX (1.20s)\nFAIL x 0.4s") {
		t.Error("the same failure is another text")
	}
	if key("one") == key("two") {
		t.Error("another failure is the same text")
	}
}

// TestKeyOf: a body has its key also after a person has edited it, and text of a document
// cannot give it another.
func TestKeyOf(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                 "",
		"<!-- upstream-document 0a -->":    "0a",
		"x\n<!-- upstream-document 0a -->": "0a",
		"x\r\n<!-- upstream-document 0a -->\r\n\r\n":      "0a",
		"<!-- upstream-document 0a -->\n- [ ] ask them":   "0a",
		"    <!-- upstream-document 0a -->":               "",
		"x <!-- upstream-document 0a -->":                 "",
		"<!-- upstream-document 0a --> x":                 "",
		"<!-- upstream-document -->":                      "",
		mark("x", "0b"):                                   "0b",
		mark("x\n<!-- upstream-document 0a -->\ny", "0b"): "0b",
	} {
		if got := keyOf(body); got != want {
			t.Errorf("%q has the key %q, want %q", body, got, want)
		}
	}
}
