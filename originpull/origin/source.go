package origin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// ErrNoCertificates says that there is no certificate to trust. An empty set never means
// that every client is accepted: all are refused.
var ErrNoCertificates = errors.New("there are none: no client can be accepted")

// Source has the certificates that an origin trusts: those of CAs, or client certificates
// themselves. [Files] and [Bundle] are sources. Its methods can be called by several
// goroutines at the same time.
//
// The X509Source of go-spiffe becomes a Source by a method Certificates that returns the
// X509Authorities of the bundle; it has Updated already.
type Source interface {
	// Certificates returns the certificates that are trusted now. It is called twice in
	// each handshake, so it must not block, and should return the same certificates until
	// they change. If they cannot be had, it should return the last good ones; after an
	// error the handshake fails.
	Certificates() ([]*x509.Certificate, error)
	// Updated returns a channel that is closed, or receives a value, when the certificates
	// have changed after the call.
	Updated() <-chan struct{}
}

// Wait returns nil as soon as source has certificates, at once if it has some. If ctx ends
// before, the error wraps the cause of that and what source returned last.
func Wait(ctx context.Context, source Source) error {
	if source == nil {
		return errors.New("origin: the source of trusted certificates is nil")
	}
	for {
		updated := source.Updated() // before it is asked, so that no change is missed
		certificates, err := source.Certificates()
		if err == nil {
			err = checkCertificates(certificates)
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("origin: waiting for trusted certificates: %w: %w", context.Cause(ctx), err)
		case <-updated:
		}
	}
}

// Bundle is a [Source] whose certificates the program sets, such as those that it gets from
// a service. The zero value has none yet. Do not copy it.
type Bundle struct {
	mu           sync.Mutex
	certificates []*x509.Certificate
	updated      chan struct{} // closed by the next change; nil if no one waits
}

// Set replaces the certificates. If there are none, one is nil or all have expired, it
// returns an error and keeps those that it has.
func (b *Bundle) Set(certificates ...*x509.Certificate) error {
	if b == nil {
		return errors.New("origin: the Bundle is nil")
	}
	err := checkCertificates(certificates)
	if err == nil {
		err = checkExpiry(certificates)
	}
	if err != nil {
		return fmt.Errorf("origin: trusted certificates: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.certificates = slices.Clone(certificates)
	if b.updated != nil {
		close(b.updated)
		b.updated = nil
	}
	return nil
}

// Certificates returns the certificates, or [ErrNoCertificates] before the first Set. Do
// not modify them.
func (b *Bundle) Certificates() ([]*x509.Certificate, error) {
	if b == nil {
		return nil, ErrNoCertificates
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.certificates) == 0 {
		return nil, ErrNoCertificates
	}
	return b.certificates, nil
}

// Updated returns a channel that the next Set closes.
func (b *Bundle) Updated() <-chan struct{} {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.updated == nil {
		b.updated = make(chan struct{})
	}
	return b.updated
}

func checkCertificates(certificates []*x509.Certificate) error {
	if len(certificates) == 0 {
		return ErrNoCertificates
	}
	for i, c := range certificates {
		if c == nil || len(c.Raw) == 0 {
			return fmt.Errorf("certificate %d is nil or was not parsed", i+1)
		}
	}
	return nil
}

// checkExpiry refuses certificates of which none can be used any more.
func checkExpiry(certificates []*x509.Certificate) error {
	newest := slices.MaxFunc(certificates, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	if time.Now().After(newest.NotAfter) {
		return fmt.Errorf("all have expired, the last on %s", newest.NotAfter.UTC().Format(time.RFC3339))
	}
	return nil
}
