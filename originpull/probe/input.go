package probe

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNotClientAuth says that an extended key usage of the new certificate or of an
// intermediate does not include clientAuth, such as serverAuth alone. Every origin that
// verifies client certificates refuses it, though Cloudflare's API accepts it.
var ErrNotClientAuth = errors.New("the certificate is not for client authentication")

// address is one of [Target].Addresses.
type address struct {
	host string
	ip   netip.Addr // invalid for a host name
	port string
}

// newProber returns a prober for a target, whose addresses have a port by default.
func newProber(ctx context.Context, target Target, port string) (*prober, error) {
	p := &prober{target: target, certificates: map[Presented]*tls.Certificate{NoCertificate: {}}}
	if ctx == nil {
		return nil, errors.New("the context is nil")
	}
	return p, p.checkTarget(port)
}

// setCertificates checks the certificates, and adds that of a stranger.
func (p *prober) setCertificates(certificates Certificates) error {
	var ours *x509.Certificate
	if len(certificates.New.Certificate) > 0 {
		chain, err := parse(certificates.New)
		if err == nil {
			err = checkUsable(chain)
		}
		if err != nil {
			return fmt.Errorf("new certificate: %w", err)
		}
		ours = chain[0]
		for _, c := range chain {
			p.issuers = append(p.issuers, c.RawIssuer)
		}
		p.certificates[New] = &certificates.New
	}
	if len(certificates.Old.Certificate) > 0 {
		chain, err := parse(certificates.Old)
		if err != nil {
			return fmt.Errorf("old certificate: %w", err)
		}
		if ours == nil {
			ours = chain[0]
		}
		p.certificates[Old] = &certificates.Old
	}
	stranger, err := newStranger(ours)
	if err != nil {
		return fmt.Errorf("a certificate like yours, with another key: %w", err)
	}
	p.certificates[Stranger] = &stranger
	return nil
}

// checkTarget checks the target and fills in what is not given.
func (p *prober) checkTarget(port string) error {
	t := &p.target
	if len(t.Addresses) == 0 {
		return errors.New("no address: give the origin's IP addresses or host names")
	}
	for _, text := range t.Addresses {
		a, err := parseAddress(text, port)
		if err != nil {
			return fmt.Errorf("address %q: %w", text, err)
		}
		p.addresses = append(p.addresses, a)
	}
	for _, name := range t.ServerNames {
		if !isHost(name) {
			return fmt.Errorf("server name %q: give a host name in ASCII, such as www.example.com, without a port", name)
		}
	}
	if t.Path == "" {
		t.Path = DefaultPath
	}
	// What Parse accepts and an origin would not get as it is given is refused too.
	if u, err := url.ParseRequestURI(t.Path); err != nil || !strings.HasPrefix(t.Path, "/") || strings.HasPrefix(t.Path, "//") || u.RequestURI() != t.Path {
		return fmt.Errorf("path %q: give an escaped path that begins with one slash, such as %s", t.Path, DefaultPath)
	}
	switch {
	case t.Timeout < 0:
		return fmt.Errorf("timeout %v: give a positive one, or zero for %v", t.Timeout, DefaultTimeout)
	case t.Timeout == 0:
		t.Timeout = DefaultTimeout
	}
	if t.Dial == nil {
		t.Dial = new(net.Dialer).DialContext
	}
	return nil
}

func parseAddress(text, port string) (address, error) {
	a := address{host: text, port: port}
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if ip, err := netip.ParseAddr(bare); err == nil {
		a.host, a.ip = bare, ip
		return a, nil
	}
	if strings.Contains(text, "/") {
		return a, errors.New("give a host and not a URL, such as origin.example.com:8443")
	}
	if strings.Contains(text, ":") {
		host, port, err := net.SplitHostPort(text)
		if err != nil {
			return a, errors.New("give a host or host:port, with an IPv6 address in brackets")
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
			return a, errors.New("the port must be a number from 1 to 65535")
		}
		a.host, a.port = host, port
	}
	if ip, err := netip.ParseAddr(a.host); err == nil {
		a.ip = ip
	} else if !isHost(a.host) {
		return a, errors.New("give an IP address or a host name in ASCII")
	}
	return a, nil
}

// isHost reports whether name can be sent as a host: an IP address or a name of letters,
// digits, hyphens, underscores and dots.
func isHost(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return len(name) <= 253 && strings.Trim(name, ".") != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

// parse returns the chain of a certificate whose key signs for its leaf.
func parse(certificate tls.Certificate) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for _, der := range certificate.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("it cannot be parsed: %w", err)
		}
		chain = append(chain, c)
	}
	key, ok := certificate.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("it has no private key: the origin has to see it used")
	}
	if !signsFor(key, chain[0]) {
		return nil, fmt.Errorf("the private key does not belong to %q", &chain[0].Subject)
	}
	return chain, nil
}

// signsFor reports whether key is the private key of leaf. Keys of the standard library
// panic if they are nil pointers or empty.
func signsFor(key crypto.Signer, leaf *x509.Certificate) (ok bool) {
	defer func() { recover() }()
	public, comparable := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return comparable && public.Equal(leaf.PublicKey)
}

// checkUsable refuses what every origin refuses.
func checkUsable(chain []*x509.Certificate) error {
	now := time.Now()
	for _, c := range chain {
		usages := c.ExtKeyUsage
		if len(usages)+len(c.UnknownExtKeyUsage) > 0 && !slices.Contains(usages, x509.ExtKeyUsageClientAuth) && !slices.Contains(usages, x509.ExtKeyUsageAny) {
			return fmt.Errorf("%w: the extended key usage of %q lacks clientAuth, so origins refuse it; issue one with clientAuth, or without an extended key usage", ErrNotClientAuth, &c.Subject)
		}
		switch {
		case now.After(c.NotAfter):
			return fmt.Errorf("%q has expired: it was valid until %s", &c.Subject, c.NotAfter.Format(time.RFC3339))
		case now.Before(c.NotBefore):
			return fmt.Errorf("%q is not yet valid: it will be from %s", &c.Subject, c.NotBefore.Format(time.RFC3339))
		}
	}
	return nil
}

// String returns the subjects.
func (c Certificates) String() string {
	return fmt.Sprintf("new %s, old %s", subject(c.New), subject(c.Old))
}

// Format writes [Certificates.String] under every verb, so that no key is printed.
func (c Certificates) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue returns [Certificates.String].
func (c Certificates) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText returns [Certificates.String].
func (c Certificates) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func subject(certificate tls.Certificate) string {
	if len(certificate.Certificate) == 0 {
		return "not given"
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		return "that cannot be parsed"
	}
	return strconv.Quote(leaf.Subject.String())
}
