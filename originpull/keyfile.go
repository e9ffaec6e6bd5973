package originpull

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"
)

// mostFile is the largest file that is read, in bytes. A chain with its key has a few
// thousand.
const mostFile = 1 << 20

// readFile reads a file, also a pipe such as /dev/stdin. If name is not a path but a key,
// it is refused: the error of a missing file would show it.
func readFile(name string) ([]byte, error) {
	content, err := readAll(name)
	if err == nil {
		return content, nil
	}
	const longestName = 64 // of one that could also be base64
	_, notBase64 := base64.StdEncoding.DecodeString(name)
	if strings.ContainsAny(name, "\n\r") || strings.Contains(name, "-----BEGIN") || notBase64 == nil && len(name) > longestName {
		return nil, fmt.Errorf("%w: it looks like the content of a file, want the path: pass PEM to ParseKeyPair", ErrInvalidInput)
	}
	return nil, err
}

func readAll(name string) ([]byte, error) {
	// Without O_NONBLOCK, opening a named pipe would wait for a writer.
	file, err := os.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var content bytes.Buffer
	switch _, err := io.CopyN(&content, file, mostFile+1); err {
	case io.EOF:
		return content.Bytes(), nil
	case nil:
		return nil, &os.PathError{Op: "read", Path: name, Err: fmt.Errorf("%w: it has more than 1 MiB, want a certificate or a key", ErrInvalidInput)}
	default:
		return nil, err
	}
}
