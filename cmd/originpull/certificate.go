package main

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const maxFile = 1 << 20 // more than any chain of certificates

// readLeaves reads the certificates of --certificate.
func readLeaves(files []string) ([]*x509.Certificate, error) {
	var leaves []*x509.Certificate
	for _, file := range files {
		leaf, err := readLeaf(file)
		if err != nil {
			return nil, cli.Usage("--certificate %q: %w", file, err)
		}
		if slices.ContainsFunc(leaves, leaf.Equal) {
			return nil, cli.Usage("--certificate %q: it was given twice, and a zone has a certificate once", file)
		}
		leaves = append(leaves, leaf)
	}
	return leaves, nil
}

// readLeaf returns the first certificate of a file, which may be that of a chain. As for an
// upload, it must not be a CA. A private key in the file is ignored.
func readLeaf(file string) (*x509.Certificate, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	leaf, rest, err := nextCertificate(data)
	switch {
	case err != nil:
		return nil, err
	case leaf == nil && bytes.HasPrefix(data, []byte{0x30}):
		return nil, errors.New("it is not PEM but perhaps DER: convert it with openssl x509 -inform der")
	case leaf == nil:
		return nil, errors.New("it holds no whole certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
	case leaf.IsCA:
		return nil, errors.New("it is a CA, which the API refuses: want a leaf, made with basicConstraints=critical,CA:FALSE")
	}
	return leaf, chain(leaf, rest)
}

// chain requires each further certificate to be that of the issuer of the one before it.
func chain(last *x509.Certificate, data []byte) error {
	for {
		next, rest, err := nextCertificate(data)
		switch {
		case err != nil || next == nil:
			return err
		case !bytes.Equal(last.RawIssuer, next.RawSubject):
			return errors.New("it holds several certificates that are no chain: give one file for each")
		}
		last, data = next, rest
	}
}

func readFile(name string) ([]byte, error) {
	if name == "" {
		return nil, errors.New("want the name of a file in PEM")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, errors.New("it has more than 1 MiB: want a certificate in PEM")
	}
	return data, cause(err)
}

// cause returns the error of a file without its name, which the caller says.
func cause(err error) error {
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		return failed.Err
	}
	return err
}

// nextCertificate returns the first certificate in PEM, nil if there is none, and what
// follows it.
func nextCertificate(data []byte) (*x509.Certificate, []byte, error) {
	for {
		block, rest := pem.Decode(data)
		switch {
		case block == nil:
			return nil, nil, nil
		case block.Type == "CERTIFICATE":
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, errors.New("its certificate cannot be read: it is damaged")
			}
			return certificate, rest, nil
		}
		data = rest
	}
}

// furnish gives the simulator a zone with certificates.
func furnish(simulator *originpulltest.Simulator, zone string, leaves []*x509.Certificate) error {
	if err := simulator.AddZone(zone); err != nil {
		return err
	}
	for _, leaf := range leaves {
		pair := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: noKey{leaf.PublicKey}}
		if _, err := simulator.AddCertificate(zone, pair); err != nil {
			return err
		}
	}
	return nil
}

// noKey is in the place of a certificate's private key, which only a pull needs. Clients
// of serve cannot make one.
type noKey struct{ public crypto.PublicKey }

func (k noKey) Public() crypto.PublicKey { return k.public }

func (noKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the private key is not known")
}
