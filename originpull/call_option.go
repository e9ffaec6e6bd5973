package originpull

import (
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/secret"
)

// CallOption is a setting of one call.
type CallOption func(*callOptions) error

type callOptions struct {
	header   http.Header
	response *Response
	once     bool

	beforeSend func(context.Context) error

	firstPoll    time.Duration // of Wait
	pollInterval time.Duration // of Wait; 0 is the default pace

	earlier *secret.Index // secrets of an earlier request of the same call, see followUpOptions
}

// WithHeader adds a header to the request. Name and value must be valid by RFC 9110;
// spaces and tabs around the value are removed. WithHeader refuses, as [ErrInvalidInput], the
// headers that the SDK or net/http sets, such as Authorization, Content-Type and
// Connection; those that ask for a response that the SDK does not decode, such as
// Accept-Encoding, Range and If-None-Match; and Idempotency-Key, which lets net/http repeat
// any request by itself, even an upload.
func WithHeader(name, value string) CallOption {
	return func(o *callOptions) error {
		if name == "" || strings.Trim(name, lettersAndDigits+"!#$%&'*+-.^_`|~") != "" {
			return fmt.Errorf("%w: a header name is empty, or contains a space, a colon or another character that names do not have: is it the value?", ErrInvalidInput)
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		if why := reservedHeader(key); why != "" {
			return fmt.Errorf("%w: header %s cannot be set: %s", ErrInvalidInput, key, why)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("%w: header %s: its value contains a control character", ErrInvalidInput, key)
		}
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Add(key, strings.Trim(value, " \t")) // HTTP/2 sends it as it is, and servers refuse it
		return nil
	}
}

// reservedHeader returns why a header cannot be set, empty if it can.
func reservedHeader(key string) string {
	switch key {
	case "Authorization", "X-Auth-Email", "X-Auth-Key", "X-Auth-User-Service-Key":
		return "give credentials as options of the client"
	case "Accept", "User-Agent":
		return "the SDK sets it"
	case "Host", "Transfer-Encoding", "Te", "Trailer", "Connection", "Keep-Alive", "Upgrade", "Http2-Settings", "Expect":
		return "it is for the connection, which the transport manages"
	case "Accept-Encoding", "Accept-Charset", "Range":
		return "the response would not be one that the SDK decodes"
	case "Idempotency-Key", "X-Idempotency-Key", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override":
		return "the request would be repeated where it must not be"
	}
	prefix, _, _ := strings.Cut(key, "-")
	switch prefix {
	case "Content":
		return "the SDK writes the body"
	case "Proxy":
		return "it is for a proxy: set that up in the transport"
	case "If":
		return "the response would be empty if the condition does not hold"
	}
	return ""
}

// Response is a raw response. Nothing in it is redacted. A proxy can send back what it
// received, also the credentials and the private key of an upload, so do not log a
// Response.
type Response struct {
	Status int         // HTTP status
	Header http.Header // all headers
	Body   []byte      // the part of the body that was received, at most as long as the client's body limit

	// Unreadable are the JSON pointers of fields that are not as documented and could
	// not be read, such as /result/0/expires_on. They are left empty in what the call
	// returns, which succeeds without them. The pointers contain only documented names
	// and indexes. There are about a thousand at most.
	Unreadable []string
}

// WithResponse stores the raw response in response, also if the call fails. It stores
// nothing if there was no response. The raw response can contain secrets of the
// request, see [Response].
func WithResponse(response *Response) CallOption {
	return func(o *callOptions) error {
		if response == nil {
			return fmt.Errorf("%w: WithResponse(nil)", ErrInvalidInput)
		}
		o.response = response
		return nil
	}
}

// WithBeforeSend calls hook before each attempt, with the context of the call. The attempt
// has then waited for the rate limit and for other changes of the zone, and nothing has been
// sent. So hook can check that the reason for the call still holds, such as a lock. If hook
// returns an error, the attempt is not made and the call fails with that error, which
// [errors.Is] finds. An earlier attempt of the same call may have taken effect.
//
// The hook must not upload or delete in the same zone: that would wait for this call, which
// waits for the hook. If there are several hooks, they are called in their order until one
// returns an error.
func WithBeforeSend(hook func(context.Context) error) CallOption {
	return func(o *callOptions) error {
		if hook == nil {
			return fmt.Errorf("%w: WithBeforeSend(nil)", ErrInvalidInput)
		}
		earlier := o.beforeSend
		o.beforeSend = hook
		if earlier != nil {
			o.beforeSend = func(ctx context.Context) error {
				if err := earlier(ctx); err != nil {
					return err
				}
				return hook(ctx)
			}
		}
		return nil
	}
}

// WithoutRetry makes one attempt only. Then, if the response to an upload is lost,
// Upload does not look for the certificate either. If a deletion is refused, Delete
// still makes one request to see whether the certificate is already deleted. Wait ends at
// its first request that fails.
func WithoutRetry() CallOption {
	return func(o *callOptions) error { o.once = true; return nil }
}

// The limits of [WithFirstPoll] and [WithPollInterval].
const (
	shortestPoll = 100 * time.Millisecond
	longestPoll  = time.Hour
)

// WithFirstPoll makes Wait send its first request after d instead of at once: a new
// certificate, for example, takes some seconds to become active. d is 0, the default, to an
// hour; any other d is [ErrInvalidInput]. Other calls ignore the option.
func WithFirstPoll(d time.Duration) CallOption {
	return func(o *callOptions) error {
		if d < 0 || d > longestPoll {
			return fmt.Errorf("%w: first poll after %s: want 0 to %s", ErrInvalidInput, d, longestPoll)
		}
		o.firstPoll = d
		return nil
	}
}

// WithPollInterval makes Wait pause for d between its requests, a random fifth more or
// less. By default the pauses grow from a second to ten. d is 100 milliseconds to an
// hour; 0 is the default, and any other d is [ErrInvalidInput]. Other calls ignore the
// option.
func WithPollInterval(d time.Duration) CallOption {
	return func(o *callOptions) error {
		if d != 0 && (d < shortestPoll || d > longestPoll) {
			return fmt.Errorf("%w: poll interval %s: want %s to %s, or 0 for the default", ErrInvalidInput, d, shortestPoll, longestPoll)
		}
		o.pollInterval = d
		return nil
	}
}

// followUpOptions returns the options for a further request of the same call: all but
// [WithResponse], which is for the response to the first. The response to the further
// request may repeat secrets of both.
func (c *caller) followUpOptions(options []CallOption) []CallOption {
	return append(slices.Clip(options), func(o *callOptions) error {
		o.response, o.earlier = nil, c.requestSecrets()
		return nil
	})
}

// applyCallOptions applies the options of a call in their order.
func applyCallOptions(options []CallOption) (callOptions, error) {
	if len(options) == 0 {
		return callOptions{}, nil // most calls have none, and what follows allocates
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
