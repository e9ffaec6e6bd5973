package originpull

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
)

// anotherCertificate is the error of a response about another certificate than the
// request, such as one that a proxy mixed up.
type anotherCertificate struct{ error }

func (e anotherCertificate) Unwrap() error { return e.error }

// aboutAnother returns the error of a response about another certificate.
func (c *caller) aboutAnother() *Error {
	e := c.malformed("it is about another certificate than the request")
	e.Err = anotherCertificate{e.Err}
	return e
}

func isAboutAnother(err error) bool {
	_, ok := errors.AsType[anotherCertificate](err)
	return ok
}

// sameID reports whether two ids of certificates are the same UUID, in any of the forms in
// which it can be written.
func sameID(a, b string) bool {
	digits := func(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }
	return a == b || digits(a) == digits(b)
}

// parseReturned parses the certificate in a response, the first if there are several. It
// accepts what [ParseCertificate] does, and base64 without a frame.
func parseReturned(text string) (*x509.Certificate, error) {
	if blocks, err := parseBlocks([]byte(text)); err == nil && len(blocks) > 0 {
		return x509.ParseCertificate(blocks[0].Bytes)
	}
	bare := strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	der, err := base64.RawStdEncoding.DecodeString(bare)
	if err != nil {
		return nil, errors.New("want a certificate in PEM")
	}
	return x509.ParseCertificate(der)
}
