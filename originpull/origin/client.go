package origin

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
)

// Client is who pulled: the client certificate of a connection, which the server has
// verified. Its texts can be printed: what would control a terminal is escaped.
type Client struct {
	// Subject is the subject in RFC 2253 notation.
	Subject string `json:"subject"`
	// SHA256 is the SHA-256 of the certificate's DER in hexadecimal, as
	// originpull.KeyPair.Fingerprint returns it.
	SHA256 string `json:"sha256"`
	// Serial is the serial number in hexadecimal.
	Serial string `json:"serial"`
	// Certificate is the certificate itself. Do not modify it.
	Certificate *x509.Certificate `json:"-"`
}

// ClientOf returns the client of a connection, such as the field TLS of an http.Request, and
// reports whether there is one. There is none without TLS, and where the server has not
// verified the certificate, as with [tls.RequestClientCert] and [tls.RequireAnyClientCert].
func ClientOf(state *tls.ConnectionState) (Client, bool) {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return Client{}, false
	}
	return describe(state.VerifiedChains[0][0]), true
}

func describe(c *x509.Certificate) Client {
	sum := sha256.Sum256(c.Raw)
	client := Client{Subject: printable(c.Subject.String()), SHA256: hex.EncodeToString(sum[:]), Certificate: c}
	if c.SerialNumber != nil {
		client.Serial = c.SerialNumber.Text(16)
	}
	return client
}

func describeAll(certificates []*x509.Certificate) (texts []string) {
	for _, c := range certificates {
		texts = append(texts, describe(c).String())
	}
	return texts
}

// String returns subject, fingerprint and serial number as one line.
func (c Client) String() string {
	return fmt.Sprintf("%s (SHA-256 %s, serial number %s)", c.Subject, c.SHA256, c.Serial)
}

// LogValue returns the texts as a group with the keys subject, sha256 and serial.
func (c Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("subject", c.Subject), slog.String("sha256", c.SHA256), slog.String("serial", c.Serial))
}

// printable escapes text that has other characters than printable ones, as Go does.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r == unicode.ReplacementChar || !strconv.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}
