package contract

import (
	"context"
	"errors"
	"fmt"

	"github.com/originpull/originpull-go/originpull"
)

// unknownID is of the right form and names no certificate.
const unknownID = "00000000-0000-4000-8000-000000000000"

func readingCases() []Case {
	return []Case{
		{
			Name: "list of an empty zone", Cell: Cell{"ListCertificates", 200}, Example: "none", Needs: []Ability{Own},
			Promise: "The service answers null for a zone without certificates, and the SDK reads it as none.", Seen: liveTests,
			Then: then("list", func(ctx context.Context, s *Scene) error {
				list, err := s.list(ctx, s.me())
				if err != nil {
					return err
				}
				if len(list) != 0 {
					return fmt.Errorf("the list has %d certificates", len(list))
				}
				return s.answeredNull()
			}),
		},
		{
			Name: "list", Cell: Cell{"ListCertificates", 200}, Example: "one", Shape: true, Needs: []Ability{Own},
			Promise: "The service lists the zone's certificates, all in one answer and each whole.", Seen: reference,
			Given: []Step{uploaded, deployed},
			Then: then("list", func(ctx context.Context, s *Scene) error {
				list, err := s.list(ctx, s.me())
				if err != nil || s.madeUp() {
					return err
				}
				if !contains(list, s.Certificate.ID) {
					return errors.New("the certificate is not listed")
				}
				for _, certificate := range list {
					if err := complete(certificate); err != nil {
						return err
					}
				}
				return nil
			}),
		},
		{
			Name: "answers name themselves", Cell: Cell{"ListCertificates", 200}, Needs: []Ability{Limit},
			Promise: "The gateway gives every answer a Cf-Ray, and tells what is left of the rate limit.", Seen: captures + "; " + rateLimits,
			Then: then("list", func(ctx context.Context, s *Scene) error {
				if _, err := s.list(ctx, s.me()); err != nil {
					return err
				}
				return s.headers("Cf-Ray", "Ratelimit", "Ratelimit-Policy")
			}),
		},
		{
			Name: "get an active certificate", Cell: Cell{"GetCertificate", 200}, Example: "active", Shape: true, Needs: []Ability{Own},
			Promise: "The service deploys an uploaded certificate and tells by its id how it is now.", Seen: liveTests,
			Given: []Step{uploaded, deployed},
			Then:  then("get", getting(originpull.StatusActive)),
		},
		{
			Name: "get a certificate that is being deployed", Cell: Cell{"GetCertificate", 200}, Example: "pending", Needs: []Ability{Own, Pending},
			Promise: "The service deploys asynchronously: at first the status is pending_deployment or initializing.", Seen: liveTests,
			Given: []Step{uploaded},
			Then:  then("get", getting(originpull.StatusPendingDeployment, originpull.StatusInitializing)),
		},
		{
			Name: "get what never was", Cell: Cell{"GetCertificate", 404}, Example: "not_found", Shape: true,
			Promise: "The service answers 404 with 1551 or 1552 for a certificate that never was.", Seen: liveTests,
			Then: then("get", func(ctx context.Context, s *Scene) error {
				_, err := s.get(ctx, s.me(), unknownID)
				return s.notFound(err)
			}),
		},
		{
			Name: "get by an id that cannot be one", Cell: Cell{"GetCertificate", 404}, Example: "malformed_id",
			Promise: "The gateway answers 404 with 7003 for an id that cannot be one.", Seen: captures,
			Then: then("get", func(ctx context.Context, s *Scene) error {
				_, err := s.get(ctx, s.me(), "x")
				return refused(err, 404, originpull.ErrNotFound, 7003)
			}),
		},
	}
}

// getting gets the certificate and wants it whole, in one of the statuses.
func getting(want ...originpull.Status) func(context.Context, *Scene) error {
	return func(ctx context.Context, s *Scene) error {
		certificate, err := s.get(ctx, s.me(), s.Certificate.ID)
		if err != nil || s.madeUp() {
			return err
		}
		if certificate.ID != s.Certificate.ID {
			return errors.New("the id is not the one that was asked for")
		}
		return errors.Join(complete(certificate), among(certificate.Status, want...))
	}
}

// notFound wants a 404 with either of the two codes.
func (s *Scene) notFound(err error) error {
	if s.madeUp() {
		return s.failedSomehow(err, 404)
	}
	if refused(err, 404, originpull.ErrNotFound, 1551) == nil {
		return nil
	}
	return refused(err, 404, originpull.ErrNotFound, 1552)
}

// failedSomehow wants a failure of a status, whatever it says.
func (s *Scene) failedSomehow(err error, status int) error {
	var failure *originpull.Error
	if !errors.As(err, &failure) || failure.Status != status {
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	}
	return nil
}

// answeredNull wants the last answer's result to be null.
func (s *Scene) answeredNull() error {
	exchanges := s.checker.since(0)
	answer, _ := exchanges[len(exchanges)-1].envelope()
	if string(answer.Result) != "null" {
		return errors.New("want result null")
	}
	return nil
}

// headers wants the last answer to have them.
func (s *Scene) headers(names ...string) error {
	exchanges := s.checker.since(0)
	for _, name := range names {
		if exchanges[len(exchanges)-1].Answer.Header.Get(name) == "" {
			return fmt.Errorf("the answer has no %s", name)
		}
	}
	return nil
}

func uploadCases() []Case {
	return []Case{
		{
			Name: "upload", Cell: Cell{"UploadCertificate", 200}, Example: "pending", Shape: true, Needs: []Ability{Own},
			Promise: "The service answers an upload by 200 with the certificate, on its way to being deployed and without its key.", Seen: liveTests,
			Then: then("upload", func(ctx context.Context, s *Scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				certificate, err := s.upload(ctx, s.me(), pair)
				if err != nil || s.madeUp() {
					return err
				}
				if err := complete(certificate); err != nil {
					return err
				}
				if s.remembers() {
					if err := sameLeaf(certificate, pair); err != nil {
						return err
					}
				}
				return among(certificate.Status, originpull.StatusPendingDeployment, originpull.StatusInitializing, originpull.StatusActive)
			}),
		},
		{
			Name: "upload what is there", Cell: Cell{"UploadCertificate", 400}, Example: "exists", Shape: true, Needs: []Ability{Own},
			Promise: "The service tells duplicates by content and refuses them with 1406.", Seen: liveTests,
			Then: then("upload twice", func(ctx context.Context, s *Scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				if s.remembers() {
					if _, err := s.upload(ctx, s.me(), pair); err != nil {
						return err
					}
				}
				_, err = s.upload(ctx, s.me(), pair)
				if s.madeUp() {
					return s.failedSomehow(err, 400)
				}
				return refused(err, 400, originpull.ErrAlreadyExists, 1406)
			}),
		},
		{
			Name: "upload what is no certificate", Cell: Cell{"UploadCertificate", 400}, Example: "unparsable",
			Promise: "The service refuses what it cannot parse with 1408.", Seen: liveTests,
			Then: then("upload", func(ctx context.Context, s *Scene) error {
				err := s.do(ctx, s.me(), "POST", "", map[string]string{"certificate": "no certificate", "private_key": "no key"})
				return refused(err, 400, nil, 1408)
			}),
		},
		{
			Name: "upload a CA", Cell: Cell{"UploadCertificate", 400}, Example: "not_leaf",
			Promise: "The service refuses a CA certificate with 1412, as it does on the hostname level.", Seen: assumed,
			Then: then("upload", func(ctx context.Context, s *Scene) error {
				pair, err := s.pair(true)
				if err != nil {
					return err
				}
				body := map[string]string{"certificate": string(pair.certificate), "private_key": string(pair.key)}
				return refused(s.do(ctx, s.me(), "POST", "", body), 400, originpull.ErrNotLeaf, 1412)
			}),
		},
		{
			Name: "upload during another change", Cell: Cell{"UploadCertificate", 409}, Example: "conflict", Needs: []Ability{Own, failsAtWill},
			Promise: "The service serialises the changes of a zone: an upload during another is answered by 409.", Seen: liveTests,
			Given: []Step{changing},
			Then: then("upload", func(ctx context.Context, s *Scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				_, err = s.upload(ctx, s.me(), pair)
				return refused(err, 409, originpull.ErrConflict)
			}),
		},
	}
}

// sameLeaf wants the certificate to be the one that was uploaded.
func sameLeaf(c originpull.Certificate, p pair) error {
	keyPair, err := originpull.ParseKeyPair(p.certificate, p.key)
	if err != nil {
		return err
	}
	leaf, err := originpull.ParseCertificate(c.Certificate)
	if err != nil {
		return err
	}
	if !leaf.Equal(keyPair.Leaf()) {
		return errors.New("the certificate is not the one that was uploaded")
	}
	return nil
}

func deletionCases() []Case {
	return []Case{
		{
			Name: "delete", Cell: Cell{"DeleteCertificate", 200}, Example: "deleting", Shape: true, Needs: []Ability{Own},
			Promise: "The service answers a deletion with the certificate on its way out, or with null.", Seen: liveTests,
			Given: []Step{uploaded, deployed},
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				certificate, err := s.delete(ctx, s.me(), s.Certificate.ID)
				if err != nil || s.madeUp() {
					return err
				}
				if certificate.ID != s.Certificate.ID {
					return errors.New("the id is not the one that was deleted")
				}
				if certificate.Status == "" { // the answer was null
					return nil
				}
				return errors.Join(complete(certificate), among(certificate.Status, originpull.StatusPendingDeletion, originpull.StatusDeleted))
			}),
		},
		{
			Name: "delete, and nothing to show", Cell: Cell{"DeleteCertificate", 200}, Example: "without_result", Needs: []Ability{Own},
			Promise: "The SDK takes a deletion without a result for the success it is.", Seen: ourSDK,
			Given: []Step{uploaded, deployed},
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				certificate, err := s.delete(ctx, s.me(), s.Certificate.ID)
				if err != nil {
					return err
				}
				if certificate.ID != s.Certificate.ID {
					return errors.New("the id is not the one that was deleted")
				}
				return nil
			}),
		},
		{
			Name: "delete what never was", Cell: Cell{"DeleteCertificate", 404}, Example: "not_found", Shape: true,
			Promise: "The service answers the deletion of what never was by 404 with 1552.", Seen: liveTests,
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				_, err := s.delete(ctx, s.me(), unknownID)
				return s.notFound(err)
			}),
		},
		{
			Name: "delete what is deleted", Cell: Cell{"DeleteCertificate", 400}, Example: "already_deleted", Needs: []Ability{Own},
			Promise: "The service refuses to delete what is deleted by 400 with a code that nobody has recorded.", Seen: liveTests,
			Given: []Step{uploaded, deployed, deleting, gone},
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				if s.remembers() && !errors.Is(err, originpull.ErrAlreadyDeleted) {
					return fmt.Errorf("want an error that means %q, have %s", originpull.ErrAlreadyDeleted, outcome(err))
				}
				return s.failedSomehow(err, 400)
			}),
		},
		{
			Name: "delete while it is being deployed", Cell: Cell{"DeleteCertificate", 400}, Example: "pending", Needs: []Ability{Own, Pending},
			Promise: "The service refuses to delete what is being deployed with 1434.", Seen: liveTests,
			Given: []Step{uploaded},
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				return refused(err, 400, originpull.ErrPendingDeployment, 1434)
			}),
		},
		{
			Name: "delete during another change", Cell: Cell{"DeleteCertificate", 409}, Example: "conflict", Needs: []Ability{Own, failsAtWill},
			Promise: "The service serialises the changes of a zone: a deletion during an upload is answered by 409.", Seen: liveTests,
			Given: []Step{uploaded, deployed, changing},
			Then: then("delete", func(ctx context.Context, s *Scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				return refused(err, 409, originpull.ErrConflict)
			}),
		},
	}
}
