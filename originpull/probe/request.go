package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	maxResponse = 64 << 10 // bytes read of a response
	maxPage     = 4 << 10  // bytes of an error page in which nginx's words are looked for
	maxCAs      = 100
)

// The words of nginx's error pages for its statuses 496 and 495.
const (
	nginxNone  = "No required SSL certificate was sent"
	nginxError = "The SSL certificate error"
)

// sharedCAName is the common name of the CA of Cloudflare's shared certificate.
const sharedCAName = "origin-pull.cloudflare.net"

// request makes one request on a connection of its own.
func (r *row) request(ctx context.Context, presented Presented) Observation {
	o := Observation{Certificate: presented, Attempts: 1}
	ctx, cancel := context.WithTimeout(ctx, r.target.Timeout)
	defer cancel()
	raw, err := r.target.Dial(ctx, "tcp", r.address)
	r.portClosed = isRefusedConnection(err)
	if err != nil {
		o.Outcome, o.Detail = Unreachable, legible(err.Error())
		return o
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	connection := raw
	if r.version != 0 {
		secure := tls.Client(raw, r.config(&o))
		if err := secure.Handshake(); err != nil {
			o.fail(ctx, err)
			return o
		}
		connection = secure
	}
	if err := r.get(connection, &o); err != nil {
		o.fail(ctx, err)
	}
	return o
}

// config presents the certificate of o, and notes what the origin requests.
func (r *row) config(o *Observation) *tls.Config {
	return &tls.Config{
		ServerName: r.serverName,
		MinVersion: r.version,
		MaxVersion: r.version,
		NextProtos: []string{"http/1.1"},
		// The origin is verified by VerifyConnection, and only if there are CAs for it.
		InsecureSkipVerify: true,
		VerifyConnection:   r.verify,
		GetClientCertificate: func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			o.Requested = true
			if r.cas == nil {
				r.cas = request.AcceptableCAs[:min(len(request.AcceptableCAs), maxCAs)]
			}
			return r.certificates[o.Certificate], nil
		},
	}
}

// untrustedError is why the origin's own certificate did not pass.
type untrustedError struct{ error }

func (r *row) verify(state tls.ConnectionState) error {
	if r.target.RootCAs == nil {
		return nil
	}
	options := x509.VerifyOptions{Roots: r.target.RootCAs, DNSName: r.serverName, Intermediates: x509.NewCertPool()}
	for _, c := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(options)
	r.verified = err == nil
	if err != nil {
		return untrustedError{err}
	}
	return nil
}

// get makes the HTTP request and notes the response. An origin that refuses after the
// handshake may have closed the connection already: then the write fails, and reading
// returns why.
func (r *row) get(connection net.Conn, o *Observation) error {
	scheme := "https"
	if r.version == 0 {
		scheme = "http"
	}
	request, err := http.NewRequest(http.MethodGet, scheme+"://origin"+r.target.Path, nil)
	if err != nil {
		return err
	}
	request.Host, request.Close = r.serverName, true
	if ip, err := netip.ParseAddr(r.serverName); err == nil && ip.Is6() {
		request.Host = "[" + r.serverName + "]"
	}
	request.Header.Set("User-Agent", "originpull-probe")
	writeErr := request.Write(connection)
	reader := bufio.NewReader(io.LimitReader(connection, maxResponse))
	if _, err := reader.Peek(1); err != nil {
		return errors.Join(err, writeErr)
	}
	for {
		response, err := http.ReadResponse(reader, request)
		if err != nil {
			return responseError{err}
		}
		if response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols {
			o.Outcome, o.Status, o.Server = Responded, response.StatusCode, legible(response.Header.Get("Server"))
			o.Detail = nginxWords(response)
			r.location, _ = response.Location()
			return nil
		}
	}
}

// responseError is why a response that has begun could not be read.
type responseError struct{ error }

// Unwrap returns the cause.
func (e responseError) Unwrap() error { return e.error }

// nginxWords returns what nginx says about the certificate, if anything.
func nginxWords(response *http.Response) string {
	if response.StatusCode != http.StatusBadRequest || response.ContentLength < 1 || response.ContentLength > maxPage {
		return ""
	}
	page, _ := io.ReadAll(response.Body) // what was read is enough
	for _, words := range []string{nginxNone, nginxError} {
		if strings.Contains(string(page), words) {
			return words
		}
	}
	return ""
}

// fail notes why a request has no response. An alert counts also if the time is over.
func (o *Observation) fail(ctx context.Context, err error) {
	o.Outcome, o.Detail = Failed, legible(err.Error())
	op, _ := errors.AsType[*net.OpError](err)
	switch {
	case is[untrustedError](err):
		o.Outcome = Untrusted
	case strings.HasPrefix(err.Error(), "tls: server selected unsupported protocol version"),
		isAlert(op, "remote error", alertProtocolVersion):
		o.Outcome = VersionRejected
	case op != nil && op.Op == "remote error":
		o.Outcome, o.Alert, o.Detail = Alerted, strings.TrimPrefix(op.Err.Error(), "tls: "), ""
	case isAlert(op, "local error", alertNoRenegotiation):
		o.Outcome, o.Detail = Renegotiation, ""
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		o.Outcome = TimedOut
		o.Detail = "no response in time"
		if errors.Is(ctx.Err(), context.Canceled) {
			o.Detail = "the context was canceled"
		}
	case is[responseError](err):
		o.Detail = "no HTTP response: " + o.Detail
	case is[tls.RecordHeaderError](err):
		o.Outcome = NotTLS
		if header, _ := errors.AsType[tls.RecordHeaderError](err); string(header.RecordHeader[:]) == "HTTP/" {
			o.Detail = "the port speaks plain HTTP"
		}
	case isDisconnect(err, op):
		o.Outcome = Closed
	}
}

// TLS alerts, RFC 8446, section 6.
const (
	alertProtocolVersion = tls.AlertError(70)
	alertNoRenegotiation = tls.AlertError(100)
)

func isAlert(op *net.OpError, kind string, alert tls.AlertError) bool {
	return op != nil && op.Op == kind && op.Err.Error() == alert.Error()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isDisconnect reports whether an error is the end of the connection.
func isDisconnect(err error, op *net.OpError) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		op != nil && op.Op != "local error" // Windows has other numbers
}

// describeCAs returns the CAs that the origin named.
func (r *row) describeCAs() []CA {
	var cas []CA
	for _, raw := range r.cas {
		var sequence pkix.RDNSequence
		var name pkix.Name
		ca := CA{Raw: raw}
		if rest, err := asn1.Unmarshal(raw, &sequence); err != nil || len(rest) > 0 {
			ca.Subject = "a name that cannot be parsed"
		} else {
			name.FillFromRDNSequence(&sequence)
			ca.Subject, ca.Shared = legible(sequence.String()), name.CommonName == sharedCAName
		}
		for _, issuer := range r.issuers {
			ca.Yours = ca.Yours || string(issuer) == string(raw)
		}
		cas = append(cas, ca)
	}
	return cas
}

// sharedCA returns a warning if the origin names the CA of Cloudflare's shared certificate.
func sharedCA(cas []CA) string {
	for _, ca := range cas {
		if ca.Shared {
			return fmt.Sprintf("the origin names %s, the CA of Cloudflare's shared certificate, as acceptable: if it trusts it, the pulls of every Cloudflare customer are accepted", sharedCAName)
		}
	}
	return ""
}
