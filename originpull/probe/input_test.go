package probe_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
)

// TestInvalidInput: bad input is an error before anything is sent.
func TestInvalidInput(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	usage := func(usages ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = usages }
	}
	serverOnly := id.ca.Issue("server only", usage(x509.ExtKeyUsageServerAuth)).TLS()
	intermediate := id.ca.Issue("intermediate", func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	below := intermediate.Issue("leaf", usage(x509.ExtKeyUsageClientAuth)).TLS()
	below.Certificate = append(below.Certificate, intermediate.Certificate.Raw)
	swapped, keyless, nilKey, noise := id.ours.TLS(), id.ours.TLS(), id.ours.TLS(), id.ours.TLS()
	swapped.PrivateKey, keyless.PrivateKey, nilKey.PrivateKey = id.old.Key, nil, (*ecdsa.PrivateKey)(nil)
	noise.Certificate = [][]byte{[]byte("noise")}
	period := func(from, until time.Duration) tls.Certificate {
		return id.ca.Issue("another time", func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until)
		}).TLS()
	}
	at := func(addresses ...string) probe.Target { return probe.Target{Addresses: addresses} }
	good := at(address)
	tests := map[string]struct {
		target       probe.Target
		certificates probe.Certificates
		want         string
	}{
		"no address":            {probe.Target{}, probe.Certificates{}, "no address"},
		"empty address":         {at(""), probe.Certificates{}, "IP address or a host name"},
		"URL":                   {at("https://origin.example.com/"), probe.Certificates{}, "not a URL"},
		"spaces":                {at("origin example"), probe.Certificates{}, "host name in ASCII"},
		"umlaut":                {at("ürsprung.example"), probe.Certificates{}, "host name in ASCII"},
		"port 0":                {at("192.0.2.1:0"), probe.Certificates{}, "1 to 65535"},
		"port +443":             {at("192.0.2.1:+443"), probe.Certificates{}, "1 to 65535"},
		"port as a name":        {at("192.0.2.1:https"), probe.Certificates{}, "1 to 65535"},
		"no port":               {at("192.0.2.1:"), probe.Certificates{}, "1 to 65535"},
		"IPv6 without brackets": {at("2001:db8::1:8443:x"), probe.Certificates{}, "in brackets"},
		"server name with port": {probe.Target{Addresses: []string{address}, ServerNames: []string{"a.example:443"}}, probe.Certificates{}, "without a port"},
		"empty server name":     {probe.Target{Addresses: []string{address}, ServerNames: []string{""}}, probe.Certificates{}, "server name"},
		"server name of lines":  {probe.Target{Addresses: []string{address}, ServerNames: []string{"a\r\nX: y"}}, probe.Certificates{}, "server name"},
		"path without a slash":  {probe.Target{Addresses: []string{address}, Path: "status"}, probe.Certificates{}, "path"},
		"path as a URL":         {probe.Target{Addresses: []string{address}, Path: "https://other.example/"}, probe.Certificates{}, "path"},
		"path of two slashes":   {probe.Target{Addresses: []string{address}, Path: "//other.example/"}, probe.Certificates{}, "path"},
		"path with a space":     {probe.Target{Addresses: []string{address}, Path: "/a b"}, probe.Certificates{}, "path"},
		"path with lines":       {probe.Target{Addresses: []string{address}, Path: "/a\r\nX: y"}, probe.Certificates{}, "path"},
		"negative timeout":      {probe.Target{Addresses: []string{address}, Timeout: -1}, probe.Certificates{}, "timeout"},
		"serverAuth only":       {good, probe.Certificates{New: serverOnly}, "lacks clientAuth"},
		"a serverAuth chain":    {good, probe.Certificates{New: below}, `"CN=intermediate" lacks clientAuth`},
		"another key":           {good, probe.Certificates{New: swapped}, "does not belong"},
		"no key":                {good, probe.Certificates{New: keyless}, "no private key"},
		"nil key":               {good, probe.Certificates{New: nilKey}, "does not belong"},
		"no certificate":        {good, probe.Certificates{New: noise}, "cannot be parsed"},
		"expired":               {good, probe.Certificates{New: period(-2*time.Hour, -time.Hour)}, "has expired"},
		"not yet valid":         {good, probe.Certificates{New: period(time.Hour, 2*time.Hour)}, "not yet valid"},
		"old, another key":      {good, probe.Certificates{Old: swapped}, "old certificate"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.target.Dial = func(context.Context, string, string) (net.Conn, error) {
				t.Error("Check has connected, though its input is invalid")
				return nil, errors.New("not connected")
			}
			results, err := probe.Check(t.Context(), test.target, test.certificates)
			if err == nil || results != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("results %v, error %v; want no results and an error with %q", results, err, test.want)
			}
			if errors.Is(err, probe.ErrNotClientAuth) != strings.Contains(test.want, "clientAuth") {
				t.Errorf("errors.Is(%v, ErrNotClientAuth) is wrong", err)
			}
		})
	}
	//lint:ignore SA1012 a nil context is what is tested
	if _, err := probe.Check(nil, good, probe.Certificates{}); err == nil {
		t.Error("a nil context is not refused")
	}
}

// TestAddresses: each address, name and version has a row, in this order, and once.
func TestAddresses(t *testing.T) {
	t.Parallel()
	target := probe.Target{
		Addresses: []string{"192.0.2.1", "192.0.2.1:443", "[2001:db8::1]:8443", "2001:db8::2", "[2001:db8::3]", "origin.invalid:8443"},
		Resolver:  noResolver(),
		Dial:      func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") },
	}
	want := []string{
		"192.0.2.1:443 192.0.2.1", "[2001:db8::1]:8443 2001:db8::1", "[2001:db8::2]:443 2001:db8::2",
		"[2001:db8::3]:443 2001:db8::3", "origin.invalid:8443 origin.invalid",
	}
	results, err := probe.Check(t.Context(), target, probe.Certificates{})
	if err != nil || len(results) != 2*len(want) {
		t.Fatalf("%d results, %v; want %d", len(results), err, 2*len(want))
	}
	for i, r := range results {
		if got := r.Address + " " + r.ServerName; got != want[i/2] || r.Verdict != probe.Unknown {
			t.Errorf("row %d is of %s, %s; want %s, unknown", i, got, r.Verdict, want[i/2])
		}
	}
}

// TestHostNames: every address of a host name has its rows.
func TestHostNames(t *testing.T) {
	t.Parallel()
	ips, err := net.DefaultResolver.LookupNetIP(t.Context(), "ip", "localhost")
	if err != nil {
		t.Skip("this machine does not know localhost")
	}
	target := probe.Target{
		Addresses: []string{"localhost"},
		Dial:      func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") },
	}
	results, err := probe.Check(t.Context(), target, probe.Certificates{})
	if err != nil || len(results) != 2*len(ips) {
		t.Fatalf("%v, %v; want two rows for each of %v", results, err, ips)
	}
	for i, r := range results {
		if want := net.JoinHostPort(ips[i/2].Unmap().String(), "443"); r.Address != want || r.ServerName != "localhost" {
			t.Errorf("row %d is of %s %s, want %s localhost", i, r.Address, r.ServerName, want)
		}
	}
}

// TestSecrets: no key is in what is printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	certificates := id.certificates()
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: id.ca.Pool()}
	results := check(t, serve(t, config, status(200)), certificates)
	encoded, err := json.Marshal(struct {
		Results      []probe.Result
		Certificates probe.Certificates
	}{results, certificates})
	if err != nil {
		t.Fatal(err)
	}
	printed := string(encoded)
	bare, err := tls.X509KeyPair(originpulltest.KeyPair(t, originpulltest.Ed25519())) // a key that prints as its bytes
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		printed += fmt.Sprintf(verb, certificates) + fmt.Sprintf(verb, &certificates) + fmt.Sprintf(verb, results)
		if c := (probe.Certificates{New: bare}); fmt.Sprintf(verb, c) != c.String() {
			t.Errorf("%s prints more of the certificates than their subjects", verb)
		}
	}
	for name, mark := range testpki.Marks() {
		if strings.Contains(printed, mark) {
			t.Errorf("a private key is printed (%s)", name)
		}
	}
	if want := `new "CN=ours", old "CN=the old one"`; !strings.Contains(printed, want) {
		t.Errorf("the certificates do not print as %s", want)
	}
}

// TestJSON: names and values of the result, which programs read.
func TestJSON(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	shared := testpki.CA("origin-pull.cloudflare.net")
	pool := id.ca.Pool()
	pool.AddCert(shared.Certificate)
	pool.AddCert(testpki.CA("red \x1b[31m").Certificate)
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	r := check(t, serve(t, config, status(200)), id.certificates())[1]
	for _, ca := range r.CAs {
		if strings.ContainsRune(ca.Subject, '\x1b') {
			t.Errorf("the name of a CA is not escaped: %q", ca.Subject)
		}
	}
	r.Address = "ADDRESS"
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"address":"ADDRESS","server_name":"www.example.com","tls":"1.3","verdict":"enforced","reason":"`,
		`"warnings":["the origin names origin-pull.cloudflare.net`,
		`{"certificate":"none","outcome":"alert","alert":"certificate required","requested":true,"attempts":1}`,
		`{"certificate":"new","outcome":"responded","status":200,"requested":true,"attempts":1}`,
		`{"subject":"CN=our CA","raw":"`,
		`"shared":false,"yours":true}`, `"shared":true,"yours":false}`, `"verified":false}`,
	} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("the result in JSON is\n%s\nwithout %s", encoded, want)
		}
	}
}

// TestNoPair: without a certificate of ours nothing is reported as enforced, and the rest is
// found out all the same.
func TestNoPair(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	for auth, want := range map[tls.ClientAuthType]probe.Verdict{
		tls.NoClientCert:               probe.Off,
		tls.RequestClientCert:          probe.Optional,
		tls.VerifyClientCertIfGiven:    probe.Optional,
		tls.RequireAnyClientCert:       probe.Any,
		tls.RequireAndVerifyClientCert: probe.Unknown,
	} {
		config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: auth, ClientCAs: id.ca.Pool()}
		for _, r := range check(t, serve(t, config, status(200)), probe.Certificates{}) {
			if r.Verdict != want || r.Accepts() {
				t.Errorf("%v without a certificate of ours: %v, accepts %t; want %q, and that nothing is accepted", auth, r, r.Accepts(), want)
			}
			if want == probe.Unknown && !strings.Contains(r.Reason, "give yours") {
				t.Errorf("%v: the reason does not say that a certificate is missing", r)
			}
		}
	}
}

// TestOld: a certificate that the origin no longer accepts is a warning.
func TestOld(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: id.ca.Pool()}
	certificates := probe.Certificates{New: id.ours.TLS(), Old: testpki.Leaf("retired", nil).TLS()}
	for _, r := range check(t, serve(t, config, status(200)), certificates) {
		if r.Verdict != probe.Enforced || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "old certificate: TLS alert") {
			t.Errorf("%v, warnings %q; want enforced, and that the old one is not accepted", r, r.Warnings)
		}
	}
}

// TestRemedy: for the server that the origin says it is, else for all.
func TestRemedy(t *testing.T) {
	t.Parallel()
	for verdict, want := range map[probe.Verdict]string{
		probe.Off: "Require", probe.Optional: "Require", probe.Any: "Verify", probe.Refused: "trust the CA", probe.Unknown: "See the reason",
		probe.Enforced: "", probe.NotOffered: "",
	} {
		r := probe.Result{Verdict: verdict}
		if got := r.Remedy(); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("the remedy for %s is %q, want %q in it", verdict, got, want)
		}
		r.Observations = []probe.Observation{{Server: "nginx/1.22.1"}}
		if got := r.Remedy(); strings.Contains(got, "SSLVerifyClient") {
			t.Errorf("the remedy for %s of nginx speaks of Apache: %q", verdict, got)
		}
	}
}
