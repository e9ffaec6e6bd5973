package certs_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func file(name string, parts ...[]byte) certs.File {
	return certs.File{Name: name, Data: slices.Concat(parts...)}
}

// TestInspect: what is wrong with a certificate is named, and for whom.
func TestInspect(t *testing.T) {
	t.Parallel()
	now := time.Now()
	client := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	for name, test := range map[string]struct {
		pair                testpki.Pair
		cloudflare, origins string // why they refuse it
		days                int
	}{
		"good":       {testpki.Leaf("good", client), "", "", 0},
		"long":       {testpki.Leaf("long", func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, 90).Add(time.Hour) }), "", "", 90},
		"no usage":   {testpki.Leaf("none", func(c *x509.Certificate) { c.ExtKeyUsage = nil }), "", "", 0},
		"any usage":  {testpki.Leaf("any", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }), "", "", 0},
		"serverAuth": {testpki.Leaf("server", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), "", "lacks clientAuth", 0},
		"expired":    {testpki.Leaf("expired", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) }), "", "has expired", -1},
		"early":      {testpki.Leaf("early", func(c *x509.Certificate) { c.NotBefore = now.Add(time.Hour) }), "", "not valid yet", 0},
		"CA":         {testpki.CA("ca"), "only a leaf", "", 0},
	} {
		report, err := certs.Inspect([]certs.File{file("x.pem", test.pair.CertPEM())}, now)
		if err != nil || len(report.Certificates) != 1 {
			t.Fatalf("%s: %v, %v", name, report, err)
		}
		got := report.Certificates[0]
		for who, reasons := range map[string][2]string{"Cloudflare": {got.Cloudflare.String(), test.cloudflare}, "origins": {got.Origins.String(), test.origins}} {
			want := "accepted"
			if reasons[1] != "" {
				want = "refused: "
			}
			if !strings.HasPrefix(reasons[0], want) || !strings.Contains(reasons[0], reasons[1]) {
				t.Errorf("%s: of %s it says %q, want %s %q", name, who, reasons[0], want, reasons[1])
			}
		}
		if got.DaysLeft != test.days || got.Key != "ECDSA P-256" || !got.SelfSigned || got.PrivateKey != "" {
			t.Errorf("%s: %+v, want %d days left", name, got, test.days)
		}
	}
}

// TestInspectWeak: an RSA key that origins refuse is named.
func TestInspectWeak(t *testing.T) {
	t.Parallel()
	key := testpki.RSA(1024)
	template := testpki.Leaf("weak", nil).Certificate
	template.SignatureAlgorithm, template.PublicKey = x509.UnknownSignatureAlgorithm, key.Public()
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	report, err := certs.Inspect([]certs.File{file("weak.der", der)}, time.Now())
	if err != nil || report.Certificates[0].Key != "RSA 1024" || !strings.Contains(report.Certificates[0].Origins.String(), "1024 bits") {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestInspectEd25519: what is not known is not reported as good.
func TestInspectEd25519(t *testing.T) {
	t.Parallel()
	certPEM, _ := originpulltest.KeyPair(t, originpulltest.Ed25519())
	report, err := certs.Inspect([]certs.File{file("x.pem", certPEM)}, time.Now())
	if err != nil || report.Certificates[0].Cloudflare.Verdict != certs.Unknown {
		t.Errorf("%+v, %v; want that it is unknown", report, err)
	}
}

// TestInspectKeys: a key is found for its certificate, wherever it is, and never shown.
func TestInspectKeys(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("ca")
	leaf, other := ca.Issue("leaf", nil), testpki.Leaf("other", nil)
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{0}})
	for name, test := range map[string]struct {
		files     []certs.File
		keyOfLeaf string
		stray     []string
		encrypted []string
	}{
		"in the same file":    {[]certs.File{file("both", leaf.KeyPEM(), leaf.CertPEM(), ca.CertPEM())}, "both", nil, nil},
		"in another file":     {[]certs.File{file("key", leaf.KeyPEM()), file("cert", leaf.CertPEM())}, "key", nil, nil},
		"of another":          {[]certs.File{file("cert", leaf.CertPEM()), file("key", other.KeyPEM())}, "", []string{"key"}, nil},
		"two":                 {[]certs.File{file("both", leaf.CertPEM(), leaf.KeyPEM(), other.KeyPEM())}, "both", []string{"both"}, nil},
		"encrypted":           {[]certs.File{file("cert", leaf.CertPEM()), file("key", encrypted)}, "", nil, []string{"key"}},
		"without certificate": {[]certs.File{file("key", other.KeyPEM())}, "", []string{"key"}, nil},
	} {
		report, err := certs.Inspect(test.files, time.Now())
		if err != nil {
			t.Fatal(name, err)
		}
		got := ""
		for _, c := range report.Certificates {
			if c.Subject == "CN=leaf" {
				got = c.PrivateKey
			}
		}
		if got != test.keyOfLeaf || !slices.Equal(report.Stray, test.stray) || !slices.Equal(report.Encrypted, test.encrypted) {
			t.Errorf("%s: key in %q, stray %q, encrypted %q", name, got, report.Stray, report.Encrypted)
		}
		encoded, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(encoded), fmt.Sprintf("%#v", report)} {
			for form, mark := range testpki.Marks() {
				if strings.Contains(text, mark) {
					t.Errorf("%s: the report shows the key (%s)", name, form)
				}
			}
		}
	}
}

// TestDamaged: a file that cannot be read in full is an error, and no part of it is shown.
func TestDamaged(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("leaf", nil)
	key, cert := string(leaf.KeyPEM()), string(leaf.CertPEM())
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "cut certificate": cert[:80], "cut key": cert + key[:100],
		"key that is none":       strings.Replace(key, "MI", "AA", 1),
		"certificate that isn't": strings.Replace(cert, "MI", "AA", 1),
		"first broken":           key[:100] + "\n" + cert,
	} {
		_, err := certs.Inspect([]certs.File{file("x.pem", []byte(text))}, time.Now())
		if err == nil || !strings.HasPrefix(err.Error(), "x.pem: ") {
			t.Errorf("%s: %v, want an error about x.pem", name, err)
		}
		if _, _, err := certs.Diff(file("good.pem", []byte(cert)), file("x.pem", []byte(text))); err == nil {
			t.Errorf("%s: it is compared", name)
		}
	}
	if _, err := certs.Inspect([]certs.File{file("x.pem", []byte(key[:100]+"\n"+cert))}, time.Now()); err == nil || !strings.Contains(err.Error(), "block 1 is broken") {
		t.Errorf("the first of two blocks is broken: %v", err)
	}
	if _, _, err := certs.Diff(file("good.pem", []byte(cert)), file("x.key", []byte(key))); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("a key is compared with a certificate: %v", err)
	}
}

// TestDiff: certificates are compared by what they are, not by how they are written.
func TestDiff(t *testing.T) {
	t.Parallel()
	ca, again := testpki.CA("ca"), testpki.CA("ca")
	leaf := ca.Issue("leaf", nil)
	renewed, err := x509.CreateCertificate(rand.Reader, ca.Issue("leaf", nil).Certificate, ca.Certificate, leaf.Key.Public(), ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	x := file("a", leaf.CertPEM())
	for name, test := range map[string]struct {
		b    certs.File
		same string // in which respects
	}{
		"itself":                     {x, "certificate key subject issuer serial number valid until chain"},
		"DER":                        {file("b", leaf.Certificate.Raw), "certificate key subject issuer serial number valid until chain"},
		"CRLF and a comment":         {file("b", []byte("Subject: leaf\r\n"+strings.ReplaceAll(string(leaf.CertPEM()), "\n", "\r\n"))), "certificate key subject issuer serial number valid until chain"},
		"with its key":               {file("b", leaf.KeyPEM(), leaf.CertPEM()), "certificate key subject issuer serial number valid until chain"},
		"with its chain":             {file("b", leaf.CertPEM(), ca.CertPEM()), "certificate key subject issuer serial number valid until"},
		"another of the CA":          {file("b", ca.Issue("other", nil).CertPEM()), "issuer chain"},
		"the same names, another CA": {file("b", again.Issue("leaf", nil).CertPEM()), "subject chain"},
		"renewed with its key":       {file("b", renewed), "key subject issuer chain"},
	} {
		comparisons, same, err := certs.Diff(x, test.b)
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, c := range comparisons {
			if c.Same && c.What != "valid until" || c.Same && strings.Contains(test.same, "valid until") {
				got = append(got, c.What)
			}
		}
		if strings.Join(got, " ") != test.same || same != strings.HasPrefix(test.same, "certificate") {
			t.Errorf("%s: same in %q (certificate: %t), want %q", name, got, same, test.same)
		}
	}
}
