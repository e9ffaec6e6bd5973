package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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
// an https URL, and parses it as [Parse] does. Of a URL only scheme, host and
// path are kept and shown, since the rest may be a secret; one that names a user
// is refused. A document over [MaxSize], an
// response other than 200, a redirect away from https and a response that is cut
// short are errors that name the source.
func Read(ctx context.Context, source string) (*Document, error) {
	text, err := readSource(ctx, source)
	source = publicSource(source)
	if err == nil {
		var doc *Document
		if doc, err = Parse(text); err == nil {
			doc.source = source
			return doc, nil
		}
	}
	return nil, fmt.Errorf("read %s: %w", source, err)
}

// publicSource returns a source without what may be secret in a URL: the user,
// the query and the fragment.
func publicSource(source string) string {
	scheme, rest, isURL := strings.Cut(source, "://")
	if !isURL {
		return source
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	host, path, slash := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if slash {
		path = "/" + path
	}
	return scheme + "://" + host + path
}

// RecordedSource returns what the lock says of a source: of a file its name alone,
// since its folder is that of one machine; of a URL what [publicSource] leaves; nothing of
// a text that has none.
func RecordedSource(source string) string {
	switch {
	case source == "":
		return ""
	case source == "-":
		return "standard input"
	case strings.Contains(source, "://"):
		return publicSource(source)
	}
	return filepath.Base(source)
}

func readSource(ctx context.Context, source string) ([]byte, error) {
	switch {
	case source == "-":
		return readLimited(os.Stdin, 0)
	case strings.Contains(source, "://"):
		address, err := httpsURL(source)
		if err != nil {
			return nil, err
		}
		return fetch(ctx, http.DefaultTransport, address)
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

func httpsURL(source string) (string, error) {
	u, err := url.Parse(source)
	switch {
	case err != nil: // which would repeat the address
		return "", errors.New("the URL is malformed")
	case u.Scheme != "https":
		return "", errors.New("only https URLs are fetched")
	case u.User != nil:
		return "", errors.New("a URL with a user or a password is not fetched")
	case u.Host == "":
		return "", errors.New("the URL names no host")
	}
	return u.String(), nil
}

// fetch gets a document over https.
func fetch(ctx context.Context, transport http.RoundTripper, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	client := &http.Client{Transport: transport, CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if to.URL.Scheme != "https" {
			return errors.New("redirected away from https")
		}
		if to.URL.User != nil {
			return errors.New("redirected to a URL with a user or a password")
		}
		if len(via) >= 5 {
			return errors.New("redirected more than five times")
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return nil, failed.Err // without the address, of which the query may be secret
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server responded with %s", response.Status)
	}
	return readLimited(response.Body, response.ContentLength)
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
