package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

const (
	retry = time.Minute        // the pause after a run that failed
	soon  = 7 * 24 * time.Hour // a certificate that expires within it is reported as unhealthy
)

// service keeps the certificate in its files the live one of its zone.
type service struct {
	zone              *originpull.Zone
	certFile, keyFile string
	desired           rotate.Desired // without the pair, which is in the files
	every, poll       time.Duration
	log               *slog.Logger

	pair originpull.KeyPair // the last one that could be read
	due  time.Time          // when the next run begins

	mu       sync.Mutex // for what /healthz reads
	filesErr error
	runErr   error
	expires  time.Time // zero before the first run
}

// run works until the context ends.
func (s *service) run(ctx context.Context) {
	for ctx.Err() == nil {
		if s.load() || s.pair.Leaf() != nil && !time.Now().Before(s.due) {
			s.reconcile(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.poll):
		}
	}
}

// load reads the files, and reports whether they have another certificate. If they cannot be
// used, perhaps since someone is writing them, the last pair stays.
func (s *service) load() (changed bool) {
	pair, err := originpull.LoadKeyPair(s.certFile, s.keyFile)
	s.mu.Lock()
	again := err != nil && s.filesErr != nil && err.Error() == s.filesErr.Error()
	s.filesErr = err
	s.mu.Unlock()
	if err != nil {
		if !again {
			s.log.Error("the files cannot be used", "error", err)
		}
		return false
	}
	changed = !pair.Leaf().Equal(s.pair.Leaf())
	s.pair = pair
	return changed
}

// reconcile makes the pair the live one, and decides when to look again.
func (s *service) reconcile(ctx context.Context) {
	desired := s.desired
	desired.Pair = s.pair
	result, err := rotate.Reconcile(ctx, s.zone, desired)
	if ctx.Err() != nil {
		return // the service is being stopped: the next start completes the run
	}
	s.due = time.Now().Add(s.every)
	switch {
	case err != nil:
		s.due = time.Now().Add(min(retry, s.every))
	case !result.NextAt.IsZero() && result.NextAt.Before(s.due):
		s.due = result.NextAt // the grace is over: the old certificate can be deleted
	}
	s.mu.Lock()
	s.runErr, s.expires = err, s.pair.Leaf().NotAfter
	s.mu.Unlock()
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	s.log.Log(ctx, level, "reconciled", "error", err, "certificate", result.Certificate.ID, "enabled", result.Enabled,
		"changes", len(result.Changes), "kept", len(result.Kept), "warnings", result.Warnings, "next", s.due)
}

// handler serves /healthz: 200 if the certificate in the files is live and lasts, else 503.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case s.filesErr != nil:
			http.Error(w, "the files cannot be used: "+s.filesErr.Error(), http.StatusServiceUnavailable)
		case s.runErr != nil:
			http.Error(w, "the certificate is not known to be live: "+s.runErr.Error(), http.StatusServiceUnavailable)
		case s.expires.IsZero():
			http.Error(w, "the first run has not ended", http.StatusServiceUnavailable)
		case time.Until(s.expires) < soon:
			http.Error(w, "the certificate expires on "+s.expires.Format(time.RFC3339)+": put a new one into the files", http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, "live until", s.expires.Format(time.RFC3339))
		}
	})
	return mux
}
