package rotate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/probe"
	"github.com/originpull/originpull-go/originpull/rotate"
)

const (
	pending  = originpull.StatusPendingDeployment
	active   = originpull.StatusActive
	deleting = originpull.StatusPendingDeletion
	timedOut = originpull.StatusDeploymentTimedOut
	stuck    = originpull.StatusDeletionTimedOut
)

var t0 = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// at is a certificate of another that was uploaded so many minutes after t0; -1 is a time that
// could not be read. mine is the desired certificate.
func at(id string, minute int, status originpull.Status) rotate.Certificate {
	c := rotate.Certificate{ID: id, Status: status, Fingerprint: strings.Repeat(id[:1], 64)}
	if minute >= 0 {
		c.UploadedOn = t0.Add(time.Duration(minute) * time.Minute)
	}
	return c
}

func TestPlan(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	mine := func(minute int, status originpull.Status) rotate.Certificate {
		c := at("0", minute, status)
		c.ID, c.Fingerprint = "mine", pair.Fingerprint()
		return c
	}
	hidden := func(c rotate.Certificate) rotate.Certificate { c.Hidden = true; return c }
	name := rotate.Named(strings.Repeat("B", 64))
	origins := probe.Target{Addresses: []string{"192.0.2.1:443"}}

	for _, test := range []struct {
		what  string
		seen  []rotate.Certificate
		known rotate.Observed // what the run knows from before
		want  rotate.Desired
		step  string // action, and id of the certificate
		err   error
		why   string // a part of the reason
	}{
		{what: "empty zone", step: "upload"},
		{what: "only others", seen: []rotate.Certificate{at("a", 1, active)}, step: "upload"},
		{what: "origins are asked before the upload", want: rotate.Desired{Origins: origins}, step: "ask"},
		{what: "origins have accepted it", want: rotate.Desired{Origins: origins}, known: rotate.Observed{Asked: true}, step: "upload"},
		{what: "origins are not to be asked", want: rotate.Desired{Origins: origins, Require: rotate.Nothing}, step: "upload"},
		{what: "being deployed", seen: []rotate.Certificate{mine(2, pending)}, step: "wait mine"},
		{what: "an unknown status is waited for", seen: []rotate.Certificate{mine(2, "resting")}, step: "wait mine"},
		{what: "being deployed beside an old one", seen: []rotate.Certificate{at("a", 1, active), mine(2, pending)}, step: "wait mine"},
		{what: "being deleted", seen: []rotate.Certificate{mine(2, deleting)}, step: "wait mine"},
		{what: "uploaded, and not listed yet", seen: []rotate.Certificate{hidden(mine(2, active))}, step: "wait mine"},
		{what: "deployment timed out", seen: []rotate.Certificate{at("a", 1, active), mine(2, timedOut)}, step: "stop mine", err: rotate.ErrDeployment},

		{what: "older one", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, step: "delete a"},
		{what: "the oldest goes first", seen: []rotate.Certificate{at("b", 0, active), at("a", 1, active), mine(2, active)}, step: "delete b"},
		{what: "uploaded at the same time, smaller fingerprint", seen: []rotate.Certificate{{ID: "x", Status: active, UploadedOn: t0, Fingerprint: ""}, mine(0, active)}, want: rotate.Desired{Enablement: rotate.Leave}, step: "done mine"},
		{what: "older one whose deletion timed out", seen: []rotate.Certificate{at("a", 1, stuck), mine(2, active)}, step: "delete a"},
		{what: "older one whose deployment timed out", seen: []rotate.Certificate{at("a", 1, timedOut), mine(2, active)}, step: "delete a"},
		{what: "older one that cannot be deleted yet", seen: []rotate.Certificate{at("a", 1, pending), mine(2, active)}, step: "wait a"},
		{what: "older one that is being deleted", seen: []rotate.Certificate{at("a", 1, deleting), mine(2, active)}, step: "enable"},
		{what: "proof is asked for before a deletion", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, want: rotate.Desired{Origins: origins}, step: "ask"},
		{what: "grace", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, want: rotate.Desired{Grace: time.Hour, Enablement: rotate.Leave}, known: rotate.Observed{Now: t0.Add(62*time.Minute - 1)}, step: "done mine"},
		{what: "grace is over", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, want: rotate.Desired{Grace: time.Hour}, known: rotate.Observed{Now: t0.Add(62 * time.Minute)}, step: "delete a"},
		{what: "grace by a clock that is not known", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, want: rotate.Desired{Grace: time.Hour, Enablement: rotate.Leave}, step: "done mine"},

		{what: "alone, disabled", seen: []rotate.Certificate{mine(2, active)}, step: "enable"},
		{what: "alone, enabled", seen: []rotate.Certificate{mine(2, active)}, known: rotate.Observed{Enabled: true}, step: "done mine"},
		{what: "alone, enabled, with origins: nothing changes, nothing is asked", seen: []rotate.Certificate{mine(2, active)}, want: rotate.Desired{Origins: origins}, known: rotate.Observed{Enabled: true}, step: "done mine"},
		{what: "alone, left disabled", seen: []rotate.Certificate{mine(2, active)}, want: rotate.Desired{Enablement: rotate.Leave}, step: "done mine"},
		{what: "alone, to be disabled", seen: []rotate.Certificate{mine(2, active)}, want: rotate.Desired{Enablement: rotate.Disable}, known: rotate.Observed{Enabled: true}, step: "disable"},

		{what: "newer one", seen: []rotate.Certificate{mine(2, active), at("b", 3, active)}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "newer one, not deployed", seen: []rotate.Certificate{mine(2, active), at("b", 3, pending)}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "newer one that is not the named one", seen: []rotate.Certificate{mine(2, active), at("c", 3, active)}, want: rotate.Desired{Supersede: name}, step: "stop c", err: rotate.ErrSuperseded},
		{what: "two newer ones, one is named", seen: []rotate.Certificate{mine(2, active), at("b", 3, active), at("c", 4, active)}, want: rotate.Desired{Supersede: name}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "newer one, named", seen: []rotate.Certificate{mine(2, active), at("b", 3, active)}, want: rotate.Desired{Supersede: name}, step: "delete mine"},
		{what: "newer one, all", seen: []rotate.Certificate{mine(2, active), at("b", 3, active)}, want: rotate.Desired{Supersede: rotate.All()}, step: "delete mine"},
		{what: "newer one, all, and proof", seen: []rotate.Certificate{mine(2, active), at("b", 3, active)}, want: rotate.Desired{Supersede: rotate.All(), Origins: origins}, step: "ask"},
		{what: "newer one, all, not active yet", seen: []rotate.Certificate{mine(2, active), at("b", 3, pending)}, want: rotate.Desired{Supersede: rotate.All()}, step: "wait b"},
		{what: "newer one, all, will never be active", seen: []rotate.Certificate{mine(2, active), at("b", 3, timedOut)}, want: rotate.Desired{Supersede: rotate.All()}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "the desired one cannot be deleted yet", seen: []rotate.Certificate{mine(2, pending), at("b", 3, active)}, want: rotate.Desired{Supersede: rotate.All()}, step: "wait mine"},
		{what: "all, uploaded by this run: the newer one is a newer desire", seen: []rotate.Certificate{mine(2, active), at("b", 3, active)}, known: rotate.Observed{Uploaded: true}, want: rotate.Desired{Supersede: rotate.All()}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "deleted by the run itself, to be uploaded again", seen: []rotate.Certificate{at("b", 3, active)}, want: rotate.Desired{Supersede: rotate.All()}, step: "upload"},

		{what: "deleted by another run whose certificate is newer", seen: []rotate.Certificate{at("b", 3, active)}, known: rotate.Observed{Last: mine(2, active), Uploaded: true}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "being deleted by another run whose certificate is newer", seen: []rotate.Certificate{mine(2, deleting), at("b", 3, active)}, known: rotate.Observed{Last: mine(2, active)}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "deleted by hand, an older one is left", seen: []rotate.Certificate{at("a", 1, active)}, known: rotate.Observed{Last: mine(2, active), Uploaded: true}, step: "upload"},

		{what: "time of upload unknown: it stays", seen: []rotate.Certificate{at("a", -1, active), mine(2, active)}, known: rotate.Observed{Enabled: true}, step: "done mine", why: "could not be known"},
		{what: "time of upload unknown: it stays also with All", seen: []rotate.Certificate{at("a", -1, active), mine(2, active)}, known: rotate.Observed{Enabled: true}, want: rotate.Desired{Supersede: rotate.All()}, step: "done mine"},
		{what: "time of upload unknown: it goes if it is named", seen: []rotate.Certificate{at("b", -1, active), mine(2, active)}, want: rotate.Desired{Supersede: name}, step: "delete b"},
		{what: "time of upload unknown: the zone is not enabled", seen: []rotate.Certificate{at("a", -1, active), mine(2, active)}, step: "stop a", err: rotate.ErrUndecided},
		{what: "own time of upload unknown: nothing is older", seen: []rotate.Certificate{at("a", 1, active), mine(-1, active)}, known: rotate.Observed{Enabled: true}, step: "done mine"},
		{what: "own time of upload unknown: nothing is older, also not if it is named", seen: []rotate.Certificate{at("b", 1, active), mine(-1, active)}, known: rotate.Observed{Enabled: true}, want: rotate.Desired{Supersede: name}, step: "done mine"},

		{what: "its deletion timed out", seen: []rotate.Certificate{at("a", 1, active), mine(2, stuck)}, step: "stop mine", err: rotate.ErrDeployment},
		{what: "without an id, and newer ones are there", seen: []rotate.Certificate{{Status: active, UploadedOn: t0, Fingerprint: pair.Fingerprint()}, at("b", 3, active)}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "there twice, once deleted", seen: []rotate.Certificate{mine(1, deleting), mine(2, pending)}, step: "wait mine", why: "until it is active"},
		{what: "there twice, once deleted later in the list", seen: []rotate.Certificate{mine(2, active), mine(1, deleting)}, known: rotate.Observed{Enabled: true}, step: "done mine"},
		{what: "there twice, once not listed", seen: []rotate.Certificate{mine(2, active), hidden(mine(1, pending))}, known: rotate.Observed{Enabled: true}, step: "done mine"},
		{what: "proof before others are kept", seen: []rotate.Certificate{at("a", 1, active), mine(2, active)}, want: rotate.Desired{Grace: time.Hour, Prove: func(context.Context) error { return nil }}, known: rotate.Observed{Enabled: true}, step: "prove"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			seen, want := test.known, test.want
			seen.Certificates, want.Pair = test.seen, pair
			step := rotate.Plan(seen, want)
			got := strings.TrimSpace(string(step.Action) + " " + step.Certificate.ID)
			if got != test.step {
				t.Errorf("the next step is %q, want %q (%s)", got, test.step, step)
			}
			if !strings.Contains(step.Reason, test.why) {
				t.Errorf("the reason is %q, want that it says %q", step.Reason, test.why)
			}
			if !errors.Is(step.Err, test.err) || step.Err != nil && test.err == nil {
				t.Errorf("its error is %v, want %v", step.Err, test.err)
			}
			if preview := rotate.Preview(seen, want); test.err != nil && strings.Contains(preview, "\n-") {
				t.Errorf("the preview deletes, though the run stops:\n%s", preview)
			}
		})
	}
}

// TestUnprintable has a status that would forge a line of the preview.
func TestUnprintable(t *testing.T) {
	t.Parallel()
	forged := at("a", 1, "active\n- certificate b: deleted")
	seen := rotate.Observed{Certificates: []rotate.Certificate{forged}}
	for _, enablement := range []rotate.Enablement{rotate.Enable, rotate.Leave} {
		pair := newPair(t)
		mine := at("0", 2, forged.Status)
		mine.Fingerprint = pair.Fingerprint()
		seen.Certificates = append(seen.Certificates, mine)
		want := rotate.Desired{Pair: pair, Enablement: enablement}
		if text := rotate.Preview(seen, want) + rotate.Plan(seen, want).String(); strings.Contains(text, "\n- certificate b") {
			t.Errorf("the status has forged a line:\n%s", text)
		}
	}
}

// TestInvalidPlan has no pair.
func TestInvalidPlan(t *testing.T) {
	t.Parallel()
	seen := rotate.Observed{Certificates: []rotate.Certificate{{ID: "not readable", Status: active}, at("a", 1, active)}}
	if step := rotate.Plan(seen, rotate.Desired{}); step.Action != rotate.Stop || !errors.Is(step.Err, originpull.ErrInvalidInput) {
		t.Errorf("the next step is %q, want to stop with ErrInvalidInput", step)
	}
	if text := rotate.Preview(seen, rotate.Desired{}); !strings.Contains(text, "Pair is empty") {
		t.Errorf("the preview is %q, want that the pair is empty", text)
	}
}
