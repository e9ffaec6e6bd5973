package originpull

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// parseChain parses the certificates of certPEM, the leaf first and each signed by the
// next. It leaves out anything else in certPEM.
func parseChain(certPEM []byte) ([]*x509.Certificate, error) {
	blocks, err := parseBlocks(certPEM)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	var chain []*x509.Certificate
	for _, block := range blocks {
		if block.Type != "CERTIFICATE" {
			continue // the key in the same file
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		return nil, errors.New("no CERTIFICATE block in the certificate's PEM: is it PEM, and not the key or DER?" + insteadOf(certPEM, blocks))
	}
	if chain[0].IsCA {
		return nil, fmt.Errorf("%w: %q is a CA: the leaf comes first, and a CA cannot be uploaded", ErrNotLeaf, &chain[0].Subject)
	}
	for i, issuer := range chain[1:] {
		if why := notIssuedBy(chain[i], issuer); why != "" {
			return nil, fmt.Errorf("certificate %d, %q, is not the issuer of the one before: %s; the leaf comes first, then the certificate that signed it", i+2, &issuer.Subject, why)
		}
	}
	return chain, nil
}

// encodeChain returns the PEM of the certificates.
func encodeChain(chain []*x509.Certificate) (text string) {
	for _, certificate := range chain {
		text += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
	}
	return text
}

// notIssuedBy returns why certificate was not issued by issuer, empty if it was. As
// OpenSSL does, it wants a CA of the issuer's name, whatever the encoding of the name, and
// a signature by its key. Where the signature cannot be checked, the identifiers of the
// keys have to match, if both certificates have one.
func notIssuedBy(certificate, issuer *x509.Certificate) string {
	if !sameName(certificate.Issuer.Names, issuer.Subject.Names) {
		return fmt.Sprintf("that was issued by %q", &certificate.Issuer)
	}
	if !isCA(issuer) {
		return "it is not a CA, or may not sign certificates"
	}
	if key, ok := issuer.PublicKey.(*rsa.PublicKey); !ok || key.Size() >= leastChecked && certificate.SignatureAlgorithm != x509.MD5WithRSA {
		// Of a request, and not of a certificate, package x509 also checks SHA-1.
		err := (&x509.CertificateRequest{
			SignatureAlgorithm: certificate.SignatureAlgorithm, RawTBSCertificateRequest: certificate.RawTBSCertificate,
			Signature: certificate.Signature, PublicKey: issuer.PublicKey,
		}).CheckSignature()
		if err == nil {
			return ""
		}
		if err != x509.ErrUnsupportedAlgorithm {
			return "it has the issuer's name, but that is not signed by its key"
		}
	}
	if a, b := certificate.AuthorityKeyId, issuer.SubjectKeyId; len(a) > 0 && len(b) > 0 && !bytes.Equal(a, b) {
		return "it has the issuer's name and another key"
	}
	return ""
}

// leastChecked is the size of the smallest key, in bytes, with which package rsa checks
// signatures.
const leastChecked = 1024 / 8

// isCA reports whether a certificate may sign others. The first versions of X.509 have no
// mark for that: OpenSSL then takes a root for one.
func isCA(c *x509.Certificate) bool {
	switch {
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return false
	case c.BasicConstraintsValid:
		return c.IsCA
	}
	return c.KeyUsage != 0 || c.Version < 3 && sameName(c.Subject.Names, c.Issuer.Names)
}

// sameName compares two names as RFC 5280, section 7.1 says: regardless of case, white
// space and the type of a string. The order of the parts is left out, since within a set it
// depends on how they are encoded. Characters that Unicode can write in several ways are
// compared as they are written.
func sameName(a, b []pkix.AttributeTypeAndValue) bool {
	return slices.Equal(canonicalName(a), canonicalName(b))
}

func canonicalName(name []pkix.AttributeTypeAndValue) (parts []string) {
	for _, part := range name {
		value := strings.ToLower(strings.ToUpper(fmt.Sprint(part.Value))) // both, since small letters can share a capital
		parts = append(parts, fmt.Sprintf("%v=%q", part.Type, strings.Fields(value)))
	}
	slices.Sort(parts)
	return parts
}

// checkStrength refuses what common origins do not accept: OpenSSL as it is set up in
// Debian, and so nginx, Apache and HAProxy there. Of a root, which is not checked by a
// signature, its own signature does not matter.
func checkStrength(chain []*x509.Certificate) error {
	const leastBits = 2048
	for i, c := range chain {
		why := ""
		if hash := weakHash(c); hash != "" && (i == 0 || i < len(chain)-1 || !sameName(c.Subject.Names, c.Issuer.Names)) {
			why = "is signed with " + hash
		}
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < leastBits {
			why = fmt.Sprintf("has an RSA key of %d bits", key.N.BitLen())
		}
		if why != "" {
			return fmt.Errorf("%w: %q %s, and common origins refuse that: make a new one with RSA 2048 or ECDSA P-256, signed with SHA-256, or accept this one with AllowWeak", ErrWeak, &c.Subject, why)
		}
	}
	return nil
}

// weakHash returns the name of the hash of a certificate's signature if it is broken, else
// nothing.
func weakHash(c *x509.Certificate) string {
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		return "SHA-1"
	case x509.MD5WithRSA:
		return "MD5"
	case x509.UnknownSignatureAlgorithm:
	default:
		return ""
	}
	var signed struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
	}
	asn1.Unmarshal(c.Raw, &signed) // it was parsed before
	switch signed.Algorithm.Algorithm.String() {
	case "1.2.840.113549.1.1.2":
		return "MD2"
	case "1.2.840.113549.1.1.3":
		return "MD4"
	case "1.2.840.113549.1.1.10": // RSA-PSS, whose hash is SHA-1 unless another one is named
		if sha2 := []byte{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02}; !bytes.Contains(signed.Algorithm.Parameters.FullBytes, sha2) {
			return "SHA-1 or MD5"
		}
	}
	return ""
}
