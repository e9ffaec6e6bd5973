package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestStory runs all steps: real TLS, the SDK, the simulator.
func TestStory(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var steps []Step
	err := Run(context.Background(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), func(s Step) {
		steps = append(steps, s)
		log.WriteString(s.Detail)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) != 12 {
		t.Errorf("the demo has %d steps, want 12", len(steps))
	}
	for _, step := range steps {
		if step.Detail == "" {
			t.Errorf("step %d, %s, says nothing", step.Number, step.Name)
		}
	}
	for how, mark := range testpki.Marks() {
		if strings.Contains(log.String(), mark) {
			t.Errorf("the demo's output holds a key or token as %s", how)
		}
	}
}

// TestStoryFails uses an origin that accepts every client: the demo must fail.
func TestStoryFails(t *testing.T) {
	t.Parallel()
	s, err := newStage(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	open, err := startOrigin(s.clients, tls.NoClientCert)
	if err != nil {
		t.Fatal(err)
	}
	s.origin.close()
	s.origin = open
	if detail, err := s.refusedWithout(context.Background()); err == nil {
		t.Errorf("an open origin passes for one that refuses: %s", detail)
	}
	if detail, err := s.refusedOther(context.Background()); err == nil {
		t.Errorf("an origin that accepts every client passes for one that refuses: %s", detail)
	}
	s.origin.close()
	if detail, err := s.refusedOther(context.Background()); err == nil {
		t.Errorf("an origin that is down passes for one that refuses: %s", detail)
	}
}

// TestStoryStops requires that the first step that fails is reported and ends the demo.
func TestStoryStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var steps []Step
	err := Run(ctx, slog.New(slog.DiscardHandler), func(s Step) { steps = append(steps, s) })
	if err == nil || len(steps) != 1 || steps[0].Err == nil {
		t.Errorf("cancelled, the demo ends with %v after %d steps, want an error after the first", err, len(steps))
	}
}
