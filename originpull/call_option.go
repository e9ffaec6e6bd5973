package originpull

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

// CallOption is a setting of one call.
type CallOption func(*callOptions) error

type callOptions struct {
	header   http.Header
	response *Response
	once     bool
	earlier  *secret.Index // secrets of the request that this one follows, see followUpOptions
}

// WithHeader adds a header to the request. The SDK's own headers cannot be
// replaced by it, and Idempotency-Key not given: net/http takes it as leave to
// repeat a request by itself, uploads too.
func WithHeader(name, value string) CallOption {
	return func(o *callOptions) error {
		key := textproto.CanonicalMIMEHeaderKey(name)
		switch key {
		case "Authorization", "X-Auth-Email", "X-Auth-Key", "Accept", "Content-Type", "Content-Length", "Host", "User-Agent", "Idempotency-Key", "X-Idempotency-Key":
			return fmt.Errorf("%w: header %s cannot be given", ErrInvalidInput, key)
		}
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
			return fmt.Errorf("%w: a header name is empty, or holds a space, a colon or a character that is not printable ASCII: is it the value?", ErrInvalidInput)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("%w: header %s: its value holds a control character", ErrInvalidInput, key)
		}
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Add(key, value)
		return nil
	}
}

// Response is an answer as it came. Nothing in it is redacted: a proxy can repeat what
// it was sent, the credentials and the private key of an upload included, so do not log
// it.
type Response struct {
	Status int         // HTTP status
	Header http.Header // all headers
	Body   []byte      // the body, as far as it came and the client's body limit lets it
}

// WithResponse stores the answer as it came in response, raw, also where the call
// fails. Nothing is stored if no answer came. What it stores can repeat the request's
// secrets, see [Response].
func WithResponse(response *Response) CallOption {
	return func(o *callOptions) error {
		if response == nil {
			return fmt.Errorf("%w: WithResponse(nil)", ErrInvalidInput)
		}
		o.response = response
		return nil
	}
}

// WithoutRetry makes one attempt only. An upload then does not look either for
// what became of it when its answer is lost; a deletion that is refused still asks,
// once, whether the certificate is deleted already.
func WithoutRetry() CallOption {
	return func(o *callOptions) error { o.once = true; return nil }
}

// followUpOptions returns the options for a request that a call makes beside its own: all
// but [WithResponse], whose answer is the call's. What comes back may repeat a secret
// of either request.
func (c *caller) followUpOptions(options []CallOption) []CallOption {
	return append(slices.Clip(options), func(o *callOptions) error {
		o.response, o.earlier = nil, c.requestSecrets()
		return nil
	})
}

// applyCallOptions applies the options of a call in their order.
func applyCallOptions(options []CallOption) (callOptions, error) {
	if len(options) == 0 {
		return callOptions{}, nil // most calls have none: what follows is on the heap
	}
	var o callOptions
	for _, option := range options {
		if option == nil {
			return o, fmt.Errorf("%w: an option of the call is nil", ErrInvalidInput)
		}
		if err := option(&o); err != nil {
			return o, err
		}
	}
	return o, nil
}
