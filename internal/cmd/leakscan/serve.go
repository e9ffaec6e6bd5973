package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

const zone = "023e105f4ecef8ad9ca31a8372d0c353"

// serves are the ways in which the simulator is run as a program.
var serves = [][]string{
	{"serve", "--debug"},
	{"serve", "--debug", "--tls", "--tls-ca", "ca.pem", "--zone", zone, "--certificate", "both.pem", "--deployment-fails", "--deprecated"},
}

// serve runs the simulator as a program with a marked token, in a folder below the
// program's. It uploads a marked key to it, ends it, and returns what it printed, with the
// file that it wrote.
func serve(ctx context.Context, program string, args []string) output {
	o := output{of: "originpull " + strings.Join(args, " ")}
	token := testpki.Token()
	dir, err := os.MkdirTemp(filepath.Dir(program), "serve")
	if err == nil {
		leaf := testpki.Leaf("leakscan, seeded", nil)
		err = os.WriteFile(filepath.Join(dir, "both.pem"), append(leaf.KeyPEM(), leaf.CertPEM()...), 0o600)
	}
	if err != nil {
		o.err = err
		return o
	}
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, program, append(args, "--addr", "127.0.0.1:0", "--token", token)...)
	cmd.Dir = dir
	cmd.Stderr = &printed
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		o.err = err
		return o
	}
	lines := bufio.NewReader(stdout)
	url, err := lines.ReadString('\n')
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var ca []byte
	if err == nil && strings.HasPrefix(url, "https:") {
		ca, err = trust(transport, lines)
	}
	if err == nil {
		err = upload(ctx, transport, strings.TrimSpace(url), token)
	}
	cmd.Process.Signal(os.Interrupt)
	o.err = errors.Join(err, cmd.Wait())
	o.text = append(append(printed.Bytes(), url...), ca...)
	return o
}

// trust has the transport trust the CA whose file the program has printed, and returns
// the content of that file.
func trust(transport *http.Transport, lines *bufio.Reader) ([]byte, error) {
	file, err := lines.ReadString('\n')
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(strings.TrimSpace(file))
	if err != nil {
		return nil, err
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(ca) {
		return nil, errors.New("the file of the CA holds no certificate")
	}
	return ca, nil
}

func upload(ctx context.Context, transport *http.Transport, url, token string) error {
	client, err := originpull.New(originpull.WithToken(token), originpull.WithBaseURL(url), originpull.WithTransport(transport))
	if err != nil {
		return err
	}
	zone, err := client.Zone(zone)
	if err != nil {
		return err
	}
	leaf := testpki.Leaf("leakscan", nil)
	pair, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
	if err != nil {
		return err
	}
	_, err = zone.Certificates.Upload(ctx, pair)
	return err
}
