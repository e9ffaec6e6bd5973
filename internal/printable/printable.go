// Package printable escapes text from other systems before it is printed.
package printable

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line returns text as one line. It escapes, as Go does, every character that would begin
// a line, control a terminal or change the direction of writing: a line break becomes \n,
// the escape character \x1b, U+202E \u202e. Printable characters are not changed.
func Line(text string) string {
	if !strings.ContainsFunc(text, mustEscape) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case !mustEscape(r):
			b.WriteRune(r)
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, text[i]) // not UTF-8
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// Cut returns [Line] of text, and of a longer one the first most bytes with an ellipsis.
func Cut(text string, most int) string {
	const longest = len(`\U000e0001`) // of an escape: what is cut needs no more than one
	line := Line(text[:min(len(text), most+longest)])
	if len(line) <= most {
		return line
	}
	for most > 0 && !utf8.RuneStart(line[most]) {
		most--
	}
	return line[:most] + "…"
}

// Count returns a number of things in words: "1 finding", "2 findings".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func mustEscape(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// Fprintf writes as [fmt.Fprintf] does, with each argument that is not a number or a
// boolean as [Line] returns it. Only the format can break a line.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	safe := make([]any, len(args))
	for i, arg := range args {
		switch kind := reflect.ValueOf(arg).Kind(); {
		case arg == nil, reflect.Bool <= kind && kind <= reflect.Complex128 && !isStringer(arg):
			safe[i] = arg
		default:
			safe[i] = Line(fmt.Sprint(arg))
		}
	}
	return fmt.Fprintf(w, format, safe...)
}

func isStringer(arg any) bool {
	_, ok := arg.(fmt.Stringer)
	return ok
}

// WriteJSON writes value as indented JSON, with everything escaped that [Line] escapes:
// package encoding/json leaves what turns the direction of writing as it is.
func WriteJSON(w io.Writer, value any) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, Quoted(text.String()))
	return err
}

// Quoted escapes what [Line] escapes but for line breaks, as JSON and YAML do within
// double quotes: text is of one of these, and has such characters only there.
func Quoted(text string) string {
	var safe strings.Builder
	for _, r := range text {
		if r == '\n' || !mustEscape(r) {
			safe.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&safe, `\u%04x`, unit)
		}
	}
	return safe.String()
}
