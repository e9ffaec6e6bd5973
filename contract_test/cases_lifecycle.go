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
	return []Case{
		{
			Name: "lifecycle", Cell: Cell{"UploadCertificate", 200},
			Promise: "A certificate is uploaded, deployed, listed, deleted and gone, and a duplicate is refused meanwhile.", Seen: liveTests,
			Then: []Step{
				{"upload, and again", uploadTwice},
				{"delete at once", deleteAtOnce},
				deployed,
				{"get", getting(originpull.StatusActive)},
				{"list until it is there", listed(true)},
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
			},
			Also: []Cell{
				{"UploadCertificate", 400}, {"GetCertificate", 200}, {"ListCertificates", 200},
				{"DeleteCertificate", 200}, {"DeleteCertificate", 400},
			},
		},
		{
			Name: "enablement to and fro", Cell: Cell{"SetSettings", 200}, Needs: []Ability{Enabling},
			Promise: "A zone is enabled and disabled at once, whether it has a certificate or not.", Seen: liveTests,
			Then: []Step{
				{"get", enablement(false)},
				{"enable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), true) }},
				{"get", enablement(true)},
				{"disable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), false) }},
				{"get", enablement(false)},
			},
			Also: []Cell{{"GetSettings", 200}},
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
