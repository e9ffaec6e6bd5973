package originpull

import (
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

const headerEmail = "X-Auth-Email"

// credential is a header that authenticates. Its value is the prefix and the
// secret, which must not show.
type credential struct {
	header string
	prefix string
	secret secret.Text
}

// indexOf returns what finds credentials in text. An email address is found as a whole
// only: its parts are words, and names of hosts.
func indexOf(credentials []credential) *secret.Index {
	index := new(secret.Index)
	for _, c := range credentials {
		switch value := c.secret.Reveal(); {
		case c.header != headerEmail:
			index.Add(value)
		case strings.Contains(value, "@"): // else it is a stand-in
			index.AddPhrase(value)
		}
	}
	return index
}

// authenticate adds the credentials.
func authenticate(credentials []credential, next handler) handler {
	type header struct {
		name  string
		value []string
	}
	headers := make([]header, len(credentials))
	for i, c := range credentials {
		headers[i] = header{c.header, []string{c.prefix + c.secret.Reveal()}}
	}
	return func(x *exchange) error {
		for _, h := range headers {
			x.plain.Header[h.name] = h.value
		}
		return next(x)
	}
}
