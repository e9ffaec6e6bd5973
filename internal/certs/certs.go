// Package certs makes the certificates of Authenticated Origin Pulls, describes them and
// compares them. What it returns and its errors show nothing of a private key.
package certs

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// File is the name and the content of a file.
type File struct {
	Name string
	Data []byte
}

const maxFile = 1 << 20 // more than any chain of certificates

// Read reads a file of at most 1 MiB, which may be a pipe.
func Read(name string) (File, error) {
	file, err := os.Open(name)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errors.New("it has more than 1 MiB: want a certificate or a key in PEM")
	}
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	return File{name, data}, nil
}

// content is what a file has.
type content struct {
	certificates []*x509.Certificate
	keys         []crypto.Signer
	encrypted    bool // there is a key that is encrypted
}

// parse reads certificates and keys in PEM, or one certificate in DER. [pem.Decode] skips
// what it cannot decode, so blocks are counted.
func (f File) parse() (content, error) {
	var c content
	if certificate, err := x509.ParseCertificate(f.Data); err == nil { // DER
		c.certificates = []*x509.Certificate{certificate}
		return c, nil
	}
	begin := []byte("-----BEGIN ")
	text := f.Data
	for n := range bytes.Count(text, begin) {
		block, rest := pem.Decode(text)
		if block == nil || bytes.Count(text[:len(text)-len(rest)], begin) != 1 {
			return c, fmt.Errorf("%s: PEM block %d is broken: copy it completely", f.Name, n+1)
		}
		if err := c.add(block); err != nil {
			return c, fmt.Errorf("%s: PEM block %d: %w", f.Name, n+1, err)
		}
		text = rest
	}
	if len(c.certificates)+len(c.keys) == 0 && !c.encrypted {
		return c, fmt.Errorf("%s: it has neither a certificate nor a private key: want PEM, which begins with -----BEGIN", f.Name)
	}
	return c, nil
}

func (c *content) add(block *pem.Block) error {
	switch {
	case block.Type == "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		c.certificates = append(c.certificates, certificate)
	case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		c.encrypted = true
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		key, ok := parseKey(block.Bytes)
		if !ok {
			return errors.New("the private key cannot be parsed: want PKCS #8, PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519")
		}
		c.keys = append(c.keys, key)
	}
	return nil
}

func parseKey(der []byte) (crypto.Signer, bool) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		signer, ok := key.(crypto.Signer)
		return signer, ok
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, true
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, true
	}
	return nil, false
}

// fits reports whether key is the private key of a certificate.
func fits(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
