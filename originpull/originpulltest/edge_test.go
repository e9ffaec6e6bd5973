package originpulltest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// origin is a TLS server in memory and how the edge gets there.
type origin struct {
	originpulltest.Origin
	listener *originpulltest.Listener
}

// newOrigin serves handler on TLS with configuration, to which a certificate for
// origin.example is added.
func newOrigin(t *testing.T, configuration *tls.Config, handler http.HandlerFunc) origin {
	t.Helper()
	server := testpki.Leaf("origin", func(c *x509.Certificate) { c.DNSNames = []string{"origin.example"} })
	configuration.Certificates = []tls.Certificate{server.TLS()}
	l := originpulltest.NewListener()
	serve(t, tls.NewListener(l, configuration), handler)
	return origin{originpulltest.Origin{Addr: "origin.example:443", RootCAs: server.Pool(), Dial: l.Dial}, l}
}

func serve(t *testing.T, l net.Listener, handler http.HandlerFunc) {
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
}

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// trusting is a configuration that wants a client certificate by one of cas.
func trusting(version uint16, cas ...*x509.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	for _, ca := range cas {
		pool.AddCert(ca)
	}
	return &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: version, MaxVersion: version}
}

// checkPull compares what matters of a pull.
func checkPull(t *testing.T, p originpulltest.Pull, outcome originpulltest.Outcome, presented originpulltest.Presented, why string) {
	t.Helper()
	if p.Outcome != outcome || p.Presented != presented || !strings.Contains(p.Why, why) {
		t.Errorf("want %s presenting %s because %q\ngot  %s", outcome, presented, why, &p)
	}
	if (p.Certificate == nil) != (presented == originpulltest.PresentedNone) {
		t.Errorf("presented %s, certificate %v", presented, p.Certificate != nil)
	}
	if (p.Outcome == originpulltest.Accepted) != (p.Err == nil && p.Status == 200) {
		t.Errorf("%s with status %d and error %v", p.Outcome, p.Status, p.Err)
	}
}

// Which certificate is presented, level by level.
func TestPullPresents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: time.Minute})
		c, zone := memoryClient(t, sim), sim.ZoneID()
		first, second := testpki.Leaf("first", nil), testpki.Leaf("second", nil)
		o := newOrigin(t, trusting(tls.VersionTLS13, first.Certificate, second.Certificate, sim.SharedCA()), ok)
		pull := func() originpulltest.Pull { return sim.Pull(t.Context(), zone, o.Origin) }

		checkPull(t, pull(), originpulltest.Refused, originpulltest.PresentedNone, "global is off, and the zone level is off")
		sim.SetGlobal(zone, true)
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedShared, "global is on, and the zone level is off")
		c.enable("true")
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedShared, "the zone level is on without an active certificate")
		one := c.upload(first).cert(t)
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedShared, "without an active certificate")
		time.Sleep(time.Minute)
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedZone, one.ID+" was deployed last")
		two := c.upload(second).cert(t)
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedZone, one.ID+" was deployed last")
		time.Sleep(time.Minute)
		p := pull()
		checkPull(t, p, originpulltest.Accepted, originpulltest.PresentedZone, two.ID+" was deployed last")
		if !p.Certificate.Equal(second.Certificate) {
			t.Error("the pull names another certificate than the one deployed last")
		}
		c.delete(two.ID)
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedZone, one.ID+" was deployed last")
		c.enable("false")
		checkPull(t, pull(), originpulltest.Accepted, originpulltest.PresentedShared, "the zone level is off")
	})
}

// Refused, also when TLS 1.3 reports it only after the handshake, is not unreachable.
func TestPullOutcome(t *testing.T) {
	t.Parallel()
	stranger := testpki.Leaf("stranger", nil)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for name, test := range map[string]struct {
			configuration *tls.Config
			handler       http.HandlerFunc
			outcome       originpulltest.Outcome
			presented     originpulltest.Presented
			why           string
		}{
			"stranger":  {trusting(version, stranger.Certificate), ok, originpulltest.Refused, originpulltest.PresentedShared, "refused what was presented"},
			"not asked": {&tls.Config{MaxVersion: version}, ok, originpulltest.Accepted, originpulltest.PresentedNone, "did not ask for a client certificate"},
			"forbidden": {&tls.Config{MaxVersion: version, ClientAuth: tls.RequestClientCert},
				func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
				originpulltest.Refused, originpulltest.PresentedShared, "HTTP 403"},
			"silent end": {&tls.Config{MaxVersion: version, ClientAuth: tls.RequestClientCert},
				func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
				originpulltest.Refused, originpulltest.PresentedShared, "closed the connection after it had asked"},
			"end without an alert": {hangingUp(version), ok,
				originpulltest.Refused, originpulltest.PresentedShared, "closed the connection after it had asked"},
			"nonsense": {&tls.Config{MaxVersion: version, ClientAuth: tls.RequestClientCert}, nonsense,
				originpulltest.Unreachable, originpulltest.PresentedShared, "no HTTP response"},
			"early hints": {&tls.Config{MaxVersion: version},
				func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(http.StatusEarlyHints)
					w.WriteHeader(http.StatusForbidden)
				},
				originpulltest.Refused, originpulltest.PresentedNone, "HTTP 403"},
			"hints without end": {&tls.Config{MaxVersion: version},
				func(w http.ResponseWriter, _ *http.Request) {
					for range 20 {
						w.WriteHeader(http.StatusEarlyHints)
					}
				},
				originpulltest.Unreachable, originpulltest.PresentedNone, "10 informational responses"},
			"broken": {&tls.Config{MaxVersion: version},
				func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
				originpulltest.Unreachable, originpulltest.PresentedNone, "no HTTP response"},
		} {
			t.Run(tls.VersionName(version)+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := originpulltest.NewServer(t, originpulltest.Options{})
					sim.SetGlobal(sim.ZoneID(), true)
					o := newOrigin(t, test.configuration.Clone(), test.handler)
					checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o.Origin), test.outcome, test.presented, test.why)
				})
			})
		}
	}
}

// hangingUp is an origin that asks for a certificate and, when it has got it,
// closes the connection beneath TLS.
func hangingUp(version uint16) *tls.Config {
	return &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{
			Certificates: []tls.Certificate{testpki.Leaf("origin", nil).TLS()},
			MaxVersion:   version, ClientAuth: tls.RequireAnyClientCert,
			VerifyPeerCertificate: func([][]byte, [][]*x509.Certificate) error { return hello.Conn.Close() },
		}, nil
	}}
}

func nonsense(w http.ResponseWriter, _ *http.Request) {
	hijacked, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	io.WriteString(hijacked, "nonsense\r\n\r\n")
	hijacked.Close()
}

// In SSL mode strict the edge does not trust every origin.
func TestPullVerifiesOriginInStrictMode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		sim.SetSSLMode(sim.ZoneID(), originpulltest.SSLStrict)
		o := newOrigin(t, &tls.Config{}, ok)
		checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o.Origin), originpulltest.Accepted, originpulltest.PresentedNone, "HTTP 200")
		o.RootCAs = x509.NewCertPool()
		checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o.Origin), originpulltest.Unreachable, originpulltest.PresentedNone, "unknown authority")
		sim.SetSSLMode(sim.ZoneID(), originpulltest.SSLFull)
		checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o.Origin), originpulltest.Accepted, originpulltest.PresentedNone, "HTTP 200")
	})
}

// With SSL mode flexible or off the edge speaks plain HTTP.
func TestPullPlain(t *testing.T) {
	t.Parallel()
	for _, mode := range []originpulltest.SSLMode{originpulltest.SSLFlexible, originpulltest.SSLOff} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{})
				zone := sim.ZoneID()
				sim.SetGlobal(zone, true)
				sim.SetSSLMode(zone, mode)
				secure := newOrigin(t, &tls.Config{}, ok)
				checkPull(t, sim.Pull(t.Context(), zone, secure.Origin), originpulltest.Refused, originpulltest.PresentedNone, "plain HTTP")
				plain := originpulltest.NewListener()
				serve(t, plain, ok)
				checkPull(t, sim.Pull(t.Context(), zone, originpulltest.Origin{Addr: "origin.example:80", Dial: plain.Dial}),
					originpulltest.Accepted, originpulltest.PresentedNone, "with SSL mode "+string(mode))
			})
		})
	}
}

// Who is not there, says nothing in time, or is too old to talk to, is
// unreachable.
func TestPullUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		closed := originpulltest.NewListener()
		closed.Close()
		p := sim.Pull(t.Context(), sim.ZoneID(), originpulltest.Origin{Addr: "origin.example:443", Dial: closed.Dial})
		checkPull(t, p, originpulltest.Unreachable, originpulltest.PresentedNone, "connection refused")

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hanging := newOrigin(t, &tls.Config{ClientAuth: tls.RequestClientCert}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		p = sim.Pull(ctx, sim.ZoneID(), hanging.Origin)
		checkPull(t, p, originpulltest.Unreachable, originpulltest.PresentedNone, "did not respond in time")
		if p.Duration != time.Minute {
			t.Errorf("the pull took %s, want the minute that it had", p.Duration)
		}
		old := newOrigin(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, ok)
		p = sim.Pull(t.Context(), sim.ZoneID(), old.Origin)
		checkPull(t, p, originpulltest.Unreachable, originpulltest.PresentedNone, "the TLS handshake with the origin failed: remote error")
		checkPull(t, sim.Pull(t.Context(), strings.Repeat("0", 32), hanging.Origin), originpulltest.Unreachable, originpulltest.PresentedNone, "no zone")
	})
}

// The same over TCP, where a refusal can be lost with the connection.
func TestPullOverTCP(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			sim := originpulltest.NewServer(t, originpulltest.Options{})
			pair, server := testpki.Leaf("client", nil), testpki.Leaf("origin", nil)
			configuration := trusting(version, pair.Certificate)
			configuration.Certificates = []tls.Certificate{server.TLS()}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			serve(t, tls.NewListener(l, configuration), ok)
			o := originpulltest.Origin{Addr: l.Addr().String(), ServerName: "origin.example"}
			for range 20 {
				checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o), originpulltest.Refused, originpulltest.PresentedNone, "the origin ")
			}
			if _, err := sim.AddCertificate(sim.ZoneID(), pair.TLS()); err != nil {
				t.Fatal(err)
			}
			sim.SetEnabled(sim.ZoneID(), true)
			checkPull(t, sim.Pull(t.Context(), sim.ZoneID(), o), originpulltest.Accepted, originpulltest.PresentedZone, "HTTP 200")
		})
	}
}
