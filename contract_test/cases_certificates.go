package contract

import (
	"context"
	"errors"
	"fmt"

	"github.com/originpull/originpull-go/originpull"
)

// unknownID is a well-formed id of no certificate.
const unknownID = "00000000-0000-4000-8000-000000000000"

func readingCases() []Case {
	return []Case{
		{
			Name: "list of an empty zone", Cell: Cell{"ListCertificates", 200}, Example: "none", Needs: []Capability{OwnZone},
			Claim: "The service returns null for a zone without certificates, and the SDK reads it as an empty list.", Source: liveTests,
			then: then("list", func(ctx context.Context, s *scene) error {
				list, err := s.list(ctx, s.me())
				if err != nil {
					return err
				}
				if len(list) != 0 {
					return fmt.Errorf("the list has %d certificates", len(list))
				}
				return s.resultIsNull()
			}),
		},
		{
			Name: "list", Cell: Cell{"ListCertificates", 200}, Example: "one", Shape: true, Needs: []Capability{OwnZone},
			Claim: "The service lists the zone's certificates, all in one response and each complete.", Source: reference,
			given: []step{uploaded, deployed},
			then: then("list", func(ctx context.Context, s *scene) error {
				list, err := s.list(ctx, s.me())
				if err != nil || s.synthetic() {
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
			Name: "responses carry Cf-Ray and the rate limit", Cell: Cell{"ListCertificates", 200}, Needs: []Capability{RateLimit},
			Claim: "The gateway adds Cf-Ray to every response, and headers that say what is left of the rate limit.", Source: captures + "; " + rateLimits,
			then: then("list", func(ctx context.Context, s *scene) error {
				if _, err := s.list(ctx, s.me()); err != nil {
					return err
				}
				return s.headers("Cf-Ray", "Ratelimit", "Ratelimit-Policy")
			}),
		},
		{
			Name: "get an active certificate", Cell: Cell{"GetCertificate", 200}, Example: "active", Shape: true, Needs: []Capability{OwnZone},
			Claim: "The service deploys an uploaded certificate and returns its current state by id.", Source: liveTests,
			given: []step{uploaded, deployed},
			then:  then("get", getting(originpull.StatusActive)),
		},
		{
			Name: "get a certificate that is being deployed", Cell: Cell{"GetCertificate", 200}, Example: "pending", Needs: []Capability{OwnZone, Pending},
			Claim: "The service deploys asynchronously: at first the status is pending_deployment or initializing.", Source: liveTests,
			given: []step{uploaded},
			then:  then("get", getting(originpull.StatusPendingDeployment, originpull.StatusInitializing)),
		},
		{
			Name: "get what never was", Cell: Cell{"GetCertificate", 404}, Example: "not_found", Shape: true,
			Claim: "The service responds with 404 and code 1551 or 1552 for a certificate that never existed.", Source: liveTests,
			then: then("get", func(ctx context.Context, s *scene) error {
				_, err := s.get(ctx, s.me(), unknownID)
				return s.notFound(err)
			}),
		},
		{
			Name: "get by an id that cannot be one", Cell: Cell{"GetCertificate", 404}, Example: "malformed_id",
			Claim: "The gateway responds with 404 and code 7003 for a malformed id.", Source: captures,
			then: then("get", func(ctx context.Context, s *scene) error {
				_, err := s.get(ctx, s.me(), "x")
				return refused(err, 404, originpull.ErrNotFound, 7003)
			}),
		},
	}
}

// getting gets the certificate and requires it complete, with one of the statuses.
func getting(want ...originpull.Status) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		certificate, err := s.get(ctx, s.me(), s.Certificate.ID)
		if err != nil || s.synthetic() {
			return err
		}
		if certificate.ID != s.Certificate.ID {
			return errors.New("the id is not the one that was asked for")
		}
		return errors.Join(complete(certificate), among(certificate.Status, want...))
	}
}

// notFound requires a 404 with either of the two codes.
func (s *scene) notFound(err error) error {
	if s.synthetic() {
		return s.failedWith(err, 404)
	}
	if refused(err, 404, originpull.ErrNotFound, 1551) == nil {
		return nil
	}
	return refused(err, 404, originpull.ErrNotFound, 1552)
}

// failedWith requires a failure with a status, whatever its codes.
func (s *scene) failedWith(err error, status int) error {
	var failure *originpull.Error
	if !errors.As(err, &failure) || failure.Status != status {
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	}
	return nil
}

// resultIsNull requires the result of the last response to be null.
func (s *scene) resultIsNull() error {
	exchanges := s.checker.since(0)
	response, _ := exchanges[len(exchanges)-1].envelope()
	if string(response.Result) != "null" {
		return errors.New("want result null")
	}
	return nil
}

// headers requires the last response to have them.
func (s *scene) headers(names ...string) error {
	exchanges := s.checker.since(0)
	for _, name := range names {
		if exchanges[len(exchanges)-1].Response.Header.Get(name) == "" {
			return fmt.Errorf("the response has no %s", name)
		}
	}
	return nil
}

func uploadCases() []Case {
	return []Case{
		{
			Name: "upload", Cell: Cell{"UploadCertificate", 200}, Example: "pending", Shape: true, Needs: []Capability{OwnZone},
			Claim: "The service responds to an upload with 200 and the certificate, which is being deployed, without its key.", Source: liveTests,
			then: then("upload", func(ctx context.Context, s *scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				certificate, err := s.upload(ctx, s.me(), pair)
				if err != nil || s.synthetic() {
					return err
				}
				if err := complete(certificate); err != nil {
					return err
				}
				if s.stateful() {
					if err := sameLeaf(certificate, pair); err != nil {
						return err
					}
				}
				return among(certificate.Status, originpull.StatusPendingDeployment, originpull.StatusInitializing, originpull.StatusActive)
			}),
		},
		{
			Name: "upload what is there", Cell: Cell{"UploadCertificate", 400}, Example: "exists", Shape: true, Needs: []Capability{OwnZone},
			Claim: "The service recognises duplicates by content and refuses them with code 1406.", Source: liveTests,
			then: then("upload twice", func(ctx context.Context, s *scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				if s.stateful() {
					if _, err := s.upload(ctx, s.me(), pair); err != nil {
						return err
					}
				}
				_, err = s.upload(ctx, s.me(), pair)
				if s.synthetic() {
					return s.failedWith(err, 400)
				}
				return refused(err, 400, originpull.ErrAlreadyExists, 1406)
			}),
		},
		{
			Name: "upload a malformed certificate", Cell: Cell{"UploadCertificate", 400}, Example: "unparsable",
			Claim: "The service refuses what it cannot parse with 1408.", Source: liveTests,
			then: then("upload", func(ctx context.Context, s *scene) error {
				err := s.do(ctx, s.me(), "POST", "", map[string]string{"certificate": "no certificate", "private_key": "no key"})
				return refused(err, 400, nil, 1408)
			}),
		},
		{
			Name: "upload a CA", Cell: Cell{"UploadCertificate", 400}, Example: "not_leaf",
			Claim: "The service refuses a CA certificate with 1412, as it does on the hostname level.", Source: assumed,
			then: then("upload", func(ctx context.Context, s *scene) error {
				pair, err := s.pair(true)
				if err != nil {
					return err
				}
				body := map[string]string{"certificate": string(pair.certificate), "private_key": string(pair.key)}
				return refused(s.do(ctx, s.me(), "POST", "", body), 400, originpull.ErrNotLeaf, 1412)
			}),
		},
		{
			Name: "upload during another change", Cell: Cell{"UploadCertificate", 409}, Example: "conflict", Needs: []Capability{OwnZone, injectsFaults},
			Claim: "The service serialises the changes of a zone: an upload during another gets 409.", Source: liveTests,
			given: []step{changing},
			then: then("upload", func(ctx context.Context, s *scene) error {
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

// sameLeaf requires the certificate to be the one that was uploaded.
func sameLeaf(c originpull.Certificate, p pair) error {
	keyPair, err := originpull.ParseKeyPair(p.certificate, p.key)
	if err != nil {
		return err
	}
	leaf, err := originpull.ParseCertificate([]byte(c.Certificate))
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
			Name: "delete", Cell: Cell{"DeleteCertificate", 200}, Example: "deleting", Shape: true, Needs: []Capability{OwnZone},
			Claim: "The service responds to a deletion with the certificate, which is being deleted, or with null.", Source: liveTests,
			given: []step{uploaded, deployed},
			then: then("delete", func(ctx context.Context, s *scene) error {
				certificate, err := s.delete(ctx, s.me(), s.Certificate.ID)
				if err != nil || s.synthetic() {
					return err
				}
				if certificate.ID != s.Certificate.ID {
					return errors.New("the id is not the one that was deleted")
				}
				if certificate.Status == "" { // the result was null
					return nil
				}
				return errors.Join(complete(certificate), among(certificate.Status, originpull.StatusPendingDeletion, originpull.StatusDeleted))
			}),
		},
		{
			Name: "delete, and nothing to show", Cell: Cell{"DeleteCertificate", 200}, Example: "without_result", Needs: []Capability{OwnZone},
			Claim: "The SDK reports a deletion without a result as a success.", Source: ourSDK,
			given: []step{uploaded, deployed},
			then: then("delete", func(ctx context.Context, s *scene) error {
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
			Claim: "The service responds to the deletion of a certificate that never existed with 404 and code 1552.", Source: liveTests,
			then: then("delete", func(ctx context.Context, s *scene) error {
				_, err := s.delete(ctx, s.me(), unknownID)
				return s.notFound(err)
			}),
		},
		{
			Name: "delete what is deleted", Cell: Cell{"DeleteCertificate", 400}, Example: "already_deleted", Needs: []Capability{OwnZone},
			Claim: "The service refuses to delete what is deleted with 400 and a code that no one has recorded.", Source: liveTests,
			given: []step{uploaded, deployed, deleting, gone},
			then: then("delete", func(ctx context.Context, s *scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				if s.stateful() && !errors.Is(err, originpull.ErrAlreadyDeleted) {
					return fmt.Errorf("want an error that means %q, have %s", originpull.ErrAlreadyDeleted, outcome(err))
				}
				return s.failedWith(err, 400)
			}),
		},
		{
			Name: "delete while it is being deployed", Cell: Cell{"DeleteCertificate", 400}, Example: "pending", Needs: []Capability{OwnZone, Pending},
			Claim: "The service refuses to delete what is being deployed with 1434.", Source: liveTests,
			given: []step{uploaded},
			then: then("delete", func(ctx context.Context, s *scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				return refused(err, 400, originpull.ErrPendingDeployment, 1434)
			}),
		},
		{
			Name: "delete during another change", Cell: Cell{"DeleteCertificate", 409}, Example: "conflict", Needs: []Capability{OwnZone, injectsFaults},
			Claim: "The service serialises the changes of a zone: a deletion during an upload gets 409.", Source: liveTests,
			given: []step{uploaded, deployed, changing},
			then: then("delete", func(ctx context.Context, s *scene) error {
				_, err := s.delete(ctx, s.me(), s.Certificate.ID)
				return refused(err, 409, originpull.ErrConflict)
			}),
		},
	}
}
