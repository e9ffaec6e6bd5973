package contract

import (
	"context"
	"errors"
	"slices"

	"github.com/originpull/originpull-go/originpull"
)

// lifecycleCases need no zone to themselves and no more requests than they must:
// they are what a live zone is held to.
func lifecycleCases() []Case {
	met := []Cell{
		{"UploadCertificate", 400}, {"GetCertificate", 200}, {"ListCertificates", 200},
		{"DeleteCertificate", 200}, {"DeleteCertificate", 400},
	}
	return []Case{
		{
			Name: "lifecycle", Cell: Cell{"UploadCertificate", 200}, Needs: []Ability{Enabling},
			Promise: "A certificate is uploaded, deployed, listed, put to use and out of it, deleted and gone, and a duplicate is refused meanwhile.", Seen: liveTests,
			Then: slices.Concat(birth, []Step{
				{"look at the enablement", enablement(false)},
				{"enable, look and disable", enableAndBack},
			}, end),
			Also: append(met, Cell{"GetSettings", 200}, Cell{"SetSettings", 200}),
		},
		{
			Name: "lifecycle, the enablement left alone", Cell: Cell{"UploadCertificate", 200}, Smaller: Enabling,
			Promise: "A certificate is uploaded, deployed, listed, deleted and gone, and a duplicate is refused meanwhile.", Seen: liveTests,
			Then: slices.Concat(birth, end),
			Also: met,
		},
		{
			Name: "enablement is told", Cell: Cell{"GetSettings", 200},
			Promise: "The service tells whether a zone is enabled.", Seen: reference,
			Then: then("get", func(ctx context.Context, s *Scene) error {
				_, err := s.settings(ctx, s.me())
				return err
			}),
		},
	}
}

// birth is the first half of a certificate's life, end the other.
var (
	birth = []Step{
		{"upload, and again", uploadTwice},
		{"delete at once", deleteAtOnce},
		deployed,
		{"get", getting(originpull.StatusActive)},
		{"list until it is there", listed(true)},
	}
	end = []Step{
		deleting,
		{"get", getting(originpull.StatusPendingDeletion, originpull.StatusDeleted)},
		gone,
		{"delete again", func(ctx context.Context, s *Scene) error {
			_, err := s.delete(ctx, s.me(), s.Certificate.ID)
			if !errors.Is(err, originpull.ErrAlreadyDeleted) {
				return errors.New("want it to be refused as already deleted, have " + outcome(err))
			}
			return nil
		}},
	}
)

func uploadTwice(ctx context.Context, s *Scene) error {
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

// deleteAtOnce tries to delete what is being deployed, where that can be seen.
func deleteAtOnce(ctx context.Context, s *Scene) error {
	if !slices.Contains(s.can, Pending) || s.Certificate.Status == originpull.StatusActive {
		return nil
	}
	_, err := s.delete(ctx, s.me(), s.Certificate.ID)
	return refused(err, 400, originpull.ErrPendingDeployment, 1434)
}

// enableAndBack enables the zone for a while. Before that it uploads another
// certificate, which tells the next run after a crash who enabled the zone, and
// disables it as soon as that certificate can be deleted: so it is there without
// the zone being enabled for the time of one request, and not longer.
func enableAndBack(ctx context.Context, s *Scene) error {
	pair, err := newPair(subject+s.run+enabling, false)
	if err != nil {
		return err
	}
	took := s.deployTook
	mark, err := s.upload(ctx, s.me(), pair)
	if err != nil {
		return err
	}
	return s.steps(ctx, []Step{
		{"enable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), true) }},
		{"look at it again", enablement(true)},
		{"wait until what tells who enabled it can be deleted", func(ctx context.Context, s *Scene) error {
			if err := pause(ctx, took); err != nil { // as long as the last one took: polls are requests
				return err
			}
			_, err := s.wait(ctx, mark.ID, originpull.StatusActive)
			return err
		}},
		{"disable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), false) }},
		{"delete what told it", func(ctx context.Context, s *Scene) error {
			_, err := s.delete(ctx, s.me(), mark.ID)
			return err
		}},
	})
}
