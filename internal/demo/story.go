package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// act is a step to run. Do returns what happened.
type act struct {
	name string
	do   func(context.Context) (string, error)
}

func (s *stage) acts() []act {
	return []act{
		{"a pull without a certificate is refused", s.refusedWithout},
		{"a pull with Cloudflare's shared certificate is refused", s.refusedShared},
		{"upload the zone's own certificate", s.upload},
		{"enable it while it is still being deployed", s.enable},
		{"the deployment lags: the pull is still refused", s.refusedPending},
		{"wait until the certificate is active", s.waitActive},
		{"a pull is accepted", s.accepted},
		{"the certificate of another CA is refused", s.refusedOther},
		{"replace the certificate without one failed pull", s.replace},
		{"the response to an upload is lost, and the program crashes", s.crash},
		{"start again: find the certificate and finish", s.recover},
		{"clean up", s.cleanUp},
	}
}

func (s *stage) refusedWithout(ctx context.Context) (string, error) {
	return s.wantPull(ctx, originpulltest.Refused, originpulltest.PresentedNone)
}

// refusedShared shows why the zone's own certificate is needed: the shared one
// proves Cloudflare's network, not the account. A real origin would have to trust
// Cloudflare's CA to accept it, and with it the zones of all other accounts.
func (s *stage) refusedShared(ctx context.Context) (string, error) {
	s.cloudflare.SetGlobal(s.zone.ID(), true)
	defer s.cloudflare.SetGlobal(s.zone.ID(), false)
	return s.wantPull(ctx, originpulltest.Refused, originpulltest.PresentedShared)
}

func (s *stage) upload(ctx context.Context) (string, error) {
	var err error
	if s.pair, err = s.issue("origin pull 1"); err != nil {
		return "", err
	}
	if s.cert, err = s.zone.Certificates.Upload(ctx, s.pair); err != nil {
		return "", err
	}
	return fmt.Sprintf("certificate %s is %s", s.cert.ID, s.cert.Status), nil
}

func (s *stage) enable(ctx context.Context) (string, error) {
	if err := s.zone.Settings.Enable(ctx); err != nil {
		return "", err
	}
	return "the zone level is on", nil
}

func (s *stage) refusedPending(ctx context.Context) (string, error) {
	return s.wantPull(ctx, originpulltest.Refused, originpulltest.PresentedNone)
}

func (s *stage) waitActive(ctx context.Context) (string, error) {
	cert, err := s.zone.Certificates.Wait(ctx, s.cert.ID, originpull.StatusActive)
	if err != nil {
		return "", err
	}
	s.cert = cert
	return fmt.Sprintf("certificate %s is %s", cert.ID, cert.Status), nil
}

func (s *stage) accepted(ctx context.Context) (string, error) {
	return s.wantPull(ctx, originpulltest.Accepted, originpulltest.PresentedZone)
}

func (s *stage) refusedOther(ctx context.Context) (string, error) {
	other := testpki.CA("another CA").Issue("another client", nil)
	if err := s.origin.refuses(ctx, other); err != nil {
		return "", err
	}
	return "a client that bypasses Cloudflare is refused in the TLS handshake", nil
}

// replace does what Cloudflare documents for a replacement without downtime: upload
// the new certificate, wait until it is active, delete the old one.
func (s *stage) replace(ctx context.Context) (string, error) {
	pulls := s.keepPulling(ctx)
	err := s.replaceBy(ctx, "origin pull 2")
	count, failed := pulls()
	switch {
	case err != nil:
		return "", err
	case failed != nil:
		return "", fmt.Errorf("of %d pulls at least one failed: %w", count, failed)
	case count == 0:
		return "", errors.New("no pull was made meanwhile")
	}
	return fmt.Sprintf("%d pulls meanwhile, all accepted; now certificate %s", count, s.cert.ID), nil
}

func (s *stage) replaceBy(ctx context.Context, name string) error {
	pair, err := s.issue(name)
	if err != nil {
		return err
	}
	cert, err := s.zone.Certificates.Upload(ctx, pair)
	if err != nil {
		return err
	}
	return s.finish(ctx, pair, cert)
}

// finish waits until the new certificate is active, deletes the one in use, and uses
// the new one from then on.
func (s *stage) finish(ctx context.Context, pair originpull.KeyPair, cert originpull.Certificate) error {
	cert, err := s.zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive)
	if err != nil {
		return err
	}
	if err := s.delete(ctx, s.cert.ID); err != nil {
		return err
	}
	s.pair, s.cert = pair, cert
	return nil
}

func (s *stage) delete(ctx context.Context, id string) error {
	if _, err := s.zone.Certificates.Delete(ctx, id); err != nil {
		return err
	}
	_, err := s.zone.Certificates.Wait(ctx, id, originpull.StatusDeleted)
	return err
}

// keepPulling pulls again and again until the function that it returns is called,
// which returns how many pulls there were and the error of the first that failed.
func (s *stage) keepPulling(ctx context.Context) func() (int, error) {
	ctx, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	var count int
	var failed error
	done.Go(func() {
		pause := time.NewTicker(20 * time.Millisecond)
		defer pause.Stop()
		for {
			pull := s.pull(context.WithoutCancel(ctx))
			count++
			if pull.Outcome != originpulltest.Accepted && failed == nil {
				failed = errors.New(pull.Why)
			}
			select {
			case <-ctx.Done():
				return
			case <-pause.C:
			}
		}
	})
	return func() (int, error) {
		stop()
		done.Wait()
		return count, failed
	}
}

// crash uploads while the connection breaks: Cloudflare has the certificate, and the
// program ends without knowing it.
func (s *stage) crash(ctx context.Context) (string, error) {
	pair, err := s.issue("origin pull 3")
	if err != nil {
		return "", err
	}
	s.pair = pair
	lost := originpulltest.Fault{Disconnect: originpulltest.Drop}
	s.cloudflare.SetFaults(originpulltest.On("UploadCertificate", originpulltest.Script(lost)))
	defer s.cloudflare.SetFaults(nil)
	// With retries Upload would look for the certificate itself; this program has crashed
	// by then.
	_, err = s.zone.Certificates.Upload(ctx, pair, originpull.WithoutRetry())
	if err == nil {
		return "", errors.New("the upload succeeded, although its response should have been lost")
	}
	return fmt.Sprintf("%v", err), nil
}

// recover is the next run of the program: it has the key pair, and finds out whether
// the API has the certificate.
func (s *stage) recover(ctx context.Context) (string, error) {
	zone, err := s.connect()
	if err != nil {
		return "", err
	}
	s.zone = zone
	if _, err := zone.Certificates.Upload(ctx, s.pair); !errors.Is(err, originpull.ErrAlreadyExists) {
		return "", fmt.Errorf("want %w, have: %w", originpull.ErrAlreadyExists, err)
	}
	found, err := zone.Certificates.Find(ctx, s.pair.Leaf())
	if err != nil {
		return "", err
	}
	if err := s.finish(ctx, s.pair, found); err != nil {
		return "", err
	}
	if _, err := s.accepted(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("it had arrived as %s; it is active, the old one is deleted, a pull is accepted", found.ID), nil
}

func (s *stage) cleanUp(ctx context.Context) (string, error) {
	if err := s.zone.Settings.Disable(ctx); err != nil {
		return "", err
	}
	for cert, err := range s.zone.Certificates.All(ctx) {
		if err != nil {
			return "", err
		}
		if err := s.delete(ctx, cert.ID); err != nil {
			return "", err
		}
	}
	if _, err := s.refusedWithout(ctx); err != nil {
		return "", err
	}
	return "disabled, no certificate left, a pull is refused again", nil
}
