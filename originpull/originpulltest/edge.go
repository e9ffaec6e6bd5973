package originpulltest

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Origin is the server that the edge pulls from.
type Origin struct {
	// Addr is the address to connect to, host and port.
	Addr string
	// ServerName is the server name in TLS and the host in HTTP; if empty, the host of
	// Addr.
	ServerName string
	// RootCAs are the CAs that the edge trusts in SSL mode strict; nil means those of
	// the system. In the other modes the edge does not verify the origin.
	RootCAs *x509.CertPool
	// Dial connects to the origin, such as [Listener.Dial]; nil connects by TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Outcome is how a pull ended.
type Outcome string

// The outcomes. An origin that responds with 400 or 403 has refused the pull, as proxies
// that check client certificates do.
const (
	Accepted    Outcome = "accepted"    // the origin has responded
	Refused     Outcome = "refused"     // the origin refused the client certificate, or that there was none
	Unreachable Outcome = "unreachable" // there was no response, or the edge does not trust the origin
)

// Pull is the result of one pull.
type Pull struct {
	ZoneID    string
	Outcome   Outcome
	Presented Presented
	// Certificate is the client certificate that the origin got, nil for none.
	Certificate *x509.Certificate
	// Why says why that was presented, and how the pull ended.
	Why string
	// Status is the origin's HTTP status, 0 if there was no response.
	Status int
	// Err is what went wrong, nil after a response.
	Err      error
	Duration time.Duration
}

// String returns the pull as one line.
func (p *Pull) String() string {
	return fmt.Sprintf("zone %s: %s, presented %s: %s", p.ZoneID, p.Outcome, p.Presented, p.Why)
}

// Pull makes the edge request "/" from an origin. The edge presents the client
// certificate that Cloudflare would present for the zone at this moment. Pull ends at
// the latest when the context ends.
func (s *Simulator) Pull(ctx context.Context, zoneID string, origin Origin) Pull {
	start := time.Now()
	p := Pull{ZoneID: zoneID, Outcome: Unreachable, Presented: PresentedNone}
	s.mu.Lock()
	exists := s.exists(zoneID)
	choice := s.read(zoneID).choose(start)
	s.mu.Unlock()
	if exists {
		p.fetch(ctx, origin, choice)
	} else {
		p.Err = noZone(zoneID)
		p.Why = p.Err.Error()
	}
	p.Duration = time.Since(start)
	s.recordPull(p)
	return p
}

// fetch makes the request and fills in the pull.
func (p *Pull) fetch(ctx context.Context, origin Origin, c choice) {
	p.Why = c.why
	dial := origin.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	raw, err := dial(ctx, "tcp", origin.Addr)
	if err != nil {
		p.end(Unreachable, "the origin was not reached", err)
		return
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	host, _, err := net.SplitHostPort(origin.Addr)
	if err != nil {
		host = origin.Addr
	}
	name := cmp.Or(origin.ServerName, host)
	connection, asked := raw, false
	if !c.plain {
		if connection, asked, err = p.handshake(ctx, raw, name, origin.RootCAs, c); err != nil {
			p.endEarly(ctx, asked, false, err)
			return
		}
	}
	status, err := get(ctx, connection, name)
	switch {
	case err != nil:
		p.endEarly(ctx, asked, true, err)
	case status == http.StatusBadRequest || status == http.StatusForbidden:
		p.Status = status
		p.end(Refused, fmt.Sprintf("the origin responded with HTTP %d", status), nil)
	default:
		p.Status = status
		p.end(Accepted, fmt.Sprintf("the origin responded with HTTP %d", status), nil)
	}
}

// handshake makes a TLS connection of raw, and reports whether the origin asked for a
// client certificate.
func (p *Pull) handshake(ctx context.Context, raw net.Conn, name string, roots *x509.CertPool, c choice) (_ net.Conn, asked bool, err error) {
	secure := tls.Client(raw, &tls.Config{
		ServerName:         name,
		RootCAs:            roots,
		InsecureSkipVerify: !c.verify,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			return p.hand(c), nil
		},
	})
	err = secure.HandshakeContext(ctx)
	if !asked {
		p.Why += "; the origin did not ask for a client certificate"
	}
	return secure, asked, err
}

// hand returns the chosen certificate for an origin that asked for one; an empty one
// means none.
func (p *Pull) hand(c choice) *tls.Certificate {
	if c.Certificate == nil {
		return &tls.Certificate{}
	}
	p.Presented, p.Certificate = c.Kind, c.Certificate
	return c.pair
}

// endEarly ends a pull without a response. After the origin has asked for a certificate,
// a TLS alert is a refusal; in TLS 1.3 it can come after the handshake. A connection that
// is closed without an alert is a refusal too, since the alert can be lost.
func (p *Pull) endEarly(ctx context.Context, asked, shaken bool, err error) {
	var remote *net.OpError
	switch alert := errors.As(err, &remote) && remote.Op == "remote error"; {
	case ctx.Err() != nil:
		p.end(Unreachable, "the origin did not respond in time", err)
	case asked && alert:
		p.end(Refused, "the origin refused what was presented", err)
	case asked && isDisconnect(err):
		p.end(Refused, "the origin closed the connection after it had asked for a client certificate", err)
	case shaken:
		p.end(Unreachable, "the origin sent no HTTP response", err)
	default:
		p.end(Unreachable, "the TLS handshake with the origin failed", err)
	}
}

// isDisconnect reports whether an error is the end of a connection, not something that
// the origin sent.
func isDisconnect(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op != "local error" // of this side's TLS
}

func (p *Pull) end(outcome Outcome, how string, err error) {
	p.Outcome, p.Err = outcome, err
	p.Why += "; " + how
	if err != nil {
		p.Why += ": " + err.Error()
	}
}

// maxInformational is how many responses with 1xx are skipped.
const maxInformational = 10

// get requests "/" and returns the status of the response, not of the informational ones
// before it.
func get(ctx context.Context, connection net.Conn, host string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://origin/", nil)
	if err != nil {
		return 0, err
	}
	request.Host, request.Close = host, true
	request.Header.Set("User-Agent", "originpulltest edge")
	// An origin that refuses after the handshake may have closed the connection already.
	// Then the write fails, and reading returns why.
	writeErr := request.Write(connection)
	reader := bufio.NewReader(connection)
	for range maxInformational {
		response, err := http.ReadResponse(reader, request)
		if err != nil {
			return 0, errors.Join(err, writeErr)
		}
		response.Body.Close()
		if response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols {
			return response.StatusCode, nil
		}
	}
	return 0, fmt.Errorf("%d informational responses and no other", maxInformational)
}

func (s *Simulator) recordPull(p Pull) {
	kept := p
	kept.ZoneID, kept.Why, kept.Err = legible(p.ZoneID), legible(p.Why), nil // Why contains the error
	s.mu.Lock()
	s.record(Event{Kind: PullEvent, Pull: &kept})
	s.mu.Unlock()
	if s.logger != nil {
		s.logger.Info("pulled", "zone", p.ZoneID, "outcome", string(p.Outcome), "presented", string(p.Presented), "why", p.Why)
	}
}
