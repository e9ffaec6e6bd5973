package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	// DefaultPath is what is requested if [Target].Path is empty. Origins need not know it:
	// 404 is as good a response as 200.
	DefaultPath = "/.well-known/originpull-probe"
	// DefaultTimeout bounds each request if [Target].Timeout is zero.
	DefaultTimeout = 10 * time.Second

	maxParallel = 8 // rows
)

// Target is the origin to probe.
type Target struct {
	// Addresses are the origin's IP addresses or host names, each with a port or without:
	// "192.0.2.1", "[2001:db8::1]:8443", "origin.example.com". The port is 443 without one.
	// Of a host name every A and AAAA record is probed.
	Addresses []string
	// ServerNames are sent in TLS (SNI) and as Host in HTTP: the host names of the zone
	// that are proxied to the origin. Without any, the host of each address is sent; an IP
	// address is sent as Host only.
	ServerNames []string
	// Path is requested by GET; [DefaultPath] if empty. It may have a query.
	Path string
	// RootCAs verify the origin's own certificate. If nil it is not verified, and
	// [Result].Verified is false. If it does not pass, the verdict is [Unknown].
	RootCAs *x509.CertPool
	// Timeout bounds each request, from connecting to the response; [DefaultTimeout] if
	// zero. The context bounds all of them together.
	Timeout time.Duration
	// Resolver looks up host names; nil is [net.DefaultResolver].
	Resolver *net.Resolver
	// Dial connects to an address, such as 192.0.2.1:443; nil connects by TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Certificates are the client certificates to present. originpull.KeyPair.TLSCertificate
// makes one. The zero value of each means that it is not given. Certificates prints as the
// subjects; the keys are never printed.
type Certificates struct {
	// New is the certificate that the origin should accept. Without it no verdict can be
	// [Enforced].
	New tls.Certificate
	// Old is presented too if given, such as the certificate that Cloudflare presents today.
	// It does not change the verdict.
	Old tls.Certificate
}

// Check probes each address of target with each server name by TLS 1.2 and 1.3, and returns
// one Result for each of these, in this order.
//
// An error means that an argument is invalid, and that nothing was sent: [ErrNotClientAuth],
// or a text that says what to change. What goes wrong later is in the results, with the
// verdict [Unknown]: an address that cannot be resolved or reached, or a context that has
// ended. Check returns after the last request has ended, and leaves no goroutine.
func Check(ctx context.Context, target Target, certificates Certificates) ([]Result, error) {
	p, err := newProber(ctx, target, "443")
	if err == nil {
		err = p.setCertificates(certificates)
	}
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	results := p.run(ctx, (*row).check, tls.VersionTLS12, tls.VersionTLS13)
	markUnoffered(results)
	return results, nil
}

// run checks all rows.
func (p *prober) run(ctx context.Context, check func(*row, context.Context) Result, versions ...uint16) []Result {
	rows := p.rows(ctx, versions)
	results := make([]Result, len(rows))
	slots := make(chan struct{}, maxParallel)
	var running sync.WaitGroup
	for i, row := range rows {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			results[i] = check(row, ctx)
		})
	}
	running.Wait()
	return results
}

// prober has the checked arguments of Check.
type prober struct {
	target       Target
	addresses    []address
	certificates map[Presented]*tls.Certificate
	issuers      [][]byte // names of the CAs of the new certificate, as DER
}

// row is what one Result is about.
type row struct {
	*prober
	address    string
	serverName string
	version    uint16 // 0 for plain HTTP
	lookup     error  // of the address

	cas      [][]byte // acceptable to the origin
	verified bool     // the origin's own certificate

	portClosed bool     // no one listens there
	location   *url.URL // to which the last response redirects, or nil
}

// rows resolves the addresses.
func (p *prober) rows(ctx context.Context, versions []uint16) []*row {
	var rows []*row
	type key struct{ address, serverName string }
	seen := map[key]bool{}
	for _, a := range p.addresses {
		resolved, err := p.resolve(ctx, a)
		names := p.target.ServerNames
		if len(names) == 0 {
			names = []string{a.host}
		}
		for _, address := range resolved {
			for _, name := range names {
				if k := (key{address, name}); seen[k] {
					continue
				} else {
					seen[k] = true
				}
				for _, version := range versions {
					rows = append(rows, &row{prober: p, address: address, serverName: name, version: version, lookup: err})
				}
			}
		}
	}
	return rows
}

// resolve returns the IP addresses with the port; the host name itself if there are none.
func (p *prober) resolve(ctx context.Context, a address) ([]string, error) {
	if a.ip.IsValid() {
		return []string{net.JoinHostPort(a.ip.String(), a.port)}, nil
	}
	resolver := p.target.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	ctx, cancel := context.WithTimeout(ctx, p.target.Timeout)
	defer cancel()
	ips, err := resolver.LookupNetIP(ctx, "ip", a.host)
	if err != nil || len(ips) == 0 {
		return []string{net.JoinHostPort(a.host, a.port)}, fmt.Errorf("%s could not be resolved: %w", a.host, err)
	}
	addresses := make([]string, len(ips))
	for i, ip := range ips {
		addresses[i] = net.JoinHostPort(ip.Unmap().String(), a.port)
	}
	return addresses, nil
}

// result returns the result of a row without its observations: it is unknown if the address
// could not be resolved.
func (r *row) result() Result {
	result := Result{Address: r.address, ServerName: r.serverName}
	switch r.version {
	case tls.VersionTLS12:
		result.TLS = "1.2"
	case tls.VersionTLS13:
		result.TLS = "1.3"
	default:
		result.TLS = PlainHTTP
	}
	if r.lookup != nil {
		result.Verdict, result.Reason = Unknown, legible(r.lookup.Error())
	}
	return result
}

// check makes the requests of a row and judges them.
func (r *row) check(ctx context.Context) Result {
	result := r.result()
	if r.lookup != nil {
		return result
	}
	result.Observations = r.observe(ctx)
	ruling := judge(result.Observations)
	if ruling.verdict == Enforced && restsOnClosing(result.Observations) {
		again := r.observe(ctx)
		if judge(again).verdict != Enforced || !sameOutcomes(result.Observations, again) {
			result.Observations = again
			ruling = unknown("the origin closed connections without a TLS alert, but not always: the network may have closed them")
		}
	}
	result.Verdict, result.Reason, result.Warnings = ruling.verdict, ruling.reason, ruling.warnings
	result.CAs, result.Verified = r.describeCAs(), r.verified
	if warning := sharedCA(result.CAs); warning != "" {
		result.Warnings = append(result.Warnings, warning)
	}
	return result
}

// observe makes the requests, each once more if the network failed. It ends early where the
// first request shows that nothing can be known.
func (r *row) observe(ctx context.Context) []Observation {
	var observed []Observation
	for _, presented := range []Presented{NoCertificate, Stranger, New, Old} {
		if r.certificates[presented] == nil {
			continue
		}
		o := r.requestTwice(ctx, presented)
		observed = append(observed, o)
		if o.final() {
			break
		}
	}
	return observed
}

// requestTwice makes a request, once more if the network failed.
func (r *row) requestTwice(ctx context.Context, presented Presented) Observation {
	o := r.request(ctx, presented)
	if o.transient() && ctx.Err() == nil {
		o = r.request(ctx, presented)
		o.Attempts = 2
	}
	return o
}

// markUnoffered makes the rows of an address and server name unknown if no version was
// offered: nothing was found out about them.
func markUnoffered(results []Result) {
	for i := 0; i+1 < len(results); i += 2 { // a pair of rows for each
		if results[i].Verdict == NotOffered && results[i+1].Verdict == NotOffered {
			for j := i; j < i+2; j++ {
				results[j].Verdict, results[j].Reason = Unknown, "the origin offers neither TLS 1.2 nor TLS 1.3"
			}
		}
	}
}
