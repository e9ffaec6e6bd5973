package originpull

import (
	"fmt"
	"strings"
)

const lettersAndDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkZoneID accepts 32 hexadecimal digits.
func checkZoneID(id string) error {
	if len(id) != 32 || strings.Trim(id, "0123456789abcdefABCDEF") != "" {
		return fmt.Errorf("%w: zone id %q: want 32 hexadecimal digits, as the zone's overview page shows them", ErrInvalidInput, shorten(id, 64))
	}
	return nil
}

// checkCertificateID accepts what can be an id and nothing that would change
// the path: `..` and the empty id lead to the collection, and `settings` and
// `hostnames` are resources of their own beside the certificates.
func checkCertificateID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%w: certificate id is empty", ErrInvalidInput)
	case len(id) > 36 || strings.Trim(id, lettersAndDigits+"_-") != "":
		return fmt.Errorf("%w: certificate id %q: want up to 36 letters, digits, dashes and underscores", ErrInvalidInput, shorten(id, 64))
	case id == "settings" || id == "hostnames":
		return fmt.Errorf("%w: certificate id %q is the name of another resource", ErrInvalidInput, id)
	}
	return nil
}

// shorten cuts s to at most n bytes for a message.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
