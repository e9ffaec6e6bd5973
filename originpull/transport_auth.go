package originpull

import (
	"github.com/originpull/originpull-go/internal/secret"
)

// credential is a header that authenticates, and the part of it that must not
// show.
type credential struct {
	header string
	value  secret.Text
	secret secret.Text
}

// authenticate adds the credentials.
func authenticate(credentials []credential, next handler) handler {
	type header struct {
		name  string
		value []string
	}
	headers := make([]header, len(credentials))
	for i, c := range credentials {
		headers[i] = header{c.header, []string{c.value.Reveal()}}
	}
	return func(x *exchange) error {
		for _, h := range headers {
			x.request.Header[h.name] = h.value
		}
		return next(x)
	}
}
