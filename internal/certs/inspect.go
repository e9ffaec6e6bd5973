package certs

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Certificate describes a certificate. Its JSON is that of originpull cert inspect.
type Certificate struct {
	File         string    `json:"file"`
	Subject      string    `json:"subject"`
	Issuer       string    `json:"issuer"`
	SelfSigned   bool      `json:"self_signed"`
	CA           bool      `json:"ca"`
	SHA256       string    `json:"sha256"`
	SerialNumber string    `json:"serial_number"` // hexadecimal
	NotBefore    time.Time `json:"not_before"`
	NotAfter     time.Time `json:"not_after"`
	DaysLeft     int       `json:"days_left"` // negative if it has expired
	Key          string    `json:"key"`       // such as "ECDSA P-256"
	Signature    string    `json:"signature"`
	ExtKeyUsage  []string  `json:"ext_key_usage"`
	// PrivateKey is the file with its private key, empty if it is in none.
	PrivateKey string `json:"private_key"`
	// Cloudflare is whether Cloudflare would accept it in an upload with its key, and Origins
	// whether common origins would that trust it or its CA.
	Cloudflare Judgement `json:"cloudflare"`
	Origins    Judgement `json:"origins"`
}

// Judgement is whether a certificate is accepted, and why not.
type Judgement struct {
	Verdict Verdict  `json:"verdict"`
	Reasons []string `json:"reasons"`
}

// Verdict is accepted, refused or unknown.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted"
	Refused  Verdict = "refused"
	Unknown  Verdict = "unknown"
)

// judgement refuses a certificate if there is a reason.
func judgement(reasons ...string) Judgement {
	if len(reasons) == 0 {
		return Judgement{Accepted, []string{}}
	}
	return Judgement{Refused, reasons}
}

// String returns the judgement as one line.
func (j Judgement) String() string {
	if len(j.Reasons) == 0 {
		return string(j.Verdict)
	}
	return string(j.Verdict) + ": " + strings.Join(j.Reasons, "; ")
}

// Report is what [Inspect] has found.
type Report struct {
	Certificates []Certificate
	// Stray are the files with a private key that belongs to none of the certificates, and
	// Encrypted those with one that cannot be compared.
	Stray, Encrypted []string
}

// Inspect describes the certificates in files, and says to which of them the private keys
// in the files belong.
func Inspect(files []File, now time.Time) (Report, error) {
	report := Report{Certificates: []Certificate{}}
	var parsed []*x509.Certificate
	contents := make([]content, len(files))
	for i, f := range files {
		c, err := f.parse()
		if err != nil {
			return Report{}, err
		}
		contents[i] = c
		for _, certificate := range c.certificates {
			parsed = append(parsed, certificate)
			report.Certificates = append(report.Certificates, describe(f.Name, certificate, now))
		}
	}
	for i, c := range contents {
		if c.encrypted {
			report.Encrypted = append(report.Encrypted, files[i].Name)
		}
		for _, key := range c.keys {
			if !report.claim(files[i].Name, key, parsed) {
				report.Stray = append(report.Stray, files[i].Name)
			}
		}
	}
	return report, nil
}

// claim notes to which certificates a key belongs, and reports whether there is one.
func (r *Report) claim(file string, key crypto.Signer, parsed []*x509.Certificate) (claimed bool) {
	for i, c := range parsed {
		if fits(key, c) {
			r.Certificates[i].PrivateKey, claimed = file, true
		}
	}
	return claimed
}

func describe(file string, c *x509.Certificate, now time.Time) Certificate {
	left := c.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	if left < 0 {
		days-- // expired an hour ago is not 0 days left
	}
	return Certificate{
		File: file, Subject: c.Subject.String(), Issuer: c.Issuer.String(), CA: c.IsCA, SHA256: fingerprint(c.Raw),
		SerialNumber: c.SerialNumber.Text(16), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), DaysLeft: days,
		Key: keyName(c.PublicKey), Signature: c.SignatureAlgorithm.String(), ExtKeyUsage: usages(c),
		SelfSigned: isSelfSigned(c), Cloudflare: cloudflareJudges(c), Origins: judgement(originsRefuse(c, now)...),
	}
}

// cloudflareJudges says what is known of the API: it refuses a CA, accepts RSA and ECDSA,
// and does not look at validity or key usages.
func cloudflareJudges(c *x509.Certificate) Judgement {
	if c.IsCA {
		return judgement("it is a CA, and only a leaf can be uploaded")
	}
	switch c.PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return judgement()
	}
	return Judgement{Unknown, []string{"whether it accepts a key of type " + keyName(c.PublicKey) + " is not known"}}
}

// originsRefuse returns why common origins refuse a certificate as a client's: nginx,
// Apache and HAProxy with OpenSSL as Debian sets it up, and Go.
func originsRefuse(c *x509.Certificate, now time.Time) []string {
	var why []string
	if now.After(c.NotAfter) {
		why = append(why, "it has expired")
	}
	if now.Before(c.NotBefore) {
		why = append(why, "it is not valid yet")
	}
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		why = append(why, "its extended key usage lacks clientAuth")
	}
	if weak := weakKey(c); weak != "" {
		why = append(why, weak)
	}
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		why = append(why, "its signature, "+c.SignatureAlgorithm.String()+", is too weak")
	case x509.UnknownSignatureAlgorithm:
		why = append(why, "its signature algorithm is not known")
	}
	return why
}

// weakKey returns why the key of a certificate is too weak, empty if it is not.
func weakKey(c *x509.Certificate) string {
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		return fmt.Sprintf("its RSA key has %d bits, which is too weak", key.N.BitLen())
	}
	return ""
}

// isSelfSigned checks the signature, where package x509 does: not with SHA-1 and MD5.
func isSelfSigned(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, unchecked := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || unchecked
}

func keyName(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}

// usageNames are the extended key usages as RFC 5280 and OpenSSL call them.
var usageNames = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny: "any", x509.ExtKeyUsageServerAuth: "serverAuth", x509.ExtKeyUsageClientAuth: "clientAuth",
	x509.ExtKeyUsageCodeSigning: "codeSigning", x509.ExtKeyUsageEmailProtection: "emailProtection",
	x509.ExtKeyUsageTimeStamping: "timeStamping", x509.ExtKeyUsageOCSPSigning: "OCSPSigning",
}

func usages(c *x509.Certificate) []string {
	names := []string{}
	for _, usage := range c.ExtKeyUsage {
		name := usageNames[usage]
		if name == "" {
			name = "other"
		}
		names = append(names, name)
	}
	for _, oid := range c.UnknownExtKeyUsage {
		names = append(names, oid.String())
	}
	return names
}
