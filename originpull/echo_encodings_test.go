package originpull_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// encoding is a way in which a proxy can repeat what it was sent.
type encoding struct {
	name   string
	encode func(string) string
	// forms are what a search for the text, which is a part of what was encoded, has to
	// look for.
	forms func(string) []string
	// more is how many characters longer the text has to be, so that each of its forms
	// holds as many as count: the ends of base64 hold parts of characters.
	more int
}

// each returns an encoding of one character after the other.
func each(name, format string) encoding {
	encode := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, format, s[i])
		}
		return b.String()
	}
	return encoding{name, encode, func(s string) []string { return []string{encode(s)} }, 0}
}

// inBase64 returns base64 of the text. A part of the text looks different at each of
// three places in a group.
func inBase64(name string, codec *base64.Encoding) encoding {
	return encoding{name, func(s string) string { return codec.EncodeToString([]byte(s)) }, func(s string) (forms []string) {
		for offset := range 3 {
			whole := codec.WithPadding(base64.NoPadding).EncodeToString(append(make([]byte, offset), s...))
			first, last := (offset*8+5)/6, (offset+len(s))*8/6 // that depend on s alone
			forms = append(forms, whole[first:last])
		}
		return forms
	}, 2}
}

// rewrapped breaks the text into lines.
func rewrapped(name string, width int, end string) encoding {
	return encoding{name, func(s string) string {
		var b strings.Builder
		for i := 0; i < len(s); i += width {
			b.WriteString(s[i:min(i+width, len(s))] + end)
		}
		return b.String()
	}, func(s string) []string { return []string{s} }, 0}
}

var encodings = []encoding{
	rewrapped("raw", 1<<16, ""),
	rewrapped("rewrapped", 5, "\n"),
	rewrapped("rewrapped, CRLF", 9, "\r\n"),
	rewrapped("rewrapped, indented", 7, "\n    "),
	rewrapped("rewrapped, escaped", 6, `\n`),
	rewrapped("quoted", 8, "\n> "),
	rewrapped("rewrapped, HTML", 5, "<br>\n"),
	each("octal", `\%03o`),
	{"percent-escaped where need be", url.QueryEscape, func(s string) []string { return []string{url.QueryEscape(s)} }, 0},
	each("percent-escaped", "%%%02X"),
	each("percent-escaped, small", "%%%02x"),
	each("percent-escaped twice", "%%25%02X"),
	each("JSON-escaped", `\u%04x`),
	each("Go-escaped", `\x%02x`),
	each("HTML-escaped", "&#%d;"),
	each("HTML-escaped, hexadecimal", "&#x%X;"),
	each("hexadecimal", "%02x"),
	each("HEXADECIMAL", "%02X"),
	each("hexadecimal with colons", "%02x:"),
	each("hexadecimal, Go syntax", "0x%02x, "),
	each("numbers", "%d "),
	inBase64("base64", base64.StdEncoding),
	inBase64("base64url", base64.URLEncoding),
	inBase64("base64url without padding", base64.RawURLEncoding),
}

// joinLines returns text without what rewrapped puts between the lines, also once more
// escaped by what prints it: line ends, and the indent or the quotation mark that comes
// after one or more of them.
func joinLines(text string) string {
	var joined strings.Builder
	for {
		at := strings.IndexAny(text, "\r\n\\<")
		if at < 0 {
			joined.WriteString(text)
			return joined.String()
		}
		joined.WriteString(text[:at])
		rest, found := cutLineEnd(text[at:])
		for more := found; more; {
			rest, more = cutLineEnd(rest)
		}
		if found {
			rest = cutMargin(rest)
		} else {
			joined.WriteByte(text[at])
			rest = text[at+1:]
		}
		text = rest
	}
}

// cutLineEnd returns text without the line end that it begins with.
func cutLineEnd(text string) (rest string, found bool) {
	for _, end := range []string{"\n", "\r", "<br>"} {
		if rest, found = strings.CutPrefix(text, end); found {
			return rest, true
		}
	}
	for _, end := range []string{"n", "r"} {
		if rest, found = cutEscaped(text, end); found {
			return rest, true
		}
	}
	if rest, found = cutEscaped(text, "u003cbr"); found {
		if rest, found = cutEscaped(rest, "u003e"); found {
			return rest, true
		}
	}
	return text, false
}

// cutMargin returns text without the margin of a line that it begins with.
func cutMargin(text string) string {
	for _, margin := range []string{"    ", "> "} {
		if rest, found := strings.CutPrefix(text, margin); found {
			return rest
		}
	}
	rest, _ := cutEscaped(text, "u003e ")
	return rest
}

// cutEscaped returns text without the escape that it begins with: one backslash or more,
// and the name.
func cutEscaped(text, name string) (rest string, found bool) {
	bare := strings.TrimLeft(text, `\`)
	if rest, found = strings.CutPrefix(bare, name); found && len(bare) < len(text) {
		return rest, true
	}
	return text, false
}

// shows returns a run of the window that text shows; empty if there is none.
func shows(text, window string, encoding encoding) string {
	joined := joinLines(text)
	for i := range len(window) - leak + 1 {
		forms := []string{window[i : i+leak]}
		if end := i + leak + encoding.more; end <= len(window) {
			forms = append(forms, encoding.forms(window[i:end])...)
		}
		for _, form := range forms {
			if strings.Contains(text, form) || strings.Contains(joined, form) {
				return window[i : i+leak]
			}
		}
	}
	return ""
}
