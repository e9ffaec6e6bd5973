package drift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// MaxSize is the size in bytes up to which a document is read.
	MaxSize = 64 << 20
	// readTimeout bounds how long fetching a document may take.
	readTimeout = 60 * time.Second
)

// Read reads a document from a file, from standard input (source "-") or from
// an https URL, and parses it as [Parse] does. A document over [MaxSize], an
// answer other than 200, a redirect away from https and an answer that is cut
// short are errors that name the source.
func Read(ctx context.Context, source string) (*Document, error) {
	text, err := readSource(ctx, source)
	if err == nil {
		var doc *Document
		if doc, err = Parse(text); err == nil {
			doc.source = source
			return doc, nil
		}
	}
	return nil, fmt.Errorf("read %s: %w", source, err)
}

func readSource(ctx context.Context, source string) ([]byte, error) {
	switch {
	case source == "-":
		return readLimited(os.Stdin, 0)
	case strings.HasPrefix(source, "https://"):
		return fetch(ctx, http.DefaultTransport, source)
	case strings.Contains(source, "://"):
		return nil, errors.New("only https URLs are fetched")
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readLimited(f, info.Size())
}

// fetch gets a document over https.
func fetch(ctx context.Context, transport http.RoundTripper, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	client := &http.Client{Transport: transport, CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if to.URL.Scheme != "https" {
			return errors.New("redirected away from https")
		}
		if len(via) >= 5 {
			return errors.New("redirected more than five times")
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", answer.Status)
	}
	return readLimited(answer.Body, answer.ContentLength)
}

// readLimited reads up to MaxSize bytes. The size hint saves growing.
func readLimited(r io.Reader, hint int64) ([]byte, error) {
	if hint > MaxSize {
		return nil, fmt.Errorf("larger than %d MiB", MaxSize>>20)
	}
	var buf bytes.Buffer
	if hint > 0 {
		buf.Grow(int(hint) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if n > MaxSize {
		return nil, fmt.Errorf("larger than %d MiB", MaxSize>>20)
	}
	return buf.Bytes(), nil
}
