package certs

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"
)

// Comparison is how two certificates compare in one respect. Its JSON is that of originpull
// cert diff.
type Comparison struct {
	What string `json:"what"`
	Same bool   `json:"same"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Diff compares the first certificates of two files, each way in which they can be the
// same: the certificate, its key, its subject, its issuer, its serial number, the end of
// its validity, and the certificates that follow it in the file. Same reports whether they
// are the same certificate, however the files are encoded.
func Diff(a, b File) (comparisons []Comparison, same bool, err error) {
	chainA, err := a.chain()
	if err != nil {
		return nil, false, err
	}
	chainB, err := b.chain()
	if err != nil {
		return nil, false, err
	}
	x, y := chainA[0], chainB[0]
	same = x.Equal(y)
	compare := func(what string, same bool, a, b string) {
		comparisons = append(comparisons, Comparison{what, same, a, b})
	}
	compare("certificate", same, "SHA-256 "+fingerprint(x.Raw), "SHA-256 "+fingerprint(y.Raw))
	compare("key", bytes.Equal(x.RawSubjectPublicKeyInfo, y.RawSubjectPublicKeyInfo), describeKey(x), describeKey(y))
	compare("subject", bytes.Equal(x.RawSubject, y.RawSubject), x.Subject.String(), y.Subject.String())
	compare("issuer", sameIssuer(x, y), describeIssuer(x), describeIssuer(y))
	compare("serial number", x.SerialNumber.Cmp(y.SerialNumber) == 0, x.SerialNumber.Text(16), y.SerialNumber.Text(16))
	compare("valid until", x.NotAfter.Equal(y.NotAfter), x.NotAfter.UTC().Format(time.RFC3339), y.NotAfter.UTC().Format(time.RFC3339))
	compare("chain", sameChain(chainA[1:], chainB[1:]), describeChain(chainA), describeChain(chainB))
	return comparisons, same, nil
}

// chain returns the certificates of a file, at least one.
func (f File) chain() ([]*x509.Certificate, error) {
	c, err := f.parse()
	if err == nil && len(c.certificates) == 0 {
		err = fmt.Errorf("%s: it has a private key and no certificate", f.Name)
	}
	return c.certificates, err
}

// sameIssuer compares names, and the identifiers of the issuers' keys if both have one: a
// CA that was made again has the old name.
func sameIssuer(x, y *x509.Certificate) bool {
	if len(x.AuthorityKeyId) > 0 && len(y.AuthorityKeyId) > 0 && !bytes.Equal(x.AuthorityKeyId, y.AuthorityKeyId) {
		return false
	}
	return bytes.Equal(x.RawIssuer, y.RawIssuer)
}

func sameChain(a, b []*x509.Certificate) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func describeKey(c *x509.Certificate) string {
	return keyName(c.PublicKey) + ", SHA-256 " + fingerprint(c.RawSubjectPublicKeyInfo)
}

func describeIssuer(c *x509.Certificate) string {
	if len(c.AuthorityKeyId) == 0 {
		return c.Issuer.String()
	}
	return fmt.Sprintf("%s, key id %x", c.Issuer, c.AuthorityKeyId)
}

func describeChain(chain []*x509.Certificate) string {
	if len(chain) == 1 {
		return "the certificate alone"
	}
	return fmt.Sprintf("%d more", len(chain)-1)
}
