package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
)

func newOrigin(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "origin",
		Short: "Check and configure what the origin does about client certificates",
		Long: `Origin is about the other end: Authenticated Origin Pulls protect an origin only if it
refuses everyone else. Its commands need no credentials of the API.`,
		Example: `  originpull origin config nginx --ca ca.pem > origin.conf
  originpull origin check 192.0.2.1 --server-name www.example.com --cert client.pem --key client.key`,
	}
	cmd.AddCommand(newOriginCheck(logger), newOriginConfig())
	return cmd
}

const maxCertificates = 4 << 20 // bytes

// readCertificates reads a file of certificates in PEM, and of nothing else.
func readCertificates(name string) ([]*x509.Certificate, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rest, err := io.ReadAll(io.LimitReader(file, maxCertificates+1))
	if err != nil {
		return nil, err
	}
	if len(rest) > maxCertificates {
		return nil, fmt.Errorf("it has more than %d bytes", maxCertificates)
	}
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it has a block %q: want certificates and nothing else", block.Type)
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be parsed: %w", len(all)+1, err)
		}
		all = append(all, one)
	}
	switch {
	case bytes.Contains(rest, []byte("-----BEGIN")):
		return nil, fmt.Errorf("after %d certificates it has a block that is not PEM", len(all))
	case len(all) == 0:
		return nil, errors.New("it has no certificate in PEM")
	}
	return all, nil
}
