package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func settingsCases() []Case {
	return []Case{
		{
			Name: "enablement of a new zone", Cell: Cell{"GetSettings", 200}, Example: "disabled", Shape: true, Needs: []Capability{OwnZone, Settings},
			Claim: "Zone-level Authenticated Origin Pulls is disabled by default.", Source: reference,
			then: then("get", enablement(false)),
		},
		{
			Name: "enablement of an enabled zone", Cell: Cell{"GetSettings", 200}, Example: "enabled", Needs: []Capability{OwnZone, Settings},
			Claim: "The service returns at once what was set.", Source: liveTests,
			given: []step{enable},
			then: then("get three times", func(ctx context.Context, s *scene) error {
				for range looks {
					if err := enablement(true)(ctx, s); err != nil || !s.stateful() {
						return err
					}
				}
				return nil
			}),
		},
		{
			Name: "enable", Cell: Cell{"SetSettings", 200}, Example: "enabled", Needs: []Capability{OwnZone, Settings},
			Claim: "The service enables a zone before a certificate is uploaded, and responds with what is set.", Source: reference,
			then: []step{enable},
		},
		{
			Name: "disable", Cell: Cell{"SetSettings", 200}, Example: "disabled", Needs: []Capability{OwnZone, Settings},
			Claim: "The service disables a zone, and responds with what is set.", Source: reference,
			given: []step{enable},
			then: then("disable", func(ctx context.Context, s *scene) error {
				if err := s.set(ctx, s.me(), false); err != nil || !s.stateful() {
					return err
				}
				return enablement(false)(ctx, s)
			}),
		},
		{
			Name: "enable after the upload", Cell: Cell{"SetSettings", 200}, Needs: []Capability{OwnZone, Settings},
			Claim: "The enablement may be set after the upload as well.", Source: reference,
			given: []step{uploaded},
			then: []step{
				enable,
				{"get", enablement(true)},
				{"deploy", deployed.do},
			},
		},
		{
			Name: "a deletion leaves the enablement", Cell: Cell{"GetSettings", 200}, Needs: []Capability{OwnZone, Settings},
			Claim: "The enablement is independent of the certificates: uploads and deletions do not change it.", Source: reference,
			given: []step{uploaded, {"disable", func(ctx context.Context, s *scene) error { return s.set(ctx, s.me(), false) }}},
			then: []step{
				{"upload another", uploadAnother},
				{"get", enablement(false)},
				enable,
				{"upload another to the enabled zone", uploadAnother},
				{"get after the upload", enablement(true)},
				deployed, deleting,
				{"get after the deletion has begun", enablement(true)},
				gone,
				{"get after the deletion", enablement(true)},
			},
		},
		{
			Name: "zones are separate", Cell: Cell{"GetSettings", 200}, Needs: []Capability{OwnZone, Settings, OtherZone},
			Claim: "A zone has its own certificates and its own enablement.", Source: reference,
			given: []step{uploaded, deployed},
			then:  then("change one and look at the other", separate),
		},
		{
			Name: "set the form of the enablement", Cell: Cell{"SetSettings", 200}, Shape: true, Needs: []Capability{OwnZone, Settings},
			Claim: "The response to a change of the settings says whether the zone is enabled.", Source: reference,
			then: []step{
				// Enable and Disable would reject a synthetic response.
				{"set", func(ctx context.Context, s *scene) error {
					return s.do(ctx, s.me(), "PUT", "/settings", originpull.Settings{Enabled: false})
				}},
				{"check the response", saysWhetherEnabled},
			},
		},
	}
}

func enablement(want bool) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		settings, err := s.settings(ctx, s.me())
		if err == nil && settings.Enabled != want && !s.synthetic() {
			err = fmt.Errorf("want enabled %t", want)
		}
		return err
	}
}

// uploadAnother uploads a certificate beside that of the case.
func uploadAnother(ctx context.Context, s *scene) error {
	pair, err := s.pair(false)
	if err == nil {
		_, err = s.upload(ctx, s.me(), pair)
	}
	return err
}

// looks is how often an enabled zone has to say so.
const looks = 3

var enable = step{"enable", func(ctx context.Context, s *scene) error { return s.set(ctx, s.me(), true) }}

// separate requires that nothing of what is done in the zone is seen in another.
func separate(ctx context.Context, s *scene) error {
	var before, after originpull.Settings
	if err := s.inOtherZone(func() (err error) { before, err = s.settings(ctx, s.me()); return err }); err != nil {
		return err
	}
	if err := s.set(ctx, s.me(), !before.Enabled); err != nil {
		return err
	}
	return s.inOtherZone(func() (err error) {
		if after, err = s.settings(ctx, s.me()); err != nil {
			return err
		}
		if after.Enabled != before.Enabled {
			return errors.New("a change of the enablement is seen in another zone")
		}
		if _, err := s.get(ctx, s.me(), s.Certificate.ID); err == nil {
			return errors.New("a certificate can be got in another zone")
		}
		list, err := s.list(ctx, s.me())
		if err == nil && contains(list, s.Certificate.ID) {
			err = errors.New("a certificate is listed in another zone")
		}
		return err
	})
}

// saysWhetherEnabled requires the last response to say whether the zone is enabled.
func saysWhetherEnabled(_ context.Context, s *scene) error {
	exchanges := s.checker.since(0)
	response, _ := exchanges[len(exchanges)-1].envelope()
	var result struct{ Enabled *bool }
	if json.Unmarshal(response.Result, &result) != nil || result.Enabled == nil {
		return errors.New("the response does not say whether the zone is enabled")
	}
	return nil
}

// changing starts an upload that stays in flight for a while.
var changing = step{"begin another change", func(ctx context.Context, s *scene) error {
	s.setFaults(originpulltest.On("UploadCertificate", originpulltest.Script(originpulltest.Fault{Delay: 5 * time.Second})))
	pair, err := s.keyPair()
	if err != nil {
		return err
	}
	_, zone, err := s.client(caller{s.token, "", s.transport})
	if err != nil {
		return err
	}
	s.background.Go(func() { zone.Certificates.Upload(ctx, pair, originpull.WithoutRetry()) })
	return pause(ctx, 200*time.Millisecond)
}}

func behaviourCases() []Case {
	return []Case{
		{
			Name: "the tombstone", Cell: Cell{"GetCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "A deleted certificate stays readable by its id, as deleted, and is not listed.", Source: liveTests,
			given: []step{uploaded, deployed, deleting, gone},
			then: []step{
				{"get", getting(originpull.StatusDeleted)},
				{"list", func(ctx context.Context, s *scene) error {
					list, err := s.list(ctx, s.me())
					if err == nil && contains(list, s.Certificate.ID) {
						err = errors.New("a deleted certificate is listed")
					}
					return err
				}},
			},
			Also: []Cell{{"ListCertificates", 200}},
		},
		{
			Name: "deletion is asynchronous", Cell: Cell{"GetCertificate", 200}, Needs: []Capability{OwnZone, Pending},
			Claim: "What is being deleted reads pending_deletion until it is gone.", Source: liveTests,
			given: []step{uploaded, deployed, deleting},
			then:  then("get", getting(originpull.StatusPendingDeletion)),
		},
		{
			Name: "upload what is being deleted", Cell: Cell{"UploadCertificate", 400}, Needs: []Capability{OwnZone, Pending},
			Claim: "What is pending_deletion is still a duplicate: 1406.", Source: liveTests,
			then: then("upload again", again(false, func(_ originpull.Certificate, err error) error {
				return refused(err, 400, originpull.ErrAlreadyExists, 1406)
			})),
		},
		{
			Name: "upload what was deleted", Cell: Cell{"UploadCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "What is deleted may be uploaded again, and becomes active again.", Source: liveTests,
			then: then("upload again", again(true, func(_ originpull.Certificate, err error) error { return err })),
		},
		{
			Name: "the key is write-only", Cell: Cell{"GetCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "The service never returns a private key, nor a field for it.", Source: terraform,
			given: []step{uploaded, deployed},
			then:  []step{{"get", getting(originpull.StatusActive)}, {"look for the key", withoutKey}},
		},
		{
			Name: "the certificate is re-encoded", Cell: Cell{"UploadCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "Sent without a final newline the certificate comes back with exactly one.", Source: terraform + " issue 5714",
			then: then("upload", func(ctx context.Context, s *scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				pair.certificate = []byte(strings.TrimRight(string(pair.certificate), "\n"))
				certificate, err := s.upload(ctx, s.me(), pair)
				if err != nil {
					return err
				}
				return errors.Join(complete(certificate), sameLeaf(certificate, pair))
			}),
		},
		{
			Name: "an upload with unknown fields", Cell: Cell{"UploadCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "The service tolerates fields of an upload that it does not know.", Source: howTo,
			then: then("upload", func(ctx context.Context, s *scene) error {
				pair, err := s.pair(false)
				if err != nil {
					return err
				}
				err = s.uploadBody(ctx, s.me(), map[string]string{
					"certificate": string(pair.certificate), "private_key": string(pair.key), "bundle_method": "force", "originpull_contract": "unknown",
				})
				if err != nil {
					return fmt.Errorf("want success, have %s", outcome(err))
				}
				return nil
			}),
		},
		{
			Name: "a certificate does not change", Cell: Cell{"GetCertificate", 200}, Needs: []Capability{OwnZone},
			Claim: "A certificate is immutable, its time of upload too: only its status changes.", Source: liveTests,
			given: []step{uploaded, deployed},
			then: []step{
				{"get", getting(originpull.StatusActive)},
				{"get later", func(ctx context.Context, s *scene) error {
					if err := pause(ctx, 1100*time.Millisecond); err != nil { // so that a clock in seconds has gone on
						return err
					}
					return getting(originpull.StatusActive)(ctx, s)
				}},
			},
		},
		{
			Name: "two active certificates", Cell: Cell{"ListCertificates", 200}, Needs: []Capability{OwnZone},
			Claim: "Several certificates of a zone may be active at once.", Source: howTo,
			given: []step{uploaded, deployed},
			then: []step{
				{"upload another", uploaded.do},
				{"wait until it is active", deployed.do},
				{"list", func(ctx context.Context, s *scene) error {
					list, err := s.list(ctx, s.me())
					if err != nil {
						return err
					}
					active := 0
					for _, certificate := range list {
						if certificate.Status == originpull.StatusActive {
							active++
						}
					}
					if active < 2 {
						return fmt.Errorf("%d of two are listed as active", active)
					}
					return nil
				}},
			},
		},
		{
			Name: "lists lag", Cell: Cell{"ListCertificates", 200}, Needs: []Capability{OwnZone, Lag},
			Claim: "A new certificate can be missing from the list, while GET by id is current; in the end it is listed.", Source: liveTests,
			given: []step{uploaded},
			then: []step{
				{"get", func(ctx context.Context, s *scene) error {
					_, err := s.get(ctx, s.me(), s.Certificate.ID)
					return err
				}},
				{"list", listed(false)},
				{"wait until it is active", deployed.do},
				{"list again", listed(true)},
			},
		},
	}
}

// listLag is for how long a new certificate may be missing from lists, more or less: the
// pauses double.
const listLag = 2 * time.Minute

// listed requires the certificate to be listed eventually, or not to be listed yet.
func listed(want bool) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if want {
			return listedAll(s.Certificate.ID)(ctx, s)
		}
		list, err := s.list(ctx, s.me())
		if err == nil && contains(list, s.Certificate.ID) {
			err = errors.New("it is listed at once")
		}
		return err
	}
}

// listedAll requires certificates to be in one list eventually.
func listedAll(ids ...string) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		for wait := time.Second; ; wait *= 2 {
			list, err := s.list(ctx, s.me())
			missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return contains(list, id) })
			if err != nil || len(missing) == 0 {
				return err
			}
			if wait > listLag || pause(ctx, wait) != nil {
				return fmt.Errorf("in the end %d of %d is not listed", len(missing), len(ids))
			}
		}
	}
}

// pause waits for a duration, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// again uploads a certificate, deletes it, and uploads it again, after it is gone or
// before.
func again(whenGone bool, judge func(originpull.Certificate, error) error) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		pair, err := s.pair(false)
		if err != nil {
			return err
		}
		if s.Certificate, err = s.upload(ctx, s.me(), pair); err != nil {
			return err
		}
		steps := []step{deployed, deleting}
		if whenGone {
			steps = append(steps, gone)
		}
		if err := s.steps(ctx, steps); err != nil {
			return err
		}
		certificate, err := s.upload(ctx, s.me(), pair)
		if err := judge(certificate, err); err != nil {
			return err
		}
		if whenGone {
			s.Certificate = certificate
			return deployed.do(ctx, s)
		}
		return nil
	}
}

// withoutKey requires that no response had a field for the key.
func withoutKey(_ context.Context, s *scene) error {
	for _, x := range s.checker.since(0) {
		if strings.Contains(string(x.Response.Body), "private_key") || strings.Contains(string(x.Response.Body), "PRIVATE KEY") {
			return fmt.Errorf("the response of %s has a private key, or a field for it", x.Operation)
		}
	}
	return nil
}
