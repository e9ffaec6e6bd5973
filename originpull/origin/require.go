package origin

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Require returns a clone of config that accepts only connections with a client certificate
// that leads to one of source, or is one of source. It follows changes of source, and
// does not modify config.
//
// Set everything before, and the certificate of the origin in particular: the clone has
// a GetConfigForClient, and what a server adds to it later, such as the files given to
// ListenAndServeTLS, is not used. For the same reason Require sets NextProtos to h2 and
// http/1.1, as http.Server does, if it is empty; a server without HTTP/2 needs http/1.1
// alone. Of config
//
//   - ClientAuth and ClientCAs are replaced.
//   - MinVersion is TLS 1.2 if it is lower or not set.
//   - GetConfigForClient is called. Of the config that it returns a clone is used, with the
//     same requirement and MinVersion; a connection cannot get around it.
//   - VerifyConnection is called after the certificate was verified.
//   - All other fields are kept, such as GetCertificate and session ticket keys.
//
// The error says which argument is invalid: config is nil, allows no version from TLS 1.2
// on or has no certificate of the origin, or source is nil. It wraps [ErrNoCertificates]
// if source has none yet: call [Wait] before. If source has none later, or returns an
// error, every handshake fails.
func Require(config *tls.Config, source Source) (*tls.Config, error) {
	switch {
	case config == nil:
		return nil, errors.New("origin: the tls.Config is nil: give one with the certificate of the origin")
	case source == nil:
		return nil, errors.New("origin: the source of trusted certificates is nil: give one, such as that of LoadFiles")
	case len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil:
		return nil, errors.New("origin: the tls.Config has no certificate of the origin: set Certificates or GetCertificate; files given to ListenAndServeTLS come too late")
	case config.MaxVersion != 0 && config.MaxVersion < tls.VersionTLS12:
		return nil, fmt.Errorf("origin: the tls.Config has MaxVersion %s: TLS 1.2 or newer is needed", tls.VersionName(config.MaxVersion))
	}
	r := &requirement{source: source, config: config.Clone()}
	if len(r.config.NextProtos) == 0 {
		r.config.NextProtos = []string{"h2", "http/1.1"}
	}
	now, err := r.current()
	if err != nil {
		return nil, err
	}
	required := now.config.Clone() // requires a certificate even if someone replaces its GetConfigForClient
	required.GetConfigForClient = r.configForClient
	return required, nil
}

// requirement is what the configs of one call of Require share.
type requirement struct {
	source Source
	config *tls.Config // of the caller
	last   atomic.Pointer[trusted]
}

// trusted is what is made of the certificates of a source.
type trusted struct {
	certificates []*x509.Certificate
	pool         *x509.CertPool
	config       *tls.Config // the caller's, with the requirement
}

// current returns what is trusted now. It makes it again only if the source has other
// certificates.
func (r *requirement) current() (*trusted, error) {
	certificates, err := r.source.Certificates()
	if err == nil {
		err = checkCertificates(certificates)
	}
	if err != nil {
		return nil, fmt.Errorf("origin: trusted certificates: %w", err)
	}
	if last := r.last.Load(); last != nil && slices.EqualFunc(last.certificates, certificates, (*x509.Certificate).Equal) {
		return last, nil
	}
	now := &trusted{certificates: slices.Clone(certificates), pool: x509.NewCertPool()}
	for _, c := range now.certificates {
		now.pool.AddCert(c)
	}
	now.config = r.apply(r.config, now.pool)
	r.last.Store(now)
	return now, nil
}

// apply returns a clone of config with the requirement.
func (r *requirement) apply(config *tls.Config, pool *x509.CertPool) *tls.Config {
	clone := config.Clone()
	clone.MinVersion = max(clone.MinVersion, tls.VersionTLS12)
	clone.ClientAuth, clone.ClientCAs = tls.RequireAndVerifyClientCert, pool
	clone.GetConfigForClient = nil
	clone.VerifyConnection = func(state tls.ConnectionState) error {
		if err := r.verify(state, config.Time); err != nil {
			return err
		}
		if config.VerifyConnection != nil {
			return config.VerifyConnection(state)
		}
		return nil
	}
	return clone
}

func (r *requirement) configForClient(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	now, err := r.current()
	if err != nil {
		return nil, err
	}
	if r.config.GetConfigForClient == nil {
		return now.config, nil
	}
	chosen, err := r.config.GetConfigForClient(hello)
	switch {
	case err != nil:
		return nil, err
	case chosen == nil:
		return now.config, nil
	}
	return r.apply(chosen, now.pool), nil
}

// verify checks a chain that was verified before against what is trusted now. A resumed
// session has the chain of its first handshake, and the source can have changed since
// this handshake began.
func (r *requirement) verify(state tls.ConnectionState, clock func() time.Time) error {
	now, err := r.current()
	if err != nil {
		return err
	}
	if clock == nil {
		clock = time.Now
	}
	at := clock()
	for _, chain := range state.VerifiedChains {
		if now.trusts(chain, at) {
			return nil
		}
	}
	return errors.New("origin: the client certificate is not trusted, or not any more")
}

func (t *trusted) trusts(chain []*x509.Certificate, at time.Time) bool {
	if len(chain) == 0 || slices.ContainsFunc(chain, func(c *x509.Certificate) bool {
		return at.Before(c.NotBefore) || at.After(c.NotAfter)
	}) {
		return false
	}
	anchor := chain[len(chain)-1]
	if slices.ContainsFunc(t.certificates, anchor.Equal) {
		return true
	}
	// It was trusted itself, and now one is that has issued it.
	_, err := anchor.Verify(x509.VerifyOptions{Roots: t.pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err == nil
}
