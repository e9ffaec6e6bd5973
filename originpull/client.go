package originpull

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/originpull/originpull-go/internal/secret"
)

// Version is the version of this module, as the user agent names it.
const Version = "0.1.0"

// DefaultBaseURL is where the public API is.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// DefaultBodyLimit is the size in bytes at which an answer is refused. A list
// of a thousand certificates has about 3 MB.
const DefaultBodyLimit = 8 << 20

// Client sends requests to the API. It is safe for concurrent use, holds no
// goroutine, and needs no closing.
type Client struct {
	base    *url.URL
	handle  handler       // the transport chain
	limiter *limiter      // the rate limit's budget
	options []CallOption  // of every call
	secrets *secret.Index // the credentials, to be found in what comes back
	logger  *slog.Logger
	warned  sync.Map // operations whose deprecation was logged
}

// New makes a client. It needs credentials: [WithToken] or [WithAPIKey]; of
// several the last counts. Errors are [ErrInvalidInput].
//
// A call takes the time that its context gives it; an attempt ends after a minute,
// so that a server that stalls cannot hold up a call without a deadline for ever.
func New(options ...Option) (*Client, error) {
	c := config{
		baseURL:   DefaultBaseURL,
		transport: http.DefaultTransport,
		userAgent: "originpull-go/" + Version,
		logger:    slog.New(slog.DiscardHandler),
		bodyLimit: DefaultBodyLimit,
	}
	for _, option := range options {
		if option == nil {
			return nil, fmt.Errorf("%w: an option is nil", ErrInvalidInput)
		}
		if err := option(&c); err != nil {
			return nil, err
		}
	}
	if len(c.credentials) == 0 {
		return nil, fmt.Errorf("%w: no credentials: give a token (WithToken) or an email and key (WithAPIKey), or use FromEnv and set %s, or %s and %s",
			ErrInvalidInput, envToken, envEmail, envKey)
	}
	base, err := parseBaseURL(c.baseURL)
	if err != nil {
		return nil, err
	}
	client := &Client{base: base, limiter: newLimiter(), logger: c.logger, options: c.callOptions, secrets: indexOf(c.credentials)}
	if _, err := applyCallOptions(c.callOptions); err != nil {
		return nil, err
	}
	client.handle = chain(c, client.limiter)
	return client, nil
}

// check refuses a client that [New] has not made.
func (c *Client) check() error {
	if c == nil || c.handle == nil {
		return fmt.Errorf("%w: the client is empty: make it with New or FromEnv", ErrInvalidInput)
	}
	return nil
}

// The environment variables that [FromEnv] reads, the same that cloudflare-go
// and Terraform read.
const (
	envToken   = "CLOUDFLARE_API_TOKEN"
	envEmail   = "CLOUDFLARE_EMAIL"
	envKey     = "CLOUDFLARE_API_KEY"
	envBaseURL = "CLOUDFLARE_BASE_URL"
)

// FromEnv makes a client from the environment: CLOUDFLARE_API_TOKEN, or
// CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY where there is no token; and
// CLOUDFLARE_BASE_URL, if set. Options come after and so go before it. Errors
// are [ErrInvalidInput].
func FromEnv(options ...Option) (*Client, error) {
	var env []Option
	token, email, key := os.Getenv(envToken), os.Getenv(envEmail), os.Getenv(envKey)
	switch {
	case token != "":
		env = append(env, WithToken(token))
	case email != "" && key != "":
		env = append(env, WithAPIKey(email, key))
	case email != "" || key != "":
		return nil, fmt.Errorf("%w: of %s and %s only one is set", ErrInvalidInput, envEmail, envKey)
	}
	if base := os.Getenv(envBaseURL); base != "" {
		env = append(env, WithBaseURL(base))
	}
	return New(append(env, options...)...)
}

// parseBaseURL accepts https, and http on loopback only: credentials would
// otherwise cross a network in the clear. Errors show no more than scheme and
// host, since a password can stand anywhere else.
func parseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The cause repeats the URL.
		return nil, fmt.Errorf("%w: base URL cannot be parsed", ErrInvalidInput)
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%w: base URL of %s holds a user or password: give credentials as options", ErrInvalidInput, u.Host)
	case u.RawQuery != "" || u.Fragment != "" || u.RawPath != "":
		return nil, fmt.Errorf("%w: base URL of %s: want no query, no fragment and nothing escaped", ErrInvalidInput, u.Host)
	case u.Host == "":
		return nil, fmt.Errorf("%w: base URL names no host: want one like %s", ErrInvalidInput, DefaultBaseURL)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		u.Path = strings.TrimRight(u.Path, "/")
		return u, nil
	}
	return nil, fmt.Errorf("%w: base URL of %s is %s: want https, or http on loopback", ErrInvalidInput, u.Host, u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Zone is one zone of an account.
type Zone struct {
	// Certificates are the zone's client certificates.
	Certificates CertificateClient
	// Settings is the zone's enablement.
	Settings SettingsClient

	id string
}

// Zone returns the zone of an id, 32 hexadecimal digits. It makes no request; a
// malformed id is [ErrInvalidInput].
func (c *Client) Zone(id string) (*Zone, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := c.checkZoneID(id); err != nil {
		return nil, err
	}
	return &Zone{
		Certificates: CertificateClient{client: c, zone: id},
		Settings:     SettingsClient{client: c, zone: id},
		id:           id,
	}, nil
}

// ID returns the zone's id.
func (z *Zone) ID() string { return z.id }
