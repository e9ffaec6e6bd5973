package origin

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	maxFile       = 1 << 20 // more than any set of CAs
	watchInterval = time.Second
)

// Files is a [Source] of certificates in PEM files. Make it with [LoadFiles].
type Files struct {
	names  []string
	bundle Bundle

	mu       sync.Mutex // held from reading to use, so that an older content never replaces a newer one; no handshake takes it
	contents [][]byte   // from which the bundle was made
}

// LoadFiles reads the certificates that are trusted from PEM files, all of them together.
// They are read again by [Files.Reload] and [Files.Watch] only.
//
// A file must be a regular file or a symbolic link to one, of at most 1 MiB, and have only
// certificates, at least one. A broken one or any other block, such as a private key, is an
// error, so that none is left out by mistake. It is an error too if all have expired.
func LoadFiles(names ...string) (*Files, error) {
	if len(names) == 0 {
		return nil, errors.New("origin: no file: give the names of files with the trusted certificates in PEM")
	}
	f := &Files{names: slices.Clone(names)}
	if _, err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Certificates returns the certificates that were read last without an error. Do not modify
// them.
func (f *Files) Certificates() ([]*x509.Certificate, error) {
	if f == nil {
		return nil, ErrNoCertificates
	}
	return f.bundle.Certificates()
}

// Updated returns a channel that is closed when other certificates have been read.
func (f *Files) Updated() <-chan struct{} {
	if f == nil {
		return nil
	}
	return f.bundle.Updated()
}

// Reload reads the files, and reports whether their content has changed. If one of them
// cannot be read, or is not as [LoadFiles] wants it, the certificates stay as they are.
func (f *Files) Reload() (changed bool, err error) {
	if f == nil {
		return false, errors.New("origin: the Files are nil")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	contents, err := f.read()
	if err != nil {
		return false, err
	}
	return f.use(contents)
}

// Watch reads the files once a second until ctx ends, and uses a new content when it has
// read it twice in a row: a file that is being written is not used. If a file is bad, the
// certificates stay as they are.
//
// It logs each change at level Info, and what is wrong with a file at level Error, once
// until that changes. A nil logger is [slog.Default]. Run Watch in a goroutine of its own;
// a slow disk then delays no handshake.
func (f *Files) Watch(ctx context.Context, logger *slog.Logger) {
	if logger == nil {
		logger = slog.Default()
	}
	if f == nil {
		logger.Error("origin: the Files are nil: nothing is watched")
		return
	}
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	var before reading
	reported := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, changed, err := f.look(before)
		if now.equal(before) {
			reported = f.report(logger, changed, err, reported)
		}
		before = now
	}
}

// look reads the files, and uses what they have if it is what was read before.
func (f *Files) look(before reading) (now reading, changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now.contents, now.err = f.read()
	now.done = true
	if now.err != nil || !now.equal(before) {
		return now, false, now.err
	}
	changed, err = f.use(now.contents)
	return now, changed, err
}

// report logs what has become of the files. It returns the error that is logged.
func (f *Files) report(logger *slog.Logger, changed bool, err error, reported string) string {
	switch {
	case err != nil:
		if err.Error() != reported {
			logger.Error("origin: the trusted certificates stay as they were", "error", err)
		}
		return err.Error()
	case changed:
		certificates, _ := f.bundle.Certificates()
		logger.Info("origin: the trusted certificates have changed", "certificates", describeAll(certificates))
	case reported != "":
		logger.Info("origin: the files of the trusted certificates can be read again, and have not changed")
	}
	return ""
}

// use makes the certificates of contents those that are trusted, if they are good. f.mu is
// held.
func (f *Files) use(contents [][]byte) (changed bool, err error) {
	if slices.EqualFunc(contents, f.contents, bytes.Equal) {
		return false, nil
	}
	var all []*x509.Certificate
	for i, content := range contents {
		certificates, err := parse(content)
		if err != nil {
			return false, fmt.Errorf("origin: trusted certificates in %q: %w", f.names[i], err)
		}
		all = append(all, certificates...)
	}
	if err := f.bundle.Set(all...); err != nil {
		return false, fmt.Errorf("%w: %q", err, f.names)
	}
	f.contents = contents
	return true, nil
}

// read returns the content of each file.
func (f *Files) read() ([][]byte, error) {
	contents := make([][]byte, len(f.names))
	for i, name := range f.names {
		content, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("origin: trusted certificates: %w", err)
		}
		contents[i] = content
	}
	return contents, nil
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a named pipe would wait for a writer
		return nil, fmt.Errorf("%q is not a regular file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(content) > maxFile {
		return nil, fmt.Errorf("%q has more than 1 MiB", name)
	}
	return content, err
}

// reading is what one look at the files has found.
type reading struct {
	done     bool
	contents [][]byte
	err      error
}

func (r reading) equal(other reading) bool {
	if r.err != nil || other.err != nil {
		return r.err != nil && other.err != nil && r.err.Error() == other.err.Error()
	}
	return other.done && slices.EqualFunc(r.contents, other.contents, bytes.Equal)
}

var begin = []byte("-----BEGIN ")

// parse returns the certificates of a PEM text, which may have comments between them.
// [pem.Decode] skips what it cannot decode, so its blocks are counted.
func parse(text []byte) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	blocks := bytes.Count(text, begin)
	for n := 1; n <= blocks; n++ {
		block, rest := pem.Decode(text)
		switch {
		case block == nil || bytes.Count(text[:len(text)-len(rest)], begin) != 1:
			return nil, fmt.Errorf("PEM block %d is broken: copy it completely", n)
		case block.Type == "CERTIFICATE":
		case bytes.HasSuffix([]byte(block.Type), []byte("PRIVATE KEY")):
			return nil, fmt.Errorf("PEM block %d is a private key: it does not belong there, remove it", n)
		default:
			return nil, fmt.Errorf("PEM block %d is not a certificate: want only blocks of type CERTIFICATE", n)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", n, err)
		}
		certificates, text = append(certificates, certificate), rest
	}
	if len(certificates) == 0 {
		return nil, fmt.Errorf("%w: want certificates in PEM, which begin with -----BEGIN CERTIFICATE-----", ErrNoCertificates)
	}
	return certificates, nil
}
