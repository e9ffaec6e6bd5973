package secret

import (
	"bytes"
	"slices"
	"strings"
)

// Run is how many consecutive characters of a secret count as a leak.
const Run = 8

// Index finds parts of secrets in text, also in encoded text. The zero Index holds no
// secrets. Adding is not safe for concurrent use; finding is.
type Index struct {
	runs    map[uint64]struct{} // every 8 consecutive characters of a secret
	phrases []string            // found only as a whole; in lower case
}

// Add adds a secret. Any [Run] consecutive characters of it are found. A shorter secret is
// never found, since it could be a part of any word.
func (x *Index) Add(secret string) {
	eachRun([]byte(secret), func(run uint64) bool { x.addRun(run); return true })
}

// AddBinary adds a secret that is not text, such as the DER of a key.
func (x *Index) AddBinary(secret []byte) {
	var w window
	for _, c := range secret {
		if w.push(c) {
			x.addRun(w.bits)
		}
	}
}

// AddPhrase adds a secret that is found only as a whole, between characters that are not
// letters or digits, in upper or lower case. Use it for an email address, whose parts are
// ordinary words.
func (x *Index) AddPhrase(phrase string) {
	if phrase != "" {
		x.phrases = append(x.phrases, strings.ToLower(phrase))
	}
}

func (x *Index) addRun(run uint64) {
	if x.runs == nil {
		x.runs = map[uint64]struct{}{}
	}
	x.runs[run] = struct{}{}
}

// nesting is how many encodings inside one another are decoded.
const nesting = 2

// Shows reports whether text contains a part of a secret of one of the indexes, plain or
// encoded: broken into lines; escaped as in URLs, JSON, Go or HTML; in base64 or
// hexadecimal; or as a list of numbers. The time is linear in the length of text.
func Shows(text string, indexes ...*Index) bool {
	indexes = slices.DeleteFunc(indexes, func(x *Index) bool { return x == nil || len(x.runs)+len(x.phrases) == 0 })
	if len(indexes) == 0 {
		return false
	}
	s := search{indexes: indexes}
	return s.shows([]byte(text), 0)
}

// search is one search for pieces of secrets.
type search struct {
	indexes []*Index
	decoded [nesting][]byte // room for what is decoded, one text within another
}

func (s *search) shows(text []byte, depth int) bool {
	if s.holds(text) {
		return true
	}
	if depth == nesting {
		return false
	}
	for _, d := range decoders {
		for offset := range d.offsets {
			s.decoded[depth] = d.decode(s.decoded[depth][:0], text, offset)
			if len(s.decoded[depth]) >= Run && s.shows(s.decoded[depth], depth+1) {
				return true
			}
		}
	}
	return false
}

// holds reports whether text shows a piece of a secret as it is.
func (s *search) holds(text []byte) bool {
	found := false
	eachRun(text, func(run uint64) bool {
		for _, x := range s.indexes {
			if _, found = x.runs[run]; found {
				return false
			}
		}
		return true
	})
	if found {
		return true
	}
	for _, x := range s.indexes {
		for _, phrase := range x.phrases {
			if holdsPhrase(text, phrase) {
				return true
			}
		}
	}
	return false
}

func holdsPhrase(text []byte, phrase string) bool {
	lowered := string(bytes.ToLower(text))
	for i := range lowered {
		end := i + len(phrase)
		if strings.HasPrefix(lowered[i:], phrase) &&
			(i == 0 || !isAlphanumeric(lowered[i-1])) && (end == len(lowered) || !isAlphanumeric(lowered[end])) {
			return true
		}
	}
	return false
}

// eachRun calls yield with each run of characters of text until it returns false: of the
// text as it is, of its visible characters, and of its letters and digits alone, since
// line breaks and escapes come between the others.
func eachRun(text []byte, yield func(run uint64) bool) {
	var all, shown, alphanumeric window
	for _, c := range text {
		if all.push(c) && !yield(all.bits) {
			return
		}
		if c <= ' ' || c == 0x7f {
			continue
		}
		if shown.push(c) && shown != all && !yield(shown.bits) {
			return
		}
		if !isAlphanumeric(c) {
			continue
		}
		if alphanumeric.push(c) && alphanumeric != shown && !yield(alphanumeric.bits) {
			return
		}
	}
}

// window holds the last 8 characters.
type window struct {
	bits uint64
	n    int
}

// push adds a character and reports whether there are 8.
func (w *window) push(c byte) bool {
	w.bits = w.bits<<8 | uint64(c)
	w.n = min(w.n+1, Run)
	return w.n == Run
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
