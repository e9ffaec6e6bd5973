package rotate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// The errors of a run, to branch on with errors.Is.
var (
	// ErrSuperseded says that a newer certificate than the desired one is there, which the
	// run may not replace. Nothing was changed since it is there.
	ErrSuperseded = errors.New("superseded")
	// ErrDeployment says that the desired certificate is there and will not become active: its
	// deployment timed out, or its deletion did. Others were not deleted.
	ErrDeployment = errors.New("it will not become active")
	// ErrNotProven says that an origin does not accept the desired certificate, or that this
	// could not be found out; or that [Desired.Prove] returned an error.
	ErrNotProven = errors.New("not proven")
	// ErrUndecided says that the zone cannot be enabled, because it is not known which
	// certificate Cloudflare would present.
	ErrUndecided = errors.New("it is not known which certificate is the newest")
)

// Action is what a run does next.
type Action string

// The actions. Ask and Prove change nothing.
const (
	Ask         Action = "ask"     // ask the origins whether they accept the certificate
	Upload      Action = "upload"  // upload the desired certificate
	Prove       Action = "prove"   // call Desired.Prove
	Delete      Action = "delete"  // delete the certificate Step.Certificate
	EnableZone  Action = "enable"  // enable the zone
	DisableZone Action = "disable" // disable the zone
	Wait        Action = "wait"    // wait, and look again
	Done        Action = "done"    // nothing is left to do now
	Stop        Action = "stop"    // the run cannot go on, because of Step.Err
)

// Step is what a run does next, and why.
type Step struct {
	Action      Action
	Certificate Certificate // of Delete and Wait, if it is about one
	Reason      string      // for people
	NextAt      time.Time   // of Done: when a further run has something to do, zero if never
	Err         error       // of Stop
}

// String returns the step in one line.
func (s Step) String() string {
	text := string(s.Action)
	if s.Certificate.ID != "" {
		text += " " + word(s.Certificate.ID)
	}
	if s.Err != nil {
		return text + ": " + s.Err.Error()
	}
	if s.Reason != "" && text != "" {
		text += ": "
	}
	return text + s.Reason
}

// Plan returns what a run does next. It is a function of its arguments alone. If want is not
// valid, that is to stop.
func Plan(seen Observed, want Desired) Step {
	if err := want.check(); err != nil {
		return Step{Action: Stop, Err: err}
	}
	s := seen.sort(want)
	if live, ok := seen.notDue(want, s); ok {
		return Step{Action: Done, Certificate: live, Reason: "it is not due for renewal", NextAt: live.ExpiresOn.Add(-want.RenewBefore)}
	}
	if s.mine == nil || s.mine.leaving() {
		return seen.planAbsent(want, s)
	}
	if len(s.newer) > 0 {
		return seen.planOlder(want, s)
	}
	switch mine := *s.mine; {
	case mine.Status == originpull.StatusDeploymentTimedOut, mine.Status == originpull.StatusDeletionTimedOut:
		return stop(mine, fmt.Errorf("%w: certificate %s is %s: the others are kept; delete it and run again", ErrDeployment, word(mine.ID), mine.Status))
	case mine.Status != originpull.StatusActive:
		return wait(mine, "until it is active, it is "+word(string(mine.Status)))
	case mine.Hidden:
		return wait(mine, "until the list shows it")
	}
	return seen.planNewest(want, s)
}

// planAbsent plans while the zone does not have the desired certificate, or is deleting it.
func (seen Observed) planAbsent(want Desired, s sorted) Step {
	switch {
	case len(s.newer) > 0 && (seen.Uploaded || !want.replaces(s.newer)):
		return stop(s.newer[0], superseded(s.newer[0], "it was uploaded later, and the desired one was deleted"))
	case s.mine != nil:
		return wait(*s.mine, "until it is deleted and can be uploaded again")
	case want.needsProof() && !seen.Asked:
		return Step{Action: Ask, Reason: "before the certificate is uploaded, since it is presented from the moment it is deployed"}
	}
	return Step{Action: Upload, Reason: "the zone does not have it"}
}

// planOlder plans while newer certificates than the desired one are there. The newest is
// never deleted: the desired one is deleted, while a newer one is active, and uploaded
// again.
func (seen Observed) planOlder(want Desired, s sorted) Step {
	if seen.Uploaded || !want.replaces(s.newer) {
		return stop(s.newer[0], superseded(s.newer[0], "it was uploaded later"))
	}
	active := slices.IndexFunc(s.newer, func(c Certificate) bool { return c.Status == originpull.StatusActive })
	deploying := slices.IndexFunc(s.newer, Certificate.deploying)
	switch mine := *s.mine; {
	case active < 0 && deploying >= 0:
		return wait(s.newer[deploying], "until it is active: it is newer than the desired one, which is uploaded again then")
	case active < 0:
		return stop(s.newer[0], superseded(s.newer[0], "it was uploaded later, and it is "+word(string(s.newer[0].Status))+": delete it by its id and run again"))
	case mine.deploying():
		return wait(mine, "until it can be deleted and uploaded again")
	case want.needsProof() && !seen.Asked:
		return Step{Action: Ask, Reason: "before the certificate is uploaded again"}
	default:
		return Step{Action: Delete, Certificate: mine, Reason: "to be uploaded again and so become the newest; meanwhile " + word(s.newer[active].ID) + " is active"}
	}
}

// planNewest plans when the desired certificate is active and none is known to be newer.
func (seen Observed) planNewest(want Desired, s sorted) Step {
	mine := *s.mine
	remove := slices.Clone(s.older)
	for _, c := range s.unknown {
		// Two runs whose certificates name each other must not delete both: one whose own time of
		// upload is not known deletes nothing.
		if want.Supersede.names(c) && !mine.UploadedOn.IsZero() {
			remove = append(remove, c)
		}
	}
	set, setsEnablement := want.setsEnablement(seen.Enabled)
	due := mine.UploadedOn.Add(want.Grace)
	kept := want.Grace > 0 && len(remove) > 0 && (seen.Now.IsZero() || seen.Now.Before(due))
	if kept {
		remove = nil
	}
	switch changes := len(remove) > 0 || setsEnablement; {
	case changes && want.needsProof() && !seen.Asked:
		return Step{Action: Ask, Reason: "before others are deleted"}
	case (changes || kept) && want.Prove != nil && !seen.Proven:
		return Step{Action: Prove, Reason: "before others are deleted and the zone is enabled"}
	}
	if len(remove) > 0 {
		if i := slices.IndexFunc(remove, func(c Certificate) bool { return !c.deploying() }); i >= 0 {
			return Step{Action: Delete, Certificate: remove[i], Reason: "it is replaced by " + word(mine.ID) + ", which is active"}
		}
		return wait(remove[0], "until it can be deleted, it is "+word(string(remove[0].Status)))
	}
	if setsEnablement {
		if set && len(s.unknown) > 0 {
			c := s.unknown[0]
			return stop(c, fmt.Errorf("%w: when certificate %s was uploaded, or when the desired one was, could not be read: delete it by its id, or name it, and run again", ErrUndecided, word(c.ID)))
		}
		if set {
			return Step{Action: EnableZone, Reason: "the certificate is active, and none is newer"}
		}
		return Step{Action: DisableZone, Reason: "as desired"}
	}
	done := Step{Action: Done, Certificate: mine, Reason: "the certificate is the live one"}
	if len(s.unknown) > 0 {
		done.Reason = "the certificate is active; whether it is the newest could not be known"
	}
	if kept {
		done.NextAt = due
	}
	return done
}

// replaces reports whether all of the certificates may be replaced, though they are newer.
func (d Desired) replaces(newer []Certificate) bool {
	return d.Supersede.all || !slices.ContainsFunc(newer, func(c Certificate) bool { return !d.Supersede.names(c) })
}

// setsEnablement returns to what the enablement is set, and whether it has to be.
func (d Desired) setsEnablement(enabled bool) (set, needed bool) {
	switch d.Enablement {
	case Enable:
		return true, !enabled
	case Disable:
		return false, enabled
	}
	return enabled, false
}

func superseded(by Certificate, why string) error {
	name := word(by.ID)
	if by.Fingerprint != "" {
		name += " (SHA-256 " + by.Fingerprint + ")"
	}
	return fmt.Errorf("%w by certificate %s: %s", ErrSuperseded, name, why)
}

// word returns a text of the API as it is if it is printable, and else quoted.
func word(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}

func stop(about Certificate, err error) Step { return Step{Action: Stop, Certificate: about, Err: err} }

func wait(on Certificate, reason string) Step {
	return Step{Action: Wait, Certificate: on, Reason: reason}
}
