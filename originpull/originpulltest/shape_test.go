package originpulltest_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func TestCertificateFields(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		time.Sleep(123_450_678 * time.Nanosecond)
		pair := testpki.Leaf("fields", func(x *x509.Certificate) {
			x.SerialNumber, _ = new(big.Int).SetString("309049678731657100329303091550694184", 10)
			x.Subject = pkix.Name{
				CommonName: "fields", Organization: []string{"example"}, Country: []string{"IN"},
				ExtraNames: []pkix.AttributeTypeAndValue{{Type: []int{1, 2, 840, 113549, 1, 9, 1}, Value: "a@b.c"}},
			}
			x.NotAfter = time.Date(2100, 1, 1, 5, 20, 0, 0, time.UTC)
		})
		sent := strings.TrimRight(string(pair.CertPEM()), "\n")
		a := c.do("POST", c.zone, jsonBody(sent, string(pair.KeyPEM())))
		cert := a.cert(t)

		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(cert.ID) {
			t.Errorf("id %q is not a UUID", cert.ID)
		}
		for _, field := range [][3]string{
			{"certificate", cert.Certificate, sent + "\n"},
			{"issuer", cert.Issuer, "CN=fields,O=example,C=IN,1.2.840.113549.1.9.1=#0c056140622e63"},
			{"signature", cert.Signature, "ECDSA-SHA256"},
			{"serial_number", cert.SerialNumber, "309049678731657100329303091550694184"},
			{"expires_on", cert.ExpiresOn, "2100-01-01T05:20:00Z"},
			{"uploaded_on", cert.UploadedOn, "2000-01-01T00:00:00.12345Z"},
		} {
			if field[1] != field[2] {
				t.Errorf("%s is %q, want %q", field[0], field[1], field[2])
			}
		}
		var result map[string]any
		a.into(t, &result)
		want := []string{"certificate", "expires_on", "id", "issuer", "serial_number", "signature", "status", "uploaded_on"}
		if got := slices.Sorted(maps.Keys(result)); !slices.Equal(got, want) {
			t.Errorf("a certificate has the fields %v, want %v: the key is write-only", got, want)
		}
	})
}

// The envelope, key by key.
func TestEnvelopes(t *testing.T) {
	story(t, originpulltest.Options{RateLimit: 6}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		keys := func(a response) string {
			var body map[string]json.RawMessage
			if err := json.Unmarshal([]byte(a.body), &body); err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, key := range []string{"messages", "result", "result_info"} {
				if value, ok := body[key]; ok {
					parts = append(parts, key+"="+string(value))
				}
			}
			return strings.Join(parts, " ")
		}
		pair := testpki.Leaf("envelopes", nil)
		empty, uploaded := c.list(), c.upload(pair)
		full, off := c.list(), c.do("GET", c.zone+"/settings", "")
		service, gateway := c.upload(pair), c.with().list()
		c.list()
		limit := c.list()
		for _, test := range []struct{ name, got, want string }{
			{"list of an empty zone", keys(empty), `messages=[] result=null`},
			{"list", keys(full), `messages=[] result=[` + string(uploaded.Result) + `] result_info={"count":1,"page":1,"per_page":100,"total_count":1,"total_pages":1}`},
			{"settings", keys(off), `messages=[] result={"enabled":false}`},
			{"failure of the service", keys(service), `messages=[]`},
			{"failure of the gateway", keys(gateway), `messages=[] result=null`},
			{"rate limited", keys(limit), ``},
		} {
			if test.got != test.want {
				t.Errorf("%s: %s, want %s", test.name, test.got, test.want)
			}
		}
		if want := `{"success":false,"errors":[{"code":1406,"message":"This certificate already exists for this zone."}],"messages":[]}`; service.body != want {
			t.Errorf("the captured failure is %s\nwant %s", service.body, want)
		}
	})
}

func TestAcceptedCertificates(t *testing.T) {
	t.Parallel()
	other := testpki.Leaf("key of another", nil)
	p521 := testpki.EC(elliptic.P521())
	serverOnly := &x509.Certificate{
		SerialNumber: big.NewInt(7), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{"elsewhere.example"},
	}
	der, err := x509.CreateCertificate(rand.Reader, serverOnly, serverOnly, &p521.PublicKey, p521)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalECPrivateKey(p521)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	leaf, ca := testpki.Leaf("leaf", nil), testpki.CA("ca")
	leafPEM, caPEM, keyPEM := string(leaf.CertPEM()), string(ca.CertPEM()), string(leaf.KeyPEM())
	expired := testpki.Leaf("expired", func(c *x509.Certificate) { c.NotAfter = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) })
	for _, test := range []struct {
		name, body   string
		status, code int // 200 0: accepted
	}{
		{"self-signed P-521, serverAuth only, foreign name, EC PRIVATE KEY", jsonBody(block("CERTIFICATE", der), block("EC PRIVATE KEY", ecDER)), 200, 0},
		{"expired", uploadBody(expired), 200, 0},
		{"chain, leaf first", jsonBody(leafPEM+caPEM, keyPEM), 200, 0},
		{"unknown field", strings.Replace(uploadBody(leaf), "{", `{"bundle_method":"force",`, 1), 200, 0},
		{"CA", uploadBody(ca), 400, 1412},
		{"chain, CA first", jsonBody(caPEM+leafPEM, string(ca.KeyPEM())), 400, 1412},
		{"no PEM", jsonBody("certificate", keyPEM), 400, 1408},
		{"PEM of something else", jsonBody(block("X509 CRL", der), keyPEM), 400, 1408},
		{"PEM of no certificate", jsonBody(block("CERTIFICATE", der[:40]), keyPEM), 400, 1408},
		{"key of another", jsonBody(leafPEM, string(other.KeyPEM())), 400, 0},
		{"encrypted key", jsonBody(leafPEM, block("ENCRYPTED PRIVATE KEY", ecDER)), 400, 0},
		{"key that is none", jsonBody(leafPEM, "key"), 400, 0},
		{"no key", jsonBody(leafPEM, ""), 400, 0},
		{"no field", "{}", 400, 0},
		{"no certificate", jsonBody("", keyPEM), 400, 0},
		{"null", "null", 400, 0},
		{"empty body", "", 400, 0},
		{"malformed JSON", `{"certificate":`, 400, 0},
		{"JSON and more", uploadBody(leaf) + "x", 400, 0},
		{"two values", uploadBody(leaf) + uploadBody(leaf), 400, 0},
		{"JSON of another shape", `["certificate"]`, 400, 0},
		{"field of another type", `{"certificate":1,"private_key":2}`, 400, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
				a := c.do("POST", c.zone, test.body)
				if test.status != 200 {
					a.refused(t, test.status, test.code)
					if strings.Contains(a.body, "result") {
						t.Errorf("the service leaves result out of a failure, got %s", a.body)
					}
					return
				}
				if got := a.cert(t).Certificate; strings.Count(got, "BEGIN") != 1 {
					t.Errorf("want the leaf alone, got %s", got)
				}
			})
		})
	}
}

// What was accepted live, and what Cloudflare's how-to makes: RSA keys.
func TestAcceptedRSA(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		bits int
		make func(*testing.T, *rsa.PrivateKey) []byte
	}{
		{"RSA-2048, PKCS #8, X.509 v1", 2048, version1},
		{"RSA-4096, 730 days, CA:FALSE", 4096, howTo},
	} {
		key := testpki.RSA(test.bits)
		pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: test.make(t, key)})
		keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		cert := memoryClient(t, sim).do("POST", "/zones/"+sim.ZoneID()+"/origin_tls_client_auth", jsonBody(string(certPEM), string(keyPEM))).cert(t)
		if cert.Signature != "SHA256-RSA" || cert.Certificate != string(certPEM) {
			t.Errorf("%s: the response is %+v, want the signature SHA256-RSA and the PEM as sent", test.name, cert)
		}
	}
}

func howTo(t *testing.T, key *rsa.PrivateKey) []byte {
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: time.Now(), NotAfter: time.Now().AddDate(0, 0, 730), BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// version1 is a certificate without the version and the extensions.
func version1(t *testing.T, key *rsa.PrivateKey) []byte {
	leaf, err := x509.ParseCertificate(howTo(t, key))
	if err != nil {
		t.Fatal(err)
	}
	var fields []asn1.RawValue
	if _, err := asn1.Unmarshal(leaf.RawTBSCertificate, &fields); err != nil {
		t.Fatal(err)
	}
	tbs, err := asn1.Marshal(fields[1 : len(fields)-1])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(tbs)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, fields[2], asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSettingsBody(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		path := c.zone + "/settings"
		if a := c.do("GET", path, ""); string(a.Result) != `{"enabled":false}` {
			t.Errorf("a new zone returns %s, want disabled", a.body)
		}
		for _, body := range []string{"", "{}", "null", "{", `{"enabled":"on"}`, `{"enabled":null}`} {
			c.do("PUT", path, body).refused(t, 400, 0)
		}
		for _, value := range []string{"true", "false", "true"} {
			put, get := c.enable(value), c.do("GET", path, "")
			if want := `{"enabled":` + value + `}`; string(put.Result) != want || string(get.Result) != want {
				t.Errorf("enabled %s: PUT returns %s, GET at once after %s", value, put.body, get.body)
			}
		}
		if !sim.Enabled(sim.ZoneID()) {
			t.Error("Enabled does not return what PUT has set")
		}
	})
}

// The zone settings that bear on what the edge does.
// TestZoneNames: a zone is found by its whole name, by whoever may access it.
func TestZoneNames(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		const second = "0123456789abcdef0123456789abcdef"
		sim.AddZone(second)
		for id, name := range map[string]string{sim.ZoneID(): "Example.com", second: "example.net"} {
			if err := sim.SetZoneName(id, name); err != nil {
				t.Fatal(err)
			}
		}
		com := `{"id":"` + sim.ZoneID() + `","name":"example.com","status":"active"}`
		net := `{"id":"` + second + `","name":"example.net","status":"active"}`
		one := c.with("Authorization", "Bearer "+sim.NewToken(originpulltest.Grant{Zones: []string{second}}))
		for _, test := range []struct {
			client      *client
			query, want string
			total       float64
		}{
			{c, "?name=example.com", com, 1},
			{c, "?name=EXAMPLE.com", com, 1},
			{c, "?name=example", "", 0},
			{c, "", com + "," + net, 2},
			{c, "?per_page=1&page=2", net, 2},
			{c, "?per_page=1&page=3", "", 2},
			{one, "", net, 1},
			{one, "?name=example.com", "", 0},
		} {
			a := test.client.do("GET", "/zones"+test.query, "")
			if a.status != 200 || string(a.Result) != "["+test.want+"]" || a.ResultInfo["total_count"] != test.total {
				t.Errorf("GET /zones%s: HTTP %d %s, want %s of %v", test.query, a.status, a.body, test.want, test.total)
			}
		}
		c.do("GET", "/zones?account.id=1", "").refused(t, 400, 0)
		if sim.SetZoneName(unknownZone, "example.org") == nil || sim.SetZoneName(second, "") == nil {
			t.Error("a zone that is none, or no name, is taken in silence")
		}
	})
}

func TestZoneSettings(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		global, ssl := "/zones/"+sim.ZoneID()+"/settings/tls_client_auth", "/zones/"+sim.ZoneID()+"/settings/ssl"
		check := func(a response, want string) {
			t.Helper()
			if a.status != 200 || string(a.Result) != want {
				t.Errorf("HTTP %d %s, want the result %s", a.status, a.body, want)
			}
		}
		check(c.do("GET", global, ""), `{"id":"tls_client_auth","value":"off","editable":true,"modified_on":null}`)
		check(c.do("GET", ssl, ""), `{"id":"ssl","value":"full","editable":true,"modified_on":null}`)
		time.Sleep(time.Second)
		check(c.do("PATCH", global, `{"value":"on"}`), `{"id":"tls_client_auth","value":"on","editable":true,"modified_on":"2000-01-01T00:00:01Z"}`)
		check(c.do("GET", global, ""), `{"id":"tls_client_auth","value":"on","editable":true,"modified_on":"2000-01-01T00:00:01Z"}`)
		check(c.do("PATCH", global, `{"value":"off"}`), `{"id":"tls_client_auth","value":"off","editable":true,"modified_on":"2000-01-01T00:00:01Z"}`)
		c.do("PATCH", global, `{"value":true}`).refused(t, 400, 0)
		c.do("PATCH", global, `{"value":"maybe"}`).refused(t, 400, 0)
		if err := sim.SetSSLMode(sim.ZoneID(), originpulltest.SSLFlexible); err != nil {
			t.Fatal(err)
		}
		check(c.do("GET", ssl, ""), `{"id":"ssl","value":"flexible","editable":true,"modified_on":"2000-01-01T00:00:01Z"}`)
		if sim.Enabled(sim.ZoneID()) {
			t.Error("the global level has touched the zone level")
		}
		if sim.SetSSLMode(sim.ZoneID(), "loose") == nil || sim.SetGlobal("0", true) == nil {
			t.Error("an SSL mode that is none, or a zone that is none, is taken in silence")
		}
	})
}
