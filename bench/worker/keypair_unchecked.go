//go:build plain && !keypair

package worker

// readKeyPair reads PEM files, whatever they hold.
func readKeyPair(certificateFile, keyFile string) (certificate, key string, err error) {
	return readFiles(certificateFile, keyFile)
}
