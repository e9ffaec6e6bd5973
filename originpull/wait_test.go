package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// story responds to each request by the state of the certificate at its time
// after the beginning, and counts the questions.
type story struct {
	chapters []chapter
	asked    int
}

type chapter struct {
	from time.Duration
	response
}

func (s *story) zone(t *testing.T) *originpull.Zone { return newZone(t, s.transport()) }

func (s *story) transport() roundTrip {
	begin := time.Now()
	return func(r *http.Request) (*http.Response, error) {
		s.asked++
		now := s.chapters[0].response
		for _, c := range s.chapters {
			if time.Since(begin) >= c.from {
				now = c.response
			}
		}
		return now.respond(r)
	}
}

// anHour returns a context that ends after an hour, so that a wait that never ends fails
// its test.
func anHour(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	return ctx
}

// TestWait waits through what may come before the wanted status. Its clock stands
// still but for the waiting.
func TestWait(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		chapters []chapter
		want     originpull.Status
		between  [2]time.Duration // the end comes
		asked    int              // at most
	}{
		"active at once": {[]chapter{{0, in(t, "active")}}, originpull.StatusActive, [2]time.Duration{0, 0}, 1},
		"active after a minute": {[]chapter{{0, in(t, "initializing")}, {5 * time.Second, in(t, "pending_deployment")}, {time.Minute, in(t, "active")}},
			originpull.StatusActive, [2]time.Duration{time.Minute, 73 * time.Second}, 16},
		"active after ten minutes": {[]chapter{{0, in(t, "pending_deployment")}, {10 * time.Minute, in(t, "active")}},
			originpull.StatusActive, [2]time.Duration{10 * time.Minute, 613 * time.Second}, 85},
		"uploaded again while it was deleted": {[]chapter{{0, in(t, "pending_deletion")}, {3 * time.Second, in(t, "pending_deployment")}, {6 * time.Second, in(t, "active")}},
			originpull.StatusActive, [2]time.Duration{6 * time.Second, 13 * time.Second}, 8},
		"through a status no one knows": {[]chapter{{0, in(t, "being_polished")}, {3 * time.Second, in(t, "active")}},
			originpull.StatusActive, [2]time.Duration{3 * time.Second, 8 * time.Second}, 6},
		"for a status no one knows": {[]chapter{{0, in(t, "pending_deployment")}, {3 * time.Second, in(t, "being_polished")}},
			"being_polished", [2]time.Duration{3 * time.Second, 8 * time.Second}, 6},
		"deleted, its tombstone": {[]chapter{{0, in(t, "active")}, {2 * time.Second, in(t, "pending_deletion")}, {10 * time.Second, in(t, "deleted")}},
			originpull.StatusDeleted, [2]time.Duration{10 * time.Second, 20 * time.Second}, 9},
		"deleted, 1552": {[]chapter{{0, in(t, "pending_deletion")}, {10 * time.Second, example(t, "NotFound")}},
			originpull.StatusDeleted, [2]time.Duration{10 * time.Second, 20 * time.Second}, 9},
		"deleted, 1551": {[]chapter{{0, in(t, "pending_deletion")}, {10 * time.Second, failureWith(404, 1551)}},
			originpull.StatusDeleted, [2]time.Duration{10 * time.Second, 20 * time.Second}, 9},
		"deleted although its deployment timed out": {[]chapter{{0, in(t, "deployment_timed_out")}, {2 * time.Second, in(t, "deleted")}},
			originpull.StatusDeleted, [2]time.Duration{2 * time.Second, 5 * time.Second}, 5},
		"on its way out": {[]chapter{{0, in(t, "active")}, {2 * time.Second, in(t, "pending_deletion")}},
			originpull.StatusPendingDeletion, [2]time.Duration{2 * time.Second, 5 * time.Second}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, begin := &story{chapters: tt.chapters}, time.Now()
				got, err := s.zone(t).Certificates.Wait(anHour(t), certificateID, tt.want)
				if err != nil {
					t.Fatalf("the wait for %s fails: %v", tt.want, err)
				}
				if got.ID != certificateID || got.Status != tt.want {
					t.Errorf("the caller gets certificate %q with status %s", got.ID, got.Status)
				}
				if end := time.Since(begin); end < tt.between[0] || end > tt.between[1] {
					t.Errorf("the wait ends after %s, want %s to %s", end, tt.between[0], tt.between[1])
				}
				if s.asked > tt.asked {
					t.Errorf("the API was asked %d times, want %d at most", s.asked, tt.asked)
				}
			})
		})
	}
}

// TestWaitEndsElsewhere distinguishes a status that will not change from one that may.
func TestWaitEndsElsewhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status, want originpull.Status
		says         string
	}{
		{"deployment_timed_out", originpull.StatusActive, "delete it and upload it again"},
		{"deletion_timed_out", originpull.StatusDeleted, "delete it again"},
		{"deletion_timed_out", originpull.StatusActive, "will not become active"},
		{"deleted", originpull.StatusActive, "it is deleted and will not become active"},
		{"active", originpull.StatusPendingDeployment, "it is active and will not become pending_deployment"},
	} {
		t.Run(string(tt.status+" for "+tt.want), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &story{chapters: []chapter{{0, in(t, "pending_deletion")}, {4 * time.Second, in(t, tt.status)}}}
				got, err := s.zone(t).Certificates.Wait(anHour(t), certificateID, tt.want)
				var rest *originpull.StatusError
				if !errors.As(fmt.Errorf("rotate: %w", err), &rest) {
					t.Fatalf("the caller finds no *StatusError in %v", err)
				}
				if rest.Want != tt.want || rest.Status != tt.status || got.Status != tt.status {
					t.Errorf("the error says %s for %s, and the caller gets %s", rest.Status, rest.Want, got.Status)
				}
				if !strings.Contains(err.Error(), certificateID) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("the user reads %q, want %q in it", err, tt.says)
				}
			})
		})
	}
}

// TestWaitIsNotMisled by responses that say nothing about the certificate.
func TestWaitIsNotMisled(t *testing.T) {
	t.Parallel()
	page := response{status: 404, body: "<html>no such page</html>"}
	for _, tt := range []struct {
		name string
		want originpull.Status
		response
		is []error
	}{
		{"a page under 404 is not a deletion", originpull.StatusDeleted, page, []error{originpull.ErrMalformedResponse}},
		{"a 404 without a code is not a deletion", originpull.StatusDeleted, response{status: 404, body: `{"success":false,"errors":[]}`}, []error{originpull.ErrNotFound}},
		{"a malformed id is not a deletion", originpull.StatusDeleted, example(t, "MalformedID"), []error{originpull.ErrNotFound}},
		{"denied is not a deletion", originpull.StatusDeleted, example(t, "Denied"), []error{originpull.ErrDenied}},
		{"not found will not be active", originpull.StatusActive, example(t, "NotFound"), []error{originpull.ErrNotFound}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, err := newZone(t, always(tt.response)).Certificates.Wait(anHour(t), certificateID, tt.want)
				wantErrors(t, err, tt.is...)
				if apiError(t, err); got.ID != "" {
					t.Errorf("the caller gets certificate %q", got.ID)
				}
			})
		})
	}
}

// TestWaitUntilTheContextEnds names the last status that was seen, whether the end
// comes between two questions or during one.
func TestWaitUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	pending := in(t, "pending_deployment")
	between := &story{chapters: []chapter{{0, pending}}}
	during := 0
	for name, transport := range map[string]func(*testing.T) *originpull.Zone{
		"between": between.zone,
		"during": func(t *testing.T) *originpull.Zone {
			return newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if during++; during < 3 {
					return pending.respond(r)
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			}))
		},
		"during the body": func(t *testing.T) *originpull.Zone {
			asked := 0
			return newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := pending.respond(r)
				if asked++; asked == 3 {
					resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) { <-r.Context().Done(); return 0, r.Context().Err() }))
				}
				return resp, err
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				got, err := transport(t).Certificates.Wait(ctx, certificateID, originpull.StatusActive)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the caller does not find the context's error in %v", err)
				}
				if want := "wait for certificate " + certificateID + " to be active: it is still pending_deployment: "; err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("the user reads %v, want it to begin with %q", err, want)
				}
				if got.Status != originpull.StatusPendingDeployment {
					t.Errorf("the caller gets status %q, want the last that was seen", got.Status)
				}
			})
		})
	}
}
