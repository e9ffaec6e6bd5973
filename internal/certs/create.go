package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// KeyTypes are the kinds of keys that [Create] makes.
var KeyTypes = []string{"ecdsa-p256", "rsa-2048"}

// The lifetimes that [Create] gives by default.
const (
	LeafLifetime = 365 * 24 * time.Hour
	CALifetime   = 10 * LeafLifetime
)

// Order says what [Create] makes.
type Order struct {
	Folder   string        // in which the files are written; it must exist
	Name     string        // common name of the leaf
	KeyType  string        // one of KeyTypes
	Lifetime time.Duration // of the leaf
	// CA and CAKey are the files of a CA that issues the leaf. Both empty: a new CA is made.
	CA, CAKey string
}

// Created is what [Create] has made.
type Created struct {
	Leaf, CA *x509.Certificate
	// LeafFile and KeyFile are what is uploaded; CAFile is what the origin trusts.
	LeafFile, KeyFile, CAFile string
	// CAKeyFile issues the next leaf. It belongs neither on the origin nor to Cloudflare.
	CAKeyFile string
}

const (
	caSuffix = " CA" // of the common name
	mostName = 64    // of a common name, RFC 5280
)

// backdated is how long before now a validity begins, for clocks that are slow.
const backdated = 5 * time.Minute

// ErrInvalid says that something of an [Order] is not possible.
var ErrInvalid = errors.New("invalid")

// Create makes a leaf for client authentication and its key, client.pem and client.key, and
// unless the order has a CA, one with its key, ca.pem and ca.key. The keys are readable by
// their owner only.
//
// No file is replaced: if one of them exists, the error wraps [os.ErrExist] and nothing is
// written. If a file cannot be written, those written before are removed. The error wraps
// [ErrInvalid] if the order is not possible.
func Create(order Order) (Created, error) {
	if err := order.check(); err != nil {
		return Created{}, err
	}
	in := func(name string) string { return filepath.Join(order.Folder, name) }
	created := Created{LeafFile: in("client.pem"), KeyFile: in("client.key"), CAFile: order.CA, CAKeyFile: order.CAKey}
	var files []newFile
	var issuer pair
	var err error
	if order.CA == "" {
		created.CAFile, created.CAKeyFile = in("ca.pem"), in("ca.key")
		issuer, err = makeCA(order)
		files = append(files, newFile{created.CAFile, 0o644, issuer.certificatePEM()}, newFile{created.CAKeyFile, 0o600, issuer.keyPEM()})
	} else {
		issuer, err = readCA(order)
	}
	if err != nil {
		return Created{}, err
	}
	leaf, err := makeLeaf(order, issuer)
	if err != nil {
		return Created{}, err
	}
	created.Leaf, created.CA = leaf.certificate, issuer.certificate
	files = append(files, newFile{created.LeafFile, 0o644, leaf.certificatePEM()}, newFile{created.KeyFile, 0o600, leaf.keyPEM()})
	if err := writeNew(files); err != nil {
		return Created{}, err
	}
	return created, nil
}

func (o Order) check() error {
	const mostYears = 100
	switch {
	case (o.CA == "") != (o.CAKey == ""):
		return fmt.Errorf("%w: the CA and its key: give both, or neither for a new CA", ErrInvalid)
	case strings.TrimSpace(o.Name) == "" || len(o.Name+caSuffix) > mostName || !utf8.ValidString(o.Name) || strings.ContainsFunc(o.Name, func(r rune) bool { return !strconv.IsPrint(r) }):
		return fmt.Errorf("%w: the name %q: want printable text of at most %d bytes", ErrInvalid, o.Name, mostName-len(caSuffix))
	case !slices.Contains(KeyTypes, o.KeyType):
		return fmt.Errorf("%w: the key type %q: want one of %s", ErrInvalid, o.KeyType, strings.Join(KeyTypes, ", "))
	case o.Lifetime < time.Hour || o.Lifetime > mostYears*LeafLifetime:
		return fmt.Errorf("%w: the lifetime %v: want an hour to %d years", ErrInvalid, o.Lifetime, mostYears)
	case o.CA == "" && o.Lifetime > CALifetime:
		return fmt.Errorf("%w: the lifetime %v: the CA is valid for %v, and the certificate would outlive it", ErrInvalid, o.Lifetime, CALifetime)
	}
	return nil
}

// pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func (p pair) certificatePEM() []byte {
	if p.certificate == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.certificate.Raw})
}

func (p pair) keyPEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return nil // it was not made
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func makeCA(order Order) (pair, error) {
	ca := template(order.Name+caSuffix, CALifetime)
	ca.IsCA, ca.MaxPathLenZero = true, true
	ca.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	return issue(ca, order.KeyType, nil)
}

// readCA reads the CA of an order, and checks that it can issue the leaf.
func readCA(order Order) (pair, error) {
	certificate, err := only(order.CA, func(c content) []*x509.Certificate { return c.certificates }, "certificate")
	if err != nil {
		return pair{}, err
	}
	key, err := only(order.CAKey, func(c content) []crypto.Signer { return c.keys }, "unencrypted private key")
	if err != nil {
		return pair{}, err
	}
	now := time.Now()
	subject := certificate.Subject.String()
	switch {
	case !fits(key, certificate):
		return pair{}, fmt.Errorf("%w: the private key in %s does not belong to %q in %s", ErrInvalid, order.CAKey, subject, order.CA)
	case !certificate.BasicConstraintsValid || !certificate.IsCA || certificate.KeyUsage != 0 && certificate.KeyUsage&x509.KeyUsageCertSign == 0:
		return pair{}, fmt.Errorf("%w: %q in %s is not a CA, or may not sign certificates", ErrInvalid, subject, order.CA)
	case weakKey(certificate) != "":
		return pair{}, fmt.Errorf("%w: the CA %q: %s, and common origins refuse what it signs: make a new CA", ErrInvalid, subject, weakKey(certificate))
	case now.After(certificate.NotAfter) || now.Before(certificate.NotBefore):
		return pair{}, fmt.Errorf("%w: the CA %q has expired or is not yet valid: it is valid from %s until %s", ErrInvalid, subject, day(certificate.NotBefore), day(certificate.NotAfter))
	case now.Add(order.Lifetime).After(certificate.NotAfter):
		return pair{}, fmt.Errorf("%w: the CA %q is valid until %s, and the certificate would outlive it: give a shorter lifetime, or make a new CA", ErrInvalid, subject, day(certificate.NotAfter))
	}
	return pair{certificate, key}, nil
}

// only returns the one thing of its kind that a file has.
func only[T any](name string, get func(content) []T, kind string) (one T, err error) {
	file, err := Read(name)
	if err != nil {
		return one, err
	}
	c, err := file.parse()
	if err != nil {
		return one, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if all := get(c); len(all) == 1 {
		return all[0], nil
	}
	return one, fmt.Errorf("%w: %s: want exactly one %s in it, and there are %d", ErrInvalid, name, kind, len(get(c)))
}

func makeLeaf(order Order, ca pair) (pair, error) {
	leaf := template(order.Name, order.Lifetime)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if leaf.NotBefore.Before(ca.certificate.NotBefore) {
		leaf.NotBefore = ca.certificate.NotBefore
	}
	return issue(leaf, order.KeyType, &ca)
}

func template(name string, lifetime time.Duration) *x509.Certificate {
	now := time.Now()
	serial := make([]byte, 16)
	rand.Read(serial)
	serial[0] = serial[0]&0x3f | 0x40 // positive, and always of the same length
	return &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(lifetime),
		BasicConstraintsValid: true,
	}
}

// issue makes a key and a certificate for it, signed by a CA or by the key itself.
func issue(template *x509.Certificate, keyType string, ca *pair) (pair, error) {
	key, err := newKey(keyType)
	if err != nil {
		return pair{}, err
	}
	signer := pair{template, key}
	if ca != nil {
		signer = *ca
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, key.Public(), signer.key)
	if err != nil {
		return pair{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	return pair{certificate, key}, err
}

func newKey(keyType string) (crypto.Signer, error) {
	if keyType == "rsa-2048" {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// newFile is a file to be written.
type newFile struct {
	name string
	mode os.FileMode
	data []byte
}

// writeNew writes files that do not exist, all of them or none.
func writeNew(files []newFile) (err error) {
	for _, f := range files {
		if _, err := os.Lstat(f.name); err == nil {
			return fmt.Errorf("%s: %w: no file is replaced, and none was written", f.name, os.ErrExist)
		}
	}
	var written []string
	defer func() {
		if err != nil {
			for _, name := range written {
				os.Remove(name)
			}
		}
	}()
	for _, f := range files {
		file, err := os.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
		if err != nil {
			return err
		}
		written = append(written, f.name)
		_, err = file.Write(f.data)
		if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}
