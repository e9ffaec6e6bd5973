//go:build plain && keypair

package worker

import "crypto/tls"

// readKeyPair reads PEM files as [readFiles] does if they are a key pair: a program
// that looks at what it uploads, whatever the client does.
func readKeyPair(certificateFile, keyFile string) (certificate, key string, err error) {
	if _, err := tls.LoadX509KeyPair(certificateFile, keyFile); err != nil {
		return "", "", err
	}
	return readFiles(certificateFile, keyFile)
}
