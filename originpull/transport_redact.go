package originpull

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/secret"
)

// What the other side says is not trusted to be free of what it was sent: a proxy
// can repeat a request, whole or in part, and encode it on the way. So a body that is
// not the API's own is never quoted, and of everything else no text is shown that
// repeats [secret.Run] characters of a credential or a key.

// redactErrors lets no error through that repeats a secret of the request. The
// transport's errors can hold what came over the wire, such as a header line.
func redactErrors(next handler) handler {
	return func(x *exchange) error {
		return x.redactError(next(x))
	}
}

// shows reports whether text repeats a secret of the request.
func (x *exchange) shows(text string) bool {
	return secret.Shows(text, x.credentials, x.earlier, x.own())
}

// own returns the secrets of this request, beside the client's credentials: private
// keys in the body, and headers that the caller added, which can be credentials too,
// such as those of Cloudflare Access.
func (x *exchange) own() *secret.Index {
	if x.secrets != nil {
		return x.secrets
	}
	x.secrets = new(secret.Index)
	for _, values := range x.added {
		for _, value := range values {
			addHeader(x.secrets, value)
		}
	}
	if x.plain.GetBody != nil {
		var body any
		if reader, err := x.plain.GetBody(); err == nil && json.NewDecoder(reader).Decode(&body) == nil {
			x.sendsKey = addKeys(x.secrets, body)
		}
	}
	return x.secrets
}

// addHeader adds the value of a header. Its words in small letters alone count only
// together with the others: they could be words of the API.
func addHeader(index *secret.Index, value string) {
	if len(value) >= secret.Run {
		index.AddPhrase(value)
	}
	for word := range strings.FieldsSeq(value) {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-_/.,:;=") != "" {
			index.Add(word)
		}
	}
}

// addKeys adds the private keys, in PEM, that the JSON of a body holds anywhere, and
// reports whether there is one.
func addKeys(index *secret.Index, body any) (found bool) {
	switch body := body.(type) {
	case map[string]any:
		for _, member := range body {
			found = addKeys(index, member) || found
		}
	case []any:
		for _, element := range body {
			found = addKeys(index, element) || found
		}
	case string:
		if !strings.Contains(body, "PRIVATE KEY-----") {
			return false
		}
		for block, rest := pem.Decode([]byte(body)); block != nil; block, rest = pem.Decode(rest) {
			if strings.HasSuffix(block.Type, "PRIVATE KEY") {
				found = true
				index.Add(base64.StdEncoding.EncodeToString(block.Bytes))
				index.AddBinary(block.Bytes)
			}
		}
		if !found { // broken PEM is sent all the same
			index.Add(body)
		}
		return true
	}
	return found
}

// redact returns text, or [secret.Redacted] in its place if it repeats a secret.
func (x *exchange) redact(text string) string {
	if x.shows(text) {
		return secret.Redacted
	}
	return text
}

// shownHeader returns a header of the response as it can be shown.
func (x *exchange) shownHeader(name string) string {
	return excerpt(x.redact(x.header.Get(name)))
}

// rayID returns the Cf-Ray of the response, 16 hexadecimal digits and the place; empty
// where it holds what cannot be one.
func (x *exchange) rayID() string {
	ray := x.header.Get("Cf-Ray")
	if len(ray) > 32 || strings.Trim(ray, lettersAndDigits+"-") != "" {
		return ""
	}
	return x.redact(ray)
}

// The texts of one response that are shown, in bytes: one, and all together. The
// API's own have a line.
const (
	mostText  = 1 << 10
	mostTexts = 16 << 10
)

// notShown stands for a text that is not shown though nothing was found in it.
const notShown = "[not shown, WithResponse has it]"

// redactMessages makes the API's messages fit to be shown. In the response to a request
// that carries a key only messages of known codes are: an unknown one could be about
// the key, and repeat it in a way that no search finds.
func (x *exchange) redactMessages(messages []Message) []Message {
	x.own() // says whether a key is sent
	left := mostTexts
	show := func(code Code, text string) string {
		switch {
		case text == "":
			return ""
		case x.sendsKey && !isKnown(code), left <= 0:
			return notShown
		}
		text = shorten(text, mostText)
		left -= len(text)
		return x.redact(text)
	}
	for i := range messages {
		m := &messages[i]
		m.Message = show(m.Code, m.Message)
		m.DocumentationURL = show(m.Code, m.DocumentationURL)
		m.Source.Pointer = show(m.Code, m.Source.Pointer)
		for j := range m.ErrorChain {
			c := &m.ErrorChain[j]
			c.Message = show(c.Code, c.Message)
		}
	}
	return messages
}

// redactError returns err if it is short and nothing that can be reached from it repeats
// a secret; else an error that wraps those errors of the tree that do not, so that
// [errors.Is] still finds the end of a context.
func (x *exchange) redactError(err error) error {
	if err == nil {
		return nil
	}
	parts, clean := x.cleanParts(err, 0)
	text := err.Error()
	short := excerpt(text)
	switch {
	case x.shows(short):
		return shownError{fmt.Sprintf("%s: an error of type %T repeats a secret of the request", secret.Redacted, err), parts}
	case !clean || short != text:
		return shownError{short, parts}
	}
	return err
}

// How far errors are searched: what is deeper or larger cannot be reached, since it
// was not searched.
const (
	mostDepth     = 32
	mostErrorText = 16 << 10
)

// cleanParts returns the largest parts of the tree of errors that show no secret, and
// reports whether that is the whole tree.
func (x *exchange) cleanParts(err error, depth int) (parts []error, clean bool) {
	if depth > mostDepth {
		return nil, false
	}
	var wrapped []error
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		wrapped = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = err.Unwrap()
	}
	clean = !x.errorShows(err)
	for _, one := range wrapped {
		if one == nil {
			continue
		}
		below, all := x.cleanParts(one, depth+1)
		parts, clean = append(parts, below...), clean && all
	}
	if clean {
		return []error{err}, true
	}
	return parts, false
}

// errorShows reports whether err alone shows a secret, under any verb of fmt.
func (x *exchange) errorShows(err error) bool {
	text := fmt.Sprintf("%v\n%+v\n%#v", err, err, err)
	return len(text) > mostErrorText || x.shows(text)
}

// shownError is an error under a text that can be shown, and wraps what can be shown
// of its causes.
type shownError struct {
	text   string
	causes []error
}

func (e shownError) Error() string   { return e.text }
func (e shownError) Unwrap() []error { return e.causes }

// excerpt returns the first 200 characters of s on one line.
func excerpt(s string) string {
	const most = 200
	s = printable.Line(shorten(s, 4*most))
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
