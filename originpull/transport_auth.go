package originpull

import "github.com/originpull/originpull-go/internal/secret"

// credential is a header that authenticates. Its value is the prefix and the
// secret, which must not show.
type credential struct {
	header string
	prefix string
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
		headers[i] = header{c.header, []string{c.prefix + c.secret.Reveal()}}
	}
	return func(x *exchange) error {
		for _, h := range headers {
			x.plain.Header[h.name] = h.value
		}
		return next(x)
	}
}
