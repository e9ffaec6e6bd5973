package originpull

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/internal/secret"
)

// Version is the version of this module. It is part of the user agent.
const Version = "0.1.0"

// DefaultBaseURL is the base URL of the public API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// DefaultBodyLimit is the largest response body in bytes that is read, unless
// [WithBodyLimit] sets another. A list of a thousand certificates has about 3 MB.
const DefaultBodyLimit = 8 << 20

// Client sends requests to the API. It is safe for concurrent use. It starts no
// goroutines and need not be closed.
type Client struct {
	base    *url.URL
	handle  handler       // the transport chain
	limiter *limiter      // what is left of the rate limit
	options []CallOption  // of every call
	secrets *secret.Index // the credentials, to recognise them in responses
	logger  *slog.Logger
	warned  warned // operations whose deprecation was logged
	odd     warned // fields that could not be read, as patterns
}

// New returns a client. It needs credentials: [WithToken] or [WithAPIKey]. If several
// are given, the last one counts. Errors are [ErrInvalidInput].
//
// A call ends when its context ends. One attempt ends after a minute at the latest (see
// [WithAttemptTimeout]), so that a stalled server cannot block a call without a deadline for
// ever.
func New(options ...Option) (*Client, error) {
	c := config{
		baseURL:   DefaultBaseURL,
		transport: http.DefaultTransport,
		userAgent: "originpull-go/" + Version,
		logger:    slog.New(slog.DiscardHandler),
		bodyLimit: DefaultBodyLimit,
		attempts:  defaultAttempts, attemptTime: defaultAttemptTime, rateShare: defaultShare,
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
	client := &Client{base: base, limiter: newLimiter(c.rateShare), logger: c.logger, options: c.callOptions, secrets: indexOf(c.credentials)}
	if _, err := applyCallOptions(c.callOptions); err != nil {
		return nil, err
	}
	client.handle = chain(c, client.limiter)
	return client, nil
}

// check refuses a client that was not made by [New].
func (c *Client) check() error {
	if c == nil || c.handle == nil {
		return fmt.Errorf("%w: the client is empty: make it with New or FromEnv", ErrInvalidInput)
	}
	return nil
}

// The environment variables that [FromEnv] reads. cloudflare-go and Terraform read the
// same ones.
const (
	envToken   = "CLOUDFLARE_API_TOKEN"
	envEmail   = "CLOUDFLARE_EMAIL"
	envKey     = "CLOUDFLARE_API_KEY"
	envBaseURL = "CLOUDFLARE_BASE_URL"
)

// FromEnv returns a client with the settings of these environment variables:
// CLOUDFLARE_API_TOKEN; or, if that is not set, CLOUDFLARE_EMAIL and
// CLOUDFLARE_API_KEY; and CLOUDFLARE_BASE_URL, if set. Options override the
// environment. Errors are [ErrInvalidInput].
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

// parseBaseURL accepts https, and http on loopback only, since credentials must not
// cross a network unencrypted. Errors show no more than scheme and host, since a
// password can be in any other part.
func parseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The cause repeats the URL.
		return nil, fmt.Errorf("%w: base URL cannot be parsed", ErrInvalidInput)
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%w: base URL of %s holds a user or password: give credentials as options", ErrInvalidInput, u.Host)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%w: base URL names no host: want one like %s", ErrInvalidInput, DefaultBaseURL)
	case u.Port() != "" && !validPort(u.Port()):
		return nil, fmt.Errorf("%w: base URL of %s: want a port of 1 to 65535", ErrInvalidInput, u.Host)
	case strings.ContainsAny(raw, "?#%\\") || u.EscapedPath() != u.Path:
		return nil, fmt.Errorf("%w: base URL of %s: want no query, no fragment, nothing escaped, and no character in the path that needs to be", ErrInvalidInput, u.Host)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case strings.Contains(u.Path, "//"), strings.Contains(u.Path+"/", "/./"), strings.Contains(u.Path+"/", "/../"):
		return nil, fmt.Errorf("%w: base URL of %s: want a path without dots and empty elements", ErrInvalidInput, u.Host)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%w: base URL of %s is %s: want https, or http on loopback", ErrInvalidInput, u.Host, u.Scheme)
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Zone is one zone of an account. Get it from [Client.Zone].
type Zone struct {
	// Certificates are the zone's client certificates.
	Certificates CertificateClient
	// Settings is the zone's enablement.
	Settings SettingsClient

	id string
}

// Zone returns the zone with the given id, 32 hexadecimal digits. It makes no request;
// a malformed id is [ErrInvalidInput].
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
