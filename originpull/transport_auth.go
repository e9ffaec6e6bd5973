package originpull

import (
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

const headerEmail = "X-Auth-Email"

// credential is a header with a secret. Its value is the prefix and the secret.
type credential struct {
	header string
	prefix string
	secret secret.Text
}

// indexOf returns an index that finds credentials in text. An email address is found only
// as a whole: its parts are ordinary words and host names.
func indexOf(credentials []credential) *secret.Index {
	index := new(secret.Index)
	for _, c := range credentials {
		switch value := c.secret.Reveal(); {
		case c.header != headerEmail:
			index.Add(value)
		case strings.Contains(value, "@"): // else it is a placeholder
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
