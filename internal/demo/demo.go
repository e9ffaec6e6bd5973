// Package demo shows how Authenticated Origin Pulls work, in steps, with a real TLS
// origin, a simulated Cloudflare and the SDK.
package demo

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Step is one finished step.
type Step struct {
	Number   int
	Name     string        // what should happen
	Detail   string        // what happened
	Duration time.Duration // how long it took
	Err      error         // why the step failed, nil if it did not
}

// Run runs the steps and calls report after each. It stops at the first step that fails
// and returns its error. The SDK logs to logger.
func Run(ctx context.Context, logger *slog.Logger, report func(Step)) error {
	s, err := newStage(logger)
	if err != nil {
		return err
	}
	defer s.close()
	for i, act := range s.acts() {
		step := Step{Number: i + 1, Name: act.name}
		start := time.Now()
		step.Detail, step.Err = act.do(ctx)
		step.Duration = time.Since(start)
		report(step)
		if step.Err != nil {
			return fmt.Errorf("step %d, %s: %w", step.Number, step.Name, step.Err)
		}
	}
	return nil
}

// stage is where the steps run.
type stage struct {
	logger     *slog.Logger
	cloudflare *originpulltest.Simulator
	clients    testpki.Pair // the CA whose client certificates the origin accepts
	origin     *origin
	zone       *originpull.Zone

	pair originpull.KeyPair     // in use
	cert originpull.Certificate // in use
}

func newStage(logger *slog.Logger) (*stage, error) {
	s := &stage{
		logger:  logger,
		clients: testpki.CA("your CA"),
		cloudflare: originpulltest.New(originpulltest.Options{
			DeployDelay: 700 * time.Millisecond, // less than the SDK waits before it looks again
			DeleteDelay: -1,
			Logger:      logger.WithGroup("cloudflare"),
		}),
	}
	var err error
	if s.origin, err = startOrigin(s.clients, tls.RequireAndVerifyClientCert); err != nil {
		s.cloudflare.Close()
		return nil, err
	}
	if s.zone, err = s.connect(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) close() {
	s.origin.close()
	s.cloudflare.Close()
}

// connect makes a client, as a program does when it starts.
func (s *stage) connect() (*originpull.Zone, error) {
	client, err := originpull.New(
		originpull.WithToken(s.cloudflare.Token()),
		originpull.WithBaseURL(s.cloudflare.URL()),
		originpull.WithLogger(s.logger),
	)
	if err != nil {
		return nil, err
	}
	return client.Zone(s.cloudflare.ZoneID())
}

// issue makes a client certificate of the CA that the origin trusts.
func (s *stage) issue(name string) (originpull.KeyPair, error) {
	leaf := s.clients.Issue(name, nil)
	return originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
}

// pull has Cloudflare fetch from the origin.
func (s *stage) pull(ctx context.Context) originpulltest.Pull {
	return s.cloudflare.Pull(ctx, s.zone.ID(), originpulltest.Origin{
		Addr: s.origin.addr, ServerName: originName, RootCAs: s.origin.roots,
	})
}

// wantPull requires the outcome of a pull, and which certificate it presented.
func (s *stage) wantPull(ctx context.Context, outcome originpulltest.Outcome, presented originpulltest.Presented) (string, error) {
	pull := s.pull(ctx)
	if pull.Outcome != outcome || pull.Presented != presented {
		return "", fmt.Errorf("want a pull %s with %s, have: %s", outcome, presented, pull.Why)
	}
	return pull.Why, nil
}
