package main

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// caName is the common name of the CA. By it a file that a run has left is recognised.
const caName = "originpull serve, CA of one run"

// caFile is the file with the CA's certificate.
type caFile struct {
	path      string
	temporary bool
}

func (f caFile) remove() {
	if f.temporary {
		os.Remove(f.path)
	}
}

// listenTLS has the simulator listen, and then writes the CA's certificate: if the port is
// taken, the file is as it was.
func listenTLS(simulator *originpulltest.Simulator, f serveFlags) (caFile, error) {
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return caFile{}, err
	}
	ca, server, err := identity(host)
	if err != nil {
		return caFile{}, cli.Usage("--addr %q: no certificate can be made for that host: %w", f.addr, err)
	}
	if err := simulator.ListenTLS(f.addr, server); err != nil {
		return caFile{}, cannotListen("--addr", f.addr, err)
	}
	written, err := writeCA(f.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}))
	if err != nil {
		return caFile{}, cli.Usage("cannot write the CA's certificate: %w: choose another file with --tls-ca", err)
	}
	return written, nil
}

// identity makes a CA, and a server's certificate for this machine and host. A client may
// come to trust the CA for more than it should. So its key is really secret, not one of
// the marked keys of tests, and is forgotten here.
func identity(host string) (*x509.Certificate, tls.Certificate, error) {
	caKey, key := testpki.EC(elliptic.P256()), testpki.EC(elliptic.P256())
	ca := template(caName)
	ca.IsCA, ca.MaxPathLenZero, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err == nil {
		ca, err = x509.ParseCertificate(der)
	}
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	server := template("originpull serve")
	server.KeyUsage, server.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = []string{"localhost"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip, err := netip.ParseAddr(host); err == nil {
		server.IPAddresses = append(server.IPAddresses, ip.WithZone("").AsSlice())
	} else if host != "" {
		server.DNSNames = append(server.DNSNames, host)
	}
	der, err = x509.CreateCertificate(rand.Reader, server, ca, key.Public(), caKey)
	return ca, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes([]byte(rand.Text()[:16])),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0), // longer than any run
		BasicConstraintsValid: true,
	}
}

// checkCAFile returns the error of a file for --tls-ca that must not be replaced: one that
// exists and is not the CA of an earlier run, such as a key or the system's list of CAs.
func checkCAFile(name string) error {
	if name == "" {
		return cli.Usage("--tls-ca is empty: want the name of a file; leave it out for a temporary one")
	}
	data, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(name)); err != nil {
			return cli.Usage("--tls-ca %q: its folder: %w", name, cause(err))
		}
		return nil
	}
	if err != nil {
		return cli.Usage("--tls-ca %q: %w", name, err)
	}
	block, rest := pem.Decode(data)
	if block != nil && len(rest) == 0 {
		if ca, err := x509.ParseCertificate(block.Bytes); err == nil && ca.Subject.CommonName == caName {
			return nil
		}
	}
	return cli.Usage("--tls-ca %q: it exists and is not the CA of an earlier run: want the name of a new file, which is written", name)
}

// writeCA writes the CA's certificate, which anyone may read, to a file or, without a
// name, to a temporary one.
func writeCA(name string, certificate []byte) (caFile, error) {
	if name != "" {
		if err := atomicfile.Write(name, certificate); err != nil {
			return caFile{}, err
		}
		path, err := filepath.Abs(name)
		return caFile{path: path}, err
	}
	file, err := os.CreateTemp("", "originpull-ca-*.pem")
	if err != nil {
		return caFile{}, err
	}
	_, err = file.Write(certificate)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		os.Remove(file.Name())
	}
	return caFile{path: file.Name(), temporary: true}, err
}
