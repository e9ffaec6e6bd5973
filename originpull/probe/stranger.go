package probe

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// newStranger makes a certificate that differs from ours in its key and in who signed it.
// An origin that refuses it and accepts ours has checked the signature. Without ours it
// makes any leaf.
//
// Its key is of the same kind, so that an origin that refuses a kind of key does not seem
// to refuse a stranger. The chain is the leaf alone: an origin that ignores errors about the
// leaf may still refuse a CA that it does not know.
func newStranger(ours *x509.Certificate) (tls.Certificate, error) {
	key, err := newKey(ours)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, id := make([]byte, 16), make([]byte, 20)
	rand.Read(serial)
	rand.Read(id)
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: "originpull probe"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: "originpull probe, a CA that no one trusts"}, SubjectKeyId: id}
	if ours != nil {
		template.RawSubject, template.NotBefore, template.NotAfter = ours.RawSubject, ours.NotBefore, ours.NotAfter
		template.ExtKeyUsage, template.UnknownExtKeyUsage = ours.ExtKeyUsage, ours.UnknownExtKeyUsage
		for _, extension := range ours.Extensions {
			if extension.Id.Equal(subjectAltName) {
				template.ExtraExtensions = append(template.ExtraExtensions, extension)
			}
		}
		parent.RawSubject = ours.RawIssuer
		if string(ours.RawIssuer) == string(ours.RawSubject) {
			parent = template // self-signed as ours is
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// newKey makes a key of the kind and size of ours. An RSA key has at least 2048 bits, since
// origins refuse a shorter one for that, and at most 4096, which take seconds to make.
func newKey(ours *x509.Certificate) (crypto.Signer, error) {
	if ours == nil {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	switch public := ours.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.GenerateKey(public.Curve, rand.Reader)
	case *rsa.PublicKey:
		return rsa.GenerateKey(rand.Reader, min(max(public.N.BitLen(), 2048), 4096))
	case ed25519.PublicKey:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	default:
		return nil, fmt.Errorf("a key of type %T cannot be made: give a certificate with an ECDSA, RSA or Ed25519 key", public)
	}
}
