package origin_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
)

// probed has package probe look at an origin that requires ours.
func probed(t *testing.T, config *tls.Config, ours testpki.Pair, want probe.Verdict) {
	t.Helper()
	results, err := probe.Check(t.Context(),
		probe.Target{Addresses: []string{serve(t, config)}, ServerNames: []string{serverName}, Timeout: time.Minute},
		probe.Certificates{New: ours.TLS()})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.Verdict != want {
			t.Errorf("from outside the origin is %q, want %q: %v %v", result.Verdict, want, result, result.Observations)
		}
	}
}

// TestEnforced asks the probe, by TLS 1.2 and 1.3.
func TestEnforced(t *testing.T) {
	t.Parallel()
	ca, another := testpki.CA("our CA"), testpki.CA("another CA")
	ours, alone := ca.Issue("ours", nil), testpki.Leaf("self-signed", nil)
	withCertificate := own().Certificates[0]
	tests := map[string]struct {
		config *tls.Config
		trust  []testpki.Pair
		ours   testpki.Pair
		want   probe.Verdict
	}{
		"CA":                      {own(), []testpki.Pair{ca}, ours, probe.Enforced},
		"several CAs":             {own(), []testpki.Pair{another, ca}, ours, probe.Enforced},
		"self-signed leaf":        {own(), []testpki.Pair{alone}, alone, probe.Enforced},
		"leaf itself, not its CA": {own(), []testpki.Pair{ours}, ours, probe.Enforced},
		"another CA":              {own(), []testpki.Pair{another}, ours, probe.Refused},
		"another leaf of the CA":  {own(), []testpki.Pair{ca.Issue("another", nil)}, ours, probe.Refused},
		"GetCertificate": {&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &withCertificate, nil
		}}, []testpki.Pair{ca}, ours, probe.Enforced},
		"no requirement before": {&tls.Config{Certificates: own().Certificates, ClientAuth: tls.NoClientCert}, []testpki.Pair{ca}, ours, probe.Enforced},
		"other CAs before":      {&tls.Config{Certificates: own().Certificates, ClientCAs: another.Pool()}, []testpki.Pair{ca}, ours, probe.Enforced},
		"GetConfigForClient without a requirement": {&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return &tls.Config{Certificates: []tls.Certificate{withCertificate}, MinVersion: tls.VersionTLS10}, nil
		}}, []testpki.Pair{ca}, ours, probe.Enforced},
		"GetConfigForClient that takes any": {&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return &tls.Config{Certificates: []tls.Certificate{withCertificate}, ClientAuth: tls.RequireAnyClientCert, ClientCAs: another.Pool()}, nil
		}}, []testpki.Pair{ca}, ours, probe.Enforced},
		"GetConfigForClient that returns nil": {&tls.Config{Certificates: own().Certificates, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, nil
		}}, []testpki.Pair{ca}, ours, probe.Enforced},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			probed(t, require(t, test.config, trust(t, test.trust...)), test.ours, test.want)
		})
	}
}

// TestStillEnforced changes the returned config as a program could by mistake.
func TestStillEnforced(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", nil)
	for name, change := range map[string]func(*tls.Config){
		"without GetConfigForClient": func(c *tls.Config) { c.GetConfigForClient = nil },
		"without VerifyConnection":   func(c *tls.Config) { c.VerifyConnection = nil },
		"without ClientAuth":         func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.NoClientCert, nil },
		"a clone":                    func(c *tls.Config) { *c = *c.Clone() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := require(t, own(), trust(t, ca))
			change(config)
			probed(t, config, ours, probe.Enforced)
		})
	}
}

// TestVersions: what is older than TLS 1.2 is not spoken, whatever the caller says.
func TestVersions(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", nil)
	config := own()
	config.MinVersion = tls.VersionTLS10
	address := serve(t, require(t, config, trust(t, ca)))
	newEdge(address, tls.VersionTLS11, ours.TLS()).refused(t, "by TLS 1.1")
	newEdge(address, tls.VersionTLS12, ours.TLS()).accepted(t, "by TLS 1.2", false)
	if config.MinVersion != tls.VersionTLS10 || config.ClientAuth != tls.NoClientCert || config.GetConfigForClient != nil {
		t.Error("Require has modified the caller's config")
	}

	config.MinVersion = tls.VersionTLS13
	address = serve(t, require(t, config, trust(t, ca)))
	newEdge(address, tls.VersionTLS12, ours.TLS()).refused(t, "by TLS 1.2, where the caller wants 1.3")
	newEdge(address, tls.VersionTLS13, ours.TLS()).accepted(t, "by TLS 1.3", false)
}

// TestVerifyConnection: the caller's is called after ours, with what was verified.
func TestVerifyConnection(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", nil)
	for _, version := range versions {
		calls, denied := make(chan int, 9), make(chan bool, 1)
		config := own()
		config.VerifyConnection = func(state tls.ConnectionState) error {
			calls <- len(state.VerifiedChains)
			select {
			case <-denied:
				return errors.New("not today")
			default:
				return nil
			}
		}
		e := newEdge(serve(t, require(t, config, trust(t, ca))), version, ours.TLS())
		e.accepted(t, "at first", false)
		select {
		case n := <-calls:
			if n != 1 {
				t.Error("the caller's VerifyConnection sees no verified certificate")
			}
		default:
			t.Error("the caller's VerifyConnection is not called")
		}
		denied <- true
		e.refused(t, "by the caller's VerifyConnection")
	}
}

// TestHTTP2: a server of net/http speaks HTTP/2 as it does without Require.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	for _, test := range []struct {
		protocols []string
		want      string
	}{{nil, "HTTP/2.0"}, {[]string{"http/1.1"}, "HTTP/1.1"}} {
		config := own()
		config.NextProtos = test.protocols
		address := serve(t, require(t, config, trust(t, ca)))
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, Certificates: []tls.Certificate{ca.Issue("ours", nil).TLS()},
		}}
		response, err := (&http.Client{Transport: transport}).Get("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		transport.CloseIdleConnections()
		if response.Proto != test.want || !strings.HasPrefix(string(body), "true ") {
			t.Errorf("with NextProtos %q: %s and %q, want %s and a client", test.protocols, response.Proto, body, test.want)
		}
	}
}

// TestMisuse: what would accept everyone, or no one, is an error that says what to do.
func TestMisuse(t *testing.T) {
	t.Parallel()
	trusted := trust(t, testpki.CA("our CA"))
	old := own()
	old.MaxVersion = tls.VersionTLS11
	var noFiles *origin.Files
	var noBundle *origin.Bundle
	for name, test := range map[string]struct {
		config *tls.Config
		source origin.Source
		want   string
	}{
		"no config":            {nil, trusted, "tls.Config is nil"},
		"no source":            {own(), nil, "source of trusted certificates is nil"},
		"nil files":            {own(), noFiles, "there are none"},
		"nil bundle":           {own(), noBundle, "there are none"},
		"empty bundle":         {own(), new(origin.Bundle), "there are none"},
		"source without any":   {own(), fixed{}, "there are none"},
		"source with nil":      {own(), fixed{certificates: []*x509.Certificate{nil}}, "certificate 1 is nil"},
		"source that fails":    {own(), fixed{err: errors.New("no agent")}, "no agent"},
		"no certificate":       {&tls.Config{}, trusted, "set Certificates or GetCertificate"},
		"TLS 1.1 at the most":  {old, trusted, "TLS 1.1"},
		"unparsed certificate": {own(), fixed{certificates: []*x509.Certificate{{}}}, "was not parsed"},
	} {
		config, err := origin.Require(test.config, test.source)
		if err == nil || config != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
		if test.want == "there are none" && !errors.Is(err, origin.ErrNoCertificates) {
			t.Errorf("%s: %v is not ErrNoCertificates", name, err)
		}
	}
}

// fixed is a source as a program could write one.
type fixed struct {
	certificates []*x509.Certificate
	err          error
}

func (f fixed) Certificates() ([]*x509.Certificate, error) { return f.certificates, f.err }
func (f fixed) Updated() <-chan struct{}                   { return nil }

// changing is a source that another goroutine changes.
type changing struct{ now atomic.Pointer[fixed] }

func (c *changing) Certificates() ([]*x509.Certificate, error) { return c.now.Load().Certificates() }
func (c *changing) Updated() <-chan struct{}                   { return nil }

// TestFailingSource: a source that fails later, or becomes empty, refuses all.
func TestFailingSource(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", nil)
	good := &fixed{certificates: []*x509.Certificate{ca.Certificate}}
	for _, version := range versions {
		source := new(changing)
		source.now.Store(good)
		e := newEdge(serve(t, require(t, own(), source)), version, ours.TLS())
		e.accepted(t, "at first", false)
		source.now.Store(&fixed{})
		e.refused(t, "without a trusted certificate")
		source.now.Store(&fixed{certificates: good.certificates, err: errors.New("no agent")})
		e.refused(t, "while the source fails")
		source.now.Store(good)
		e.accepted(t, "afterwards", false)
	}
}

// TestSimulatedEdge has the simulator's edge pull, with its zone's certificate.
func TestSimulatedEdge(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	bundle := trust(t, ca)
	address := serve(t, require(t, own(), bundle))
	simulator := originpulltest.New(originpulltest.Options{})
	defer simulator.Close()
	pull := func(when string, want originpulltest.Outcome) {
		t.Helper()
		if p := simulator.Pull(t.Context(), simulator.ZoneID(), originpulltest.Origin{Addr: address, ServerName: serverName}); p.Outcome != want {
			t.Errorf("%s the pull is %s, want %s: %v", when, p.Outcome, want, &p)
		}
	}
	pull("before the zone is enabled", originpulltest.Refused)
	if _, err := simulator.AddCertificate(simulator.ZoneID(), ca.Issue("ours", nil).TLS()); err != nil {
		t.Fatal(err)
	}
	if err := simulator.SetEnabled(simulator.ZoneID(), true); err != nil {
		t.Fatal(err)
	}
	pull("with the zone's certificate", originpulltest.Accepted)
	set(t, bundle, testpki.CA("another"))
	pull("after the CA was replaced", originpulltest.Refused)
}
