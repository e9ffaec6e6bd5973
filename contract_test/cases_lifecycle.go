package contract

import (
	"context"
	"errors"
	"slices"

	"github.com/originpull/originpull-go/originpull"
)

// lifecycleCases need no zone of their own and as few requests as possible. They are
// the cases of a live zone.
func lifecycleCases() []Case {
	met := []Cell{
		{"UploadCertificate", 400}, {"GetCertificate", 200}, {"ListCertificates", 200},
		{"DeleteCertificate", 200}, {"DeleteCertificate", 400},
	}
	return []Case{
		{
			Name: "lifecycle", Cell: Cell{"UploadCertificate", 200}, Needs: []Capability{Settings},
			Claim: "A certificate is uploaded, deployed, listed, put to use and out of it, deleted and gone, and a duplicate is refused meanwhile.", Source: liveTests,
			then: slices.Concat(deploySteps, []step{
				{"look at the enablement", enablement(false)},
				{"enable and disable", enableAndBack},
			}, goneSteps),
			Also: append(met, Cell{"GetSettings", 200}, Cell{"SetSettings", 200}),
		},
		{
			Name: "lifecycle, the enablement left alone", Cell: Cell{"UploadCertificate", 200}, SupersededBy: Settings,
			Claim: "A certificate is uploaded, deployed, listed, deleted and gone, and a duplicate is refused meanwhile.", Source: liveTests,
			then: slices.Concat(deploySteps, []step{{"list until it is there", listed(true)}, deleting}, goneSteps),
			Also: met,
		},
		{
			Name: "get the enablement", Cell: Cell{"GetSettings", 200},
			Claim: "The service reports whether a zone is enabled.", Source: reference,
			then: then("get", func(ctx context.Context, s *scene) error {
				_, err := s.settings(ctx, s.me())
				return err
			}),
		},
	}
}

// deploySteps are the life of a certificate until it is deployed, goneSteps from when it is
// being deleted.
var (
	deploySteps = []step{
		{"upload, and again", uploadTwice},
		{"delete at once", deleteAtOnce},
		deployed,
		{"get", getting(originpull.StatusActive)},
	}
	goneSteps = []step{
		{"get", getting(originpull.StatusPendingDeletion, originpull.StatusDeleted)},
		gone,
		{"delete again", func(ctx context.Context, s *scene) error {
			_, err := s.delete(ctx, s.me(), s.Certificate.ID)
			if !errors.Is(err, originpull.ErrAlreadyDeleted) {
				return errors.New("want it to be refused as already deleted, have " + outcome(err))
			}
			return nil
		}},
	}
)

func uploadTwice(ctx context.Context, s *scene) error {
	pair, err := s.pair(false)
	if err != nil {
		return err
	}
	if s.Certificate, err = s.upload(ctx, s.me(), pair); err != nil {
		return err
	}
	if err := errors.Join(complete(s.Certificate), sameLeaf(s.Certificate, pair)); err != nil {
		return err
	}
	_, err = s.upload(ctx, s.me(), pair)
	return refused(err, 400, originpull.ErrAlreadyExists, 1406)
}

// deleteAtOnce tries to delete a certificate that is being deployed, where the
// provider shows that status.
func deleteAtOnce(ctx context.Context, s *scene) error {
	if !slices.Contains(s.capabilities, Pending) || s.Certificate.Status == originpull.StatusActive {
		return nil
	}
	_, err := s.delete(ctx, s.me(), s.Certificate.ID)
	return refused(err, 400, originpull.ErrPendingDeployment, 1434)
}

// enableAndBack enables the zone for a while, and deletes the certificate of the case
// meanwhile: the zone has to stay enabled. Before that it uploads a marker, a certificate
// by which the next run after a crash knows who enabled the zone. It disables the zone when
// the marker can be deleted, so the marker exists in a disabled zone only for the time of
// one request.
func enableAndBack(ctx context.Context, s *scene) error {
	pair, err := newPair(subject+s.run+enabling, false)
	if err != nil {
		return err
	}
	took := s.deployTook
	marker, err := s.upload(ctx, s.me(), pair)
	if err != nil {
		return err
	}
	return s.steps(ctx, []step{
		{"enable", func(ctx context.Context, s *scene) error { return s.set(ctx, s.me(), true) }},
		{"look at it again", enablement(true)},
		{"wait until the marker can be deleted", func(ctx context.Context, s *scene) error {
			if err := pause(ctx, took); err != nil { // as long as the last deployment took: each poll is a request
				return err
			}
			_, err := s.wait(ctx, marker.ID, originpull.StatusActive)
			return err
		}},
		{"list until both are there", func(ctx context.Context, s *scene) error { return listedAll(s.Certificate.ID, marker.ID)(ctx, s) }},
		{"look a second time", enablement(true)},
		deleting,
		{"look after the deletion", enablement(true)},
		{"disable", func(ctx context.Context, s *scene) error { return s.set(ctx, s.me(), false) }},
		{"delete the marker", func(ctx context.Context, s *scene) error {
			_, err := s.delete(ctx, s.me(), marker.ID)
			return err
		}},
		{"look in the end", enablement(false)},
	})
}
