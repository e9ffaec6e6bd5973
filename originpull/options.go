package originpull

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/secret"
)

// Option is a setting of [New].
type Option func(*config) error

type config struct {
	baseURL     string
	credentials []credential
	transport   http.RoundTripper
	userAgent   string
	logger      *slog.Logger
	bodyLimit   int64
	attempts    int
	attemptTime time.Duration
	rateShare   float64
	hooks       []func(context.Context, Attempt)
	callOptions []CallOption
}

// WithToken authenticates with an API token, which is the preferred way. The token
// needs the permission SSL and Certificates Write; SSL and Certificates Read is enough
// for List, All, Find, Get and Wait.
func WithToken(token string) Option {
	return func(c *config) error {
		if err := checkCredential("token", token); err != nil {
			return err
		}
		c.credentials = []credential{{"Authorization", "Bearer ", secret.New(token)}}
		return nil
	}
}

// WithAPIKey authenticates with an account's email address and global API key. The key
// has all permissions of the account: prefer [WithToken].
func WithAPIKey(email, key string) Option {
	return func(c *config) error {
		if err := checkCredential("email", email); err != nil {
			return err
		}
		if err := checkCredential("API key", key); err != nil {
			return err
		}
		c.credentials = []credential{
			{headerEmail, "", secret.New(email)},
			{"X-Auth-Key", "", secret.New(key)},
		}
		return nil
	}
}

// checkCredential refuses a value that cannot be sent in a header. The error does not
// show the value.
func checkCredential(what, value string) error {
	if value == "" {
		return fmt.Errorf("%w: %s is empty", ErrInvalidInput, what)
	}
	for _, r := range value {
		if r <= ' ' || r > '~' {
			return fmt.Errorf("%w: %s contains a space, a line break or a character outside ASCII: was it copied completely, and nothing else with it?", ErrInvalidInput, what)
		}
	}
	return nil
}

// WithBaseURL sends requests to base instead of [DefaultBaseURL]: to a proxy, or to a
// simulator in a test. The URL must be https, or http on loopback.
func WithBaseURL(base string) Option {
	return func(c *config) error { c.baseURL = base; return nil }
}

// WithTransport sends requests through rt instead of [http.DefaultTransport], for a
// proxy, mutual TLS or instrumentation. Requests reach rt complete, with the
// credentials. An [*http.Transport] that allows TLS below 1.2 is refused; of any other
// type the TLS version is not checked.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *config) error {
		standard, ok := rt.(*http.Transport)
		if rt == nil || ok && standard == nil {
			return fmt.Errorf("%w: transport is nil", ErrInvalidInput)
		}
		if ok && standard.TLSClientConfig != nil {
			if version := standard.TLSClientConfig.MinVersion; version != 0 && version < tls.VersionTLS12 {
				return fmt.Errorf("%w: the transport allows %s: want TLS 1.2 or later", ErrInvalidInput, tls.VersionName(version))
			}
		}
		c.transport = rt
		return nil
	}
}

// WithUserAgent adds product, such as "certbot-hook/1.2", in front of the SDK's user
// agent. It must be printable ASCII; spaces around it are removed.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		product := strings.Trim(product, " ")
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("%w: the user agent is empty or contains a character that is not printable ASCII: want something like certbot-hook/1.2", ErrInvalidInput)
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	}
}

// WithLogger logs to logger, instead of nowhere: each attempt at debug level, retries at
// info level; and at warning level deprecations, unreadable fields, lost responses to
// uploads and a rate limit that is almost used up. The log never shows credentials. Of a request body it shows the enablement; of a
// response body only success, the error codes, and the id, status and enablement of the
// result or the length of the list.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return fmt.Errorf("%w: logger is nil", ErrInvalidInput)
		}
		c.logger = logger
		return nil
	}
}

// mostBytes is the largest body limit. The whole body is read into memory.
const mostBytes = 1 << 40

// WithBodyLimit refuses response bodies of more than n bytes, instead of
// [DefaultBodyLimit]. n is 1 to 1 TiB. The whole body is read into memory.
func WithBodyLimit(n int64) Option {
	return func(c *config) error {
		if n < 1 || n > mostBytes {
			return fmt.Errorf("%w: body limit %d: want 1 to %d bytes", ErrInvalidInput, n, mostBytes)
		}
		c.bodyLimit = n
		return nil
	}
}

// WithRateShare makes the client use at most the share f of the rate limit, together with
// all other programs of the user, instead of 0.95; see "Rate limit" in the package
// documentation. Programs that run beside each other should have the same share. f is 0.001
// to 1.
func WithRateShare(f float64) Option {
	const leastShare = .001
	return func(c *config) error {
		if !(f >= leastShare && f <= 1) {
			return fmt.Errorf("%w: rate share %g: want %g to 1", ErrInvalidInput, f, leastShare)
		}
		c.rateShare = f
		return nil
	}
}

// WithMaxAttempts attempts a request up to n times, instead of 5, where it may be
// repeated; see "Attempts" in the package documentation. n is 1 to 10. WithMaxAttempts(1)
// turns retries off, but unlike [WithoutRetry] it does not turn off the search for an
// upload whose response was lost.
func WithMaxAttempts(n int) Option {
	return func(c *config) error {
		const most = 10
		if n < 1 || n > most {
			return fmt.Errorf("%w: %d attempts: want 1 to %d", ErrInvalidInput, n, most)
		}
		c.attempts = n
		return nil
	}
}

// WithAttemptTimeout ends an attempt after d, instead of a minute. The time that a request
// waits for the rate limit, or for another change of the zone, does not count. d is
// positive. An upload takes a second or two, so d should be several seconds.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("%w: attempt timeout %s: want a positive one", ErrInvalidInput, d)
		}
		c.attemptTime = d
		return nil
	}
}

// WithAttemptHook calls hook after each attempt of each call, for metrics and traces.
// The hook runs in the goroutine of the call, with the context of the call, so the call
// waits for it. A hook that uploads to or deletes from the call's zone would wait for the
// call, and so for itself. Several hooks are called in their order.
func WithAttemptHook(hook func(context.Context, Attempt)) Option {
	return func(c *config) error {
		if hook == nil {
			return fmt.Errorf("%w: attempt hook is nil", ErrInvalidInput)
		}
		c.hooks = append(c.hooks, hook)
		return nil
	}
}

// WithCallOptions applies options to every call of the client, before the call's own
// options.
func WithCallOptions(options ...CallOption) Option {
	return func(c *config) error {
		c.callOptions = append(c.callOptions, options...)
		return nil
	}
}
