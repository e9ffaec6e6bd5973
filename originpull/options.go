package originpull

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

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
	hooks       []func(context.Context, Attempt)
	callOptions []CallOption
}

// WithToken authenticates by an API token, the preferred way. It needs the
// permission SSL and Certificates Write, or Read for what only reads.
func WithToken(token string) Option {
	return func(c *config) error {
		if err := checkCredential("token", token); err != nil {
			return err
		}
		c.credentials = []credential{{"Authorization", "Bearer ", secret.New(token)}}
		return nil
	}
}

// WithAPIKey authenticates by an account's email address and global API key,
// which may do everything the account may: prefer [WithToken].
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

// checkCredential refuses what cannot stand in a header; the error does not
// show the value.
func checkCredential(what, value string) error {
	if value == "" {
		return fmt.Errorf("%w: %s is empty", ErrInvalidInput, what)
	}
	for _, r := range value {
		if r <= ' ' || r > '~' {
			return fmt.Errorf("%w: %s holds a space, a line break or a character outside ASCII: was it copied whole, and alone?", ErrInvalidInput, what)
		}
	}
	return nil
}

// WithBaseURL sends requests to another place than [DefaultBaseURL]: a proxy, or
// a simulator in a test. The URL is https, or http on loopback.
func WithBaseURL(base string) Option {
	return func(c *config) error { c.baseURL = base; return nil }
}

// WithTransport sends requests by rt instead of [http.DefaultTransport]: a proxy,
// mutual TLS, instrumentation. Requests reach it complete, credentials included. An
// [*http.Transport] that allows TLS below 1.2 is refused; what another one speaks is
// its own business.
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

// WithUserAgent puts product, such as "certbot-hook/1.2", before the SDK's own
// user agent.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("%w: the user agent is empty or holds a character that is not printable ASCII: want one such as certbot-hook/1.2", ErrInvalidInput)
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	}
}

// WithLogger tells logger about each attempt at debug level, about repeated ones as
// information, and as warnings about deprecations, lost answers to uploads and a
// rate limit that is near. Of bodies the log shows the enablement, an answer's
// success, codes, id and status or how many it lists, and nothing else; of
// credentials nothing.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return fmt.Errorf("%w: logger is nil", ErrInvalidInput)
		}
		c.logger = logger
		return nil
	}
}

// mostBytes is the largest body limit. A body is read into memory whole.
const mostBytes = 1 << 40

// WithBodyLimit refuses answers of more than n bytes, 1 TiB at most, instead of
// [DefaultBodyLimit].
func WithBodyLimit(n int64) Option {
	return func(c *config) error {
		if n < 1 || n > mostBytes {
			return fmt.Errorf("%w: body limit %d: want 1 to %d bytes", ErrInvalidInput, n, mostBytes)
		}
		c.bodyLimit = n
		return nil
	}
}

// WithAttemptHook calls hook after each attempt of each call, by the goroutine of
// the call: for metrics and traces. The context is the call's. Of several, all
// are called in their order.
func WithAttemptHook(hook func(context.Context, Attempt)) Option {
	return func(c *config) error {
		if hook == nil {
			return fmt.Errorf("%w: attempt hook is nil", ErrInvalidInput)
		}
		c.hooks = append(c.hooks, hook)
		return nil
	}
}

// WithCallOptions gives every call of the client these options, before its own.
func WithCallOptions(options ...CallOption) Option {
	return func(c *config) error {
		c.callOptions = append(c.callOptions, options...)
		return nil
	}
}
