package originpull_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// issued is a certificate with a key of any type.
type issued struct {
	*x509.Certificate
	key crypto.Signer
}

// issue returns a certificate of key that by signs; itself, if by is nil.
func issue(name string, key crypto.Signer, by *issued, adjust func(*x509.Certificate)) issued {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
	}
	if adjust != nil {
		adjust(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	return issued{must(x509.ParseCertificate(der)), key}
}

func asCA(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }

// signedWith makes a certificate be signed with an algorithm.
func signedWith(algorithm x509.SignatureAlgorithm) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.SignatureAlgorithm = algorithm }
}

// patched returns the certificate with another algorithm in place of SHA256-RSA, one that
// Go neither signs nor checks. Its signature is none.
func (c issued) patched(algorithm byte) issued {
	oid := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01}
	der := bytes.ReplaceAll(c.Raw, append(slices.Clone(oid), 11, 5, 0), append(slices.Clone(oid), algorithm, 5, 0))
	return issued{must(x509.ParseCertificate(der)), c.key}
}

// pems returns the certificates as an operator's file has them, and the key of the first.
func pems(chain ...issued) (certPEM, keyPEM []byte) {
	for _, c := range chain {
		certPEM = append(certPEM, block("CERTIFICATE", c.Raw)...)
	}
	return certPEM, block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(chain[0].key)))
}

var (
	rsaKey     = sync.OnceValue(func() crypto.Signer { return testpki.RSA(2048) })
	otherRSA   = sync.OnceValue(func() crypto.Signer { return testpki.RSA(2048) })
	weakRSA    = sync.OnceValue(func() crypto.Signer { return testpki.RSA(1024) })
	almostWeak = sync.OnceValue(func() crypto.Signer { return testpki.RSA(2047) })
)

// text is a string of a name in an encoding of ASN.1.
type text struct {
	tag   int
	value string
}

func (s text) der() []byte {
	content := []byte(s.value)
	switch s.tag {
	case asn1.TagT61String:
		content = nil
		for _, r := range s.value {
			content = append(content, byte(r))
		}
	case asn1.TagBMPString:
		content = nil
		for _, unit := range utf16.Encode([]rune(s.value)) {
			content = append(content, byte(unit>>8), byte(unit))
		}
	}
	return must(asn1.Marshal(asn1.RawValue{Tag: s.tag, Bytes: content}))
}

// named returns a name in DER: of each set of attributes O the strings.
func named(sets ...[]text) []byte {
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	var name []byte
	for _, set := range sets {
		var attributes []byte
		for _, s := range set {
			attributes = append(attributes, must(asn1.Marshal(attribute{asn1.ObjectIdentifier{2, 5, 4, 10}, asn1.RawValue{FullBytes: s.der()}}))...)
		}
		name = append(name, must(asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: attributes}))...)
	}
	return must(asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: name}))
}

func one(tag int, value string) []byte { return named([]text{{tag, value}}) }

// TestChainNames uploads chains in which a CA writes its name in another way than those
// that it issued, which origins accept, and refuses those with another name.
func TestChainNames(t *testing.T) {
	t.Parallel()
	const utf8, printable, t61, bmp, ia5 = asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagT61String, asn1.TagBMPString, asn1.TagIA5String
	for _, tt := range []struct {
		name       string
		issuer, ca []byte
		same       bool
	}{
		{"PrintableString", one(utf8, "Example CA"), one(printable, "Example CA"), true},
		{"T61String", one(utf8, "Exämple CA"), one(t61, "Exämple CA"), true},
		{"BMPString", one(utf8, "Exämple CA"), one(bmp, "Exämple CA"), true},
		{"IA5String", one(utf8, "Example CA"), one(ia5, "Example CA"), true},
		{"another case", one(utf8, "Example CA"), one(utf8, "EXAMPLE ca"), true},
		{"another case outside of ASCII", one(utf8, "Exämple ΣΑΣ"), one(bmp, "EXÄMPLE σας"), true},
		{"white space", one(utf8, "Example CA"), one(printable, "  Example   CA "), true},
		{"a set in another order", named([]text{{utf8, "a"}, {utf8, "B"}}), named([]text{{printable, "b"}, {printable, "a"}}), true},
		{"another name", one(utf8, "Example CA"), one(utf8, "Example CB"), false},
		{"without the space", one(utf8, "Example CA"), one(utf8, "ExampleCA"), false},
		{"the beginning of the name", named([]text{{utf8, "a"}}, []text{{utf8, "b"}}), one(utf8, "a"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := issue("", testpki.Key(), nil, func(c *x509.Certificate) { asCA(c); c.RawSubject = tt.ca })
			renamed := issued{&x509.Certificate{RawSubject: tt.issuer, PublicKey: ca.PublicKey, SubjectKeyId: ca.SubjectKeyId}, ca.key}
			pair, err := originpull.ParseKeyPair(pems(issue("client.example", testpki.Key(), &renamed, nil), ca))
			if !tt.same {
				wantRefusal(t, err, nil, "certificate 2")
				return
			}
			if err != nil {
				t.Fatalf("an origin accepts the chain, but an operator cannot upload it: %v", err)
			}
			if cert, _ := uploaded(t, pair); len(blocks(t, cert, "CERTIFICATE")) != 2 {
				t.Error("the CA is not sent")
			}
		})
	}
}

// TestChainSignatures refuses a chain that no origin can verify, and says why.
func TestChainSignatures(t *testing.T) {
	t.Parallel()
	root := issue("root", rsaKey(), nil, asCA)
	impostor := issue("root", otherRSA(), nil, asCA)
	middle := issue("middle", testpki.Key(), &root, asCA)
	leaf := issue("client.example", testpki.Key(), &middle, nil)
	ecRoot, ecImpostor := issue("root", testpki.Key(), nil, asCA), issue("root", testpki.Key(), nil, asCA)
	renamed := issue("renamed", rsaKey(), nil, asCA)
	plain := issue("root", rsaKey(), nil, nil)
	noSigning := issue("root", rsaKey(), nil, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCRLSign })
	unmarked := issue("root", rsaKey(), nil, func(c *x509.Certificate) { c.BasicConstraintsValid = false })
	onlyUsage := issue("root", rsaKey(), nil, func(c *x509.Certificate) { c.BasicConstraintsValid, c.KeyUsage = false, x509.KeyUsageCertSign })
	byRoot := issue("client.example", testpki.Key(), &root, nil)
	withoutID := issue("root", otherRSA(), nil, func(c *x509.Certificate) { c.BasicConstraintsValid, c.KeyUsage = false, x509.KeyUsageCertSign })
	sha1 := issue("client.example", testpki.Key(), &root, signedWith(x509.SHA1WithRSA))
	for _, tt := range []struct {
		name  string
		chain []issued
		says  string // of the refusal; empty: accepted
	}{
		{"all three", []issued{leaf, middle, root}, ""},
		{"without the root", []issued{leaf, middle}, ""},
		{"Ed25519", []issued{issue("client.example", testpki.Ed25519(), &ecRoot, nil), ecRoot}, ""},
		{"another key, RSA", []issued{byRoot, impostor}, "it has the issuer's name, but that is not signed by its key"},
		{"another key, ECDSA", []issued{issue("client.example", testpki.Key(), &ecRoot, nil), ecImpostor}, "not signed by its key"},
		{"a key of another type", []issued{byRoot, ecRoot}, "not signed by its key"},
		{"another key behind", []issued{leaf, middle, impostor}, `certificate 3, "CN=root", is not the issuer of the one before`},
		{"the key, another name", []issued{byRoot, renamed}, `that was issued by "CN=root"`},
		{"wrong order", []issued{leaf, root, middle}, "the leaf comes first, then the certificate that signed it"},
		{"one is missing", []issued{leaf, root}, `that was issued by "CN=middle"`},
		{"twice", []issued{leaf, leaf}, `that was issued by "CN=middle"`},
		{"not a CA", []issued{byRoot, plain}, "it is not a CA, or may not sign certificates"},
		{"a CA for other purposes", []issued{byRoot, noSigning}, "it is not a CA"},
		{"not marked as a CA", []issued{byRoot, unmarked}, "it is not a CA"},
		{"marked by its usage", []issued{byRoot, onlyUsage}, ""},
		{"SHA-1", []issued{sha1, root}, ""},
		{"SHA-1, another key", []issued{sha1, impostor}, "not signed by its key"},
		{"MD5, which Go does not check", []issued{byRoot.patched(4), root}, ""},
		{"MD5, another key", []issued{byRoot.patched(4), impostor}, "it has the issuer's name and another key"},
		{"MD5, a key without an identifier", []issued{byRoot.patched(4), withoutID}, ""},
		{"MD5, another name", []issued{byRoot.patched(4), renamed}, `that was issued by "CN=root"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			certPEM, keyPEM := pems(tt.chain...)
			_, err := originpull.ParseKeyPair(certPEM, keyPEM, originpull.AllowWeak())
			if tt.says == "" && err != nil {
				t.Errorf("an operator cannot upload the chain: %v", err)
			}
			if tt.says != "" {
				wantRefusal(t, err, nil, tt.says)
			}
		})
	}
}

// TestChainOfVersion1 takes a root from before there were extensions for a CA, as origins
// do, and not another certificate.
func TestChainOfVersion1(t *testing.T) {
	t.Parallel()
	root := testpki.Leaf("root", nil)
	old := must(x509.ParseCertificate(blocks(t, string(version1(root)), "CERTIFICATE")[0]))
	leaf := issue("client.example", testpki.Key(), &issued{old, root.Key}, nil)
	if _, err := originpull.ParseKeyPair(pems(leaf, issued{old, root.Key})); err != nil {
		t.Errorf("a root of X.509 v1 is refused: %v", err)
	}
	sub := testpki.CA("another").Issue("root", nil)
	old = must(x509.ParseCertificate(blocks(t, string(version1(sub)), "CERTIFICATE")[0]))
	leaf = issue("client.example", testpki.Key(), &issued{old, sub.Key}, nil)
	_, err := originpull.ParseKeyPair(pems(leaf, issued{old, sub.Key}))
	wantRefusal(t, err, nil, "it is not a CA")
}

// TestWeak refuses what common origins refuse, with the reason and the way out, and takes
// it if the caller says so.
func TestWeak(t *testing.T) {
	t.Parallel()
	root := issue("root", rsaKey(), nil, asCA)
	oldRoot := issue("root", rsaKey(), nil, func(c *x509.Certificate) { asCA(c); c.SignatureAlgorithm = x509.SHA1WithRSA })
	ecRoot := issue("root", testpki.Key(), nil, asCA)
	weakRoot := issue("root", weakRSA(), nil, asCA)
	weakMiddle := issue("middle", weakRSA(), &root, asCA)
	oldMiddle := issue("middle", testpki.Key(), &root, func(c *x509.Certificate) { asCA(c); c.SignatureAlgorithm = x509.SHA1WithRSA })
	rollover := issue("root", testpki.Key(), &root, func(c *x509.Certificate) { asCA(c); c.SignatureAlgorithm = x509.SHA1WithRSA })
	leaf := func(by *issued, adjust func(*x509.Certificate)) issued {
		return issue("client.example", testpki.Key(), by, adjust)
	}
	pss := leaf(&root, signedWith(x509.SHA256WithRSAPSS))
	for _, tt := range []struct {
		name  string
		chain []issued
		says  string // of the refusal; empty: not weak
	}{
		{"RSA 1024", []issued{issue("client.example", weakRSA(), nil, nil)}, `"CN=client.example" has an RSA key of 1024 bits, and common origins refuse that: make a new one with RSA 2048 or ECDSA P-256, signed with SHA-256, or accept this one with AllowWeak`},
		{"RSA 2047", []issued{issue("client.example", almostWeak(), nil, nil)}, "has an RSA key of 2047 bits"},
		{"RSA 2048", []issued{issue("client.example", rsaKey(), nil, nil)}, ""},
		{"SHA-1", []issued{leaf(&root, signedWith(x509.SHA1WithRSA))}, `"CN=client.example" is signed with SHA-1, and common origins refuse that: make a new one`},
		{"SHA-1, ECDSA", []issued{leaf(&ecRoot, signedWith(x509.ECDSAWithSHA1))}, "signed with SHA-1"},
		{"SHA-1 by itself", []issued{leaf(nil, signedWith(x509.ECDSAWithSHA1))}, "signed with SHA-1"},
		{"MD5", []issued{leaf(&root, nil).patched(4)}, "signed with MD5"},
		{"MD4", []issued{leaf(&root, nil).patched(3)}, "signed with MD4"},
		{"MD2", []issued{leaf(&root, nil).patched(2)}, "signed with MD2"},
		{"RSA-PSS, SHA-1 by default", []issued{leaf(&root, nil).pss(nil)}, "signed with SHA-1 or MD5"},
		{"RSA-PSS, SHA-1", []issued{leaf(&root, nil).pss(asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26})}, "signed with SHA-1"},
		{"RSA-PSS, SHA-224", []issued{leaf(&root, nil).pss(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4})}, ""},
		{"RSA-PSS, SHA-256", []issued{pss, root}, ""},
		{"intermediate of RSA 1024", []issued{leaf(&weakMiddle, nil), weakMiddle, root}, `"CN=middle" has an RSA key of 1024 bits`},
		{"root of RSA 1024", []issued{leaf(&weakRoot, nil), weakRoot}, `"CN=root" has an RSA key of 1024 bits`},
		{"intermediate by SHA-1", []issued{leaf(&oldMiddle, nil), oldMiddle, root}, `"CN=middle" is signed with SHA-1`},
		{"intermediate by SHA-1, without its root", []issued{leaf(&oldMiddle, nil), oldMiddle}, `"CN=middle" is signed with SHA-1`},
		{"intermediate of the root's name, by SHA-1", []issued{leaf(&rollover, nil), rollover, root}, `"CN=root" is signed with SHA-1`},
		{"root by SHA-1, which no one checks", []issued{leaf(&oldRoot, nil), oldRoot}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			certPEM, keyPEM := pems(tt.chain...)
			pair, err := originpull.ParseKeyPair(certPEM, keyPEM)
			if tt.says == "" {
				if err != nil {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			wantRefusal(t, err, originpull.ErrWeak, tt.says)
			if pair.Leaf() != nil {
				t.Error("the refused pair is returned beside the error")
			}
			pair, err = originpull.ParseKeyPair(certPEM, keyPEM, originpull.AllowWeak())
			if err != nil {
				t.Fatalf("the way out does not work: %v", err)
			}
			if cert, _ := uploaded(t, pair); !strings.HasPrefix(cert, string(block("CERTIFICATE", tt.chain[0].Raw))) {
				t.Error("another certificate is uploaded")
			}
			certificate := must(tls.X509KeyPair(certPEM, keyPEM))
			if _, err := originpull.KeyPairFromTLS(certificate); err == nil {
				t.Error("from crypto/tls it is not refused")
			}
			if _, err := originpull.KeyPairFromTLS(certificate, originpull.AllowWeak()); err != nil {
				t.Errorf("from crypto/tls the way out does not work: %v", err)
			}
			if _, err := originpull.ParseCertificate(block("CERTIFICATE", tt.chain[0].Raw)); err != nil {
				t.Errorf("the certificate cannot even be read: %v", err)
			}
		})
	}
}

// pss returns the certificate with RSA-PSS of a hash as its algorithm, and a signature
// that is none. Without a hash it is the default.
func (c issued) pss(hash asn1.ObjectIdentifier) issued {
	parameters := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true}
	if hash != nil {
		algorithm := must(asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: hash}))
		parameters.Bytes = must(asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: algorithm}))
	}
	parameters.FullBytes = must(asn1.Marshal(parameters))
	algorithm := asn1.RawValue{FullBytes: must(asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, Parameters: parameters}))}
	var outer, inner []asn1.RawValue
	must(asn1.Unmarshal(c.Raw, &outer))
	must(asn1.Unmarshal(outer[0].FullBytes, &inner))
	inner[2], outer[1] = algorithm, algorithm
	outer[0] = asn1.RawValue{FullBytes: must(asn1.Marshal(inner))}
	return issued{must(x509.ParseCertificate(must(asn1.Marshal(outer)))), c.key}
}

// TestNoPairBesideAnError returns nothing that could be uploaded by mistake.
func TestNoPairBesideAnError(t *testing.T) {
	t.Parallel()
	expired := testpki.Leaf("old.example", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	early := testpki.Leaf("new.example", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	for name, leaf := range map[string]testpki.Pair{"expired": expired, "not yet valid": early} {
		parsed, err1 := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
		converted, err2 := originpull.KeyPairFromTLS(leaf.TLS())
		if err1 == nil || err2 == nil || parsed.Leaf() != nil || converted.Leaf() != nil {
			t.Errorf("%s: beside %v and %v the caller gets %v and %v", name, err1, err2, parsed, converted)
		}
	}
	leaf := testpki.Leaf("client.example", nil)
	if _, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM(), nil); err == nil || !strings.Contains(err.Error(), "an option is nil") {
		t.Errorf("of a nil option the user reads %v", err)
	}
}
