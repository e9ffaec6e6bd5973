package originpull

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

const lettersAndDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkZoneID accepts 32 hexadecimal digits.
func (c *Client) checkZoneID(id string) error {
	if len(id) != 32 || strings.Trim(id, "0123456789abcdefABCDEF") != "" {
		return fmt.Errorf("%w: zone id %s: want 32 hexadecimal digits, as on the zone's overview page", ErrInvalidInput, c.quote(id, 64))
	}
	return nil
}

// checkCertificateID accepts what can be an id, and nothing that would change the path:
// `..` and the empty id would address the collection, and `settings` and `hostnames` are
// other resources.
func (c *Client) checkCertificateID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%w: certificate id is empty", ErrInvalidInput)
	case !looksLikeCertificateID(id):
		return fmt.Errorf("%w: certificate id %s: want up to 36 letters, digits, dashes and underscores", ErrInvalidInput, c.quote(id, 64))
	case strings.EqualFold(id, "settings") || strings.EqualFold(id, "hostnames"): // a server may not look at the case
		return fmt.Errorf("%w: certificate id %q is the name of another resource", ErrInvalidInput, id)
	}
	return nil
}

func looksLikeCertificateID(id string) bool {
	return id != "" && len(id) <= 36 && strings.Trim(id, lettersAndDigits+"_-") == ""
}

// quote quotes the first n bytes of an argument for an error, unless it is a credential
// that was passed in the wrong place.
func (c *Client) quote(argument string, n int) string {
	if c.shows(argument) {
		return secret.Redacted
	}
	return strconv.Quote(shorten(argument, n))
}

// shows reports whether text contains a credential.
func (c *Client) shows(text string) bool { return c != nil && secret.Shows(text, c.secrets) }

// shorten cuts s to at most n bytes for a message.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
