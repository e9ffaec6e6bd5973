package originpull

import (
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

// cleanse makes the transport's errors fit to be shown. Such an error can repeat
// what came over the wire, a header line of any length for one, and a proxy can
// echo what it was sent.
func cleanse(credentials []credential, next handler) handler {
	return func(x *exchange) error {
		err := next(x)
		if err == nil {
			return nil
		}
		text := err.Error()
		if clean := excerpt(x.scrub(text, credentials)); clean != text {
			return cleansed{clean, func() error { return err }}
		}
		return err
	}
}

// cleansed is an error under a text that can be shown. The cause is behind a func,
// so that it shows under no verb of fmt.
type cleansed struct {
	text  string
	cause func() error
}

func (e cleansed) Error() string { return e.text }
func (e cleansed) Unwrap() error { return e.cause() }

// scrub takes the secrets of a request out of what came back: a proxy may echo what
// it was sent. Of a key that is each line, and what is between the slashes and the
// like of its base64, which an echo may escape. Headers that the caller adds can be
// secrets too, such as those of Cloudflare Access.
func (x *exchange) scrub(s string, credentials []credential) string {
	const word = 8 // what is shorter tells nothing, and could be a word
	for _, c := range credentials {
		s = redact(s, c.secret.Reveal(), 1)
	}
	for _, values := range x.added {
		for _, value := range values {
			s = redact(s, value, word)
		}
	}
	if upload, ok := asUpload(x.in); ok {
		for line := range strings.Lines(upload.PrivateKey.Reveal()) {
			s = redact(s, strings.TrimSpace(line), 1)
			for piece := range strings.FieldsFuncSeq(line, func(r rune) bool { return !strings.ContainsRune(lettersAndDigits, r) }) {
				s = redact(s, piece, word)
			}
		}
	}
	return s
}

// redact takes hidden out of s if it has at least so many bytes.
func redact(s, hidden string, least int) string {
	if len(hidden) < least {
		return s
	}
	return strings.ReplaceAll(s, hidden, secret.Redacted)
}
