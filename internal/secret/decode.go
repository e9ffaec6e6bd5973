package secret

import (
	"bytes"
	"strconv"
	"strings"
)

// decoder undoes an encoding in which a secret can come back, and appends what it
// decodes to dst. What is not encoded that way decodes to nonsense, in which no secret
// is found. Encoded text can begin at one of several places, so that many offsets are
// tried.
type decoder struct {
	decode  func(dst, text []byte, offset int) []byte
	offsets int
}

var decoders = []decoder{{fromEscapes, escapes}, {fromBase64, 4}, {fromHexadecimal, 2}, {fromNumbers, 1}}

// escapes is how many escapes are undone, one within another.
const escapes = 4

// fromEscapes undoes %41, \u0041, \x41, \101, \n, \/, &#65; and &#x41;, and takes out
// the tags of HTML, once more than more says.
func fromEscapes(dst, text []byte, more int) []byte {
	for ; more >= 0; more-- {
		if !bytes.ContainsAny(text, `%\&<`) {
			return dst[:0] // fewer times are enough, and were tried
		}
		decoded := make([]byte, 0, len(text))
		for len(text) > 0 {
			c, n := text[0], 1
			if bytes.IndexByte([]byte(`%\&<`), c) >= 0 {
				c, n = unescapeOne(string(text[:min(len(text), longestEscape)]))
			}
			decoded, text = append(decoded, c), text[n:]
		}
		text = decoded
	}
	return append(dst, text...)
}

// longestEscape is how many bytes what is escaped takes at most, a tag included.
const longestEscape = 32

// unescapeOne returns the first character of text, which is not empty, and how many
// bytes it takes.
func unescapeOne(text string) (c byte, n int) {
	escaped := func(prefix string, digits int) bool {
		if len(text) < len(prefix)+digits || text[:len(prefix)] != prefix {
			return false
		}
		value, err := strconv.ParseUint(text[len(prefix):len(prefix)+digits], 16, 16)
		c, n = byte(value), len(prefix)+digits
		return err == nil && value <= 0xff
	}
	switch {
	case escaped("%", 2), escaped(`\u`, 4), escaped(`\x`, 2):
		return c, n
	case strings.HasPrefix(text, "&#"):
		number, _, closed := strings.Cut(text[2:min(len(text), 10)], ";")
		base, digits := 10, number
		if rest, ok := strings.CutPrefix(strings.ToLower(number), "x"); ok {
			base, digits = 16, rest
		}
		if value, err := strconv.ParseUint(digits, base, 8); closed && err == nil {
			return byte(value), len("&#;") + len(number)
		}
	case strings.HasPrefix(text, "&amp;"):
		return '&', len("&amp;")
	case text[0] == '<':
		if end := strings.IndexAny(text[1:], "<>"); end >= 0 && text[1+end] == '>' {
			return ' ', end + 2
		}
	case octal(text):
		value, _ := strconv.ParseUint(text[1:4], 8, 9)
		return byte(value), 4
	case text[0] == '\\' && len(text) > 1:
		if strings.IndexByte("abfnrtv", text[1]) >= 0 {
			return ' ', 2
		}
		return text[1], 2
	}
	return text[0], 1
}

// octal reports whether text begins with an escape such as \101.
func octal(text string) bool {
	return len(text) >= 4 && text[0] == '\\' && strings.Trim(text[1:4], "01234567") == ""
}

// fromBase64 undoes base64 and base64url, whatever stands between the digits.
func fromBase64(dst, text []byte, offset int) []byte {
	return fromDigits(dst, text, offset, 6, base64Value)
}

// fromHexadecimal undoes hexadecimal, whatever stands between the digits.
func fromHexadecimal(dst, text []byte, offset int) []byte {
	return fromDigits(dst, text, offset, 4, hexadecimalValue)
}

// fromDigits puts the digits of text together, so many bits each, after leaving out the
// first offset.
func fromDigits(dst, text []byte, offset, bits int, valueOf func(byte) (byte, bool)) []byte {
	var collected uint
	have := 0
	for i, c := range text {
		value, ok := valueOf(c)
		prefix := bits == 4 && c == '0' && i+1 < len(text) && text[i+1]|0x20 == 'x'
		if !ok || prefix {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		collected, have = collected<<bits|uint(value), have+bits
		if have >= 8 {
			have -= 8
			dst = append(dst, byte(collected>>have))
		}
	}
	return dst
}

func base64Value(c byte) (value byte, ok bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '+', c == '-':
		return 62, true
	case c == '/', c == '_':
		return 63, true
	}
	return 0, false
}

func hexadecimalValue(c byte) (value byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// fromNumbers undoes a list of bytes in decimal, as fmt prints them.
func fromNumbers(dst, text []byte, _ int) []byte {
	value, digits := 0, 0
	for i := range len(text) + 1 {
		if i < len(text) && '0' <= text[i] && text[i] <= '9' {
			value, digits = min(value*10+int(text[i]-'0'), 256), digits+1
			continue
		}
		if digits > 0 && value < 256 {
			dst = append(dst, byte(value))
		}
		value, digits = 0, 0
	}
	return dst
}
