package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func settingsCases() []Case {
	return []Case{
		{
			Name: "enablement of a new zone", Cell: Cell{"GetSettings", 200}, Example: "disabled", Shape: true, Needs: []Ability{Own, Enabling},
			Promise: "Zone-level Authenticated Origin Pulls is disabled by default.", Seen: reference,
			Then: then("get", enablement(false)),
		},
		{
			Name: "enablement of an enabled zone", Cell: Cell{"GetSettings", 200}, Example: "enabled", Needs: []Ability{Own, Enabling},
			Promise: "The service tells at once what was set.", Seen: liveTests,
			Given: []Step{{"enable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), true) }}},
			Then:  then("get", enablement(true)),
		},
		{
			Name: "enable", Cell: Cell{"SetSettings", 200}, Example: "enabled", Needs: []Ability{Own, Enabling},
			Promise: "The service enables a zone before a certificate is uploaded, and answers with what is set.", Seen: reference,
			Then: then("enable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), true) }),
		},
		{
			Name: "disable", Cell: Cell{"SetSettings", 200}, Example: "disabled", Needs: []Ability{Own, Enabling},
			Promise: "The service disables a zone, and answers with what is set.", Seen: reference,
			Then: then("disable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), false) }),
		},
		{
			Name: "enable after the upload", Cell: Cell{"SetSettings", 200}, Needs: []Ability{Own, Enabling},
			Promise: "The enablement may be set after the upload as well.", Seen: reference,
			Given: []Step{uploaded},
			Then: []Step{
				{"enable", func(ctx context.Context, s *Scene) error { return s.set(ctx, s.me(), true) }},
				{"get", enablement(true)},
				{"deploy", deployed.Do},
			},
		},
		{
			Name: "set the form of the enablement", Cell: Cell{"SetSettings", 200}, Shape: true, Needs: []Ability{Own, Enabling},
			Promise: "The answer to a change of the enablement says whether it is enabled.", Seen: reference,
			Then: []Step{
				// Enable and disable would refuse an answer that is made up.
				{"set", func(ctx context.Context, s *Scene) error {
					return s.do(ctx, s.me(), "PUT", "/settings", originpull.Settings{Enabled: false})
				}},
				{"look at the answer", saysWhetherEnabled},
			},
		},
	}
}

func enablement(want bool) func(context.Context, *Scene) error {
	return func(ctx context.Context, s *Scene) error {
		settings, err := s.settings(ctx, s.me())
		if err == nil && settings.Enabled != want && !s.madeUp() {
			err = fmt.Errorf("want enabled %t", want)
		}
		return err
	}
}

// saysWhetherEnabled wants the last answer to say so.
func saysWhetherEnabled(_ context.Context, s *Scene) error {
	exchanges := s.checker.since(0)
	answer, _ := exchanges[len(exchanges)-1].envelope()
	var result struct{ Enabled *bool }
	if json.Unmarshal(answer.Result, &result) != nil || result.Enabled == nil {
		return errors.New("the answer does not say whether it is enabled")
	}
	return nil
}

// changing has an upload in flight for a while.
var changing = Step{"begin another change", func(ctx context.Context, s *Scene) error {
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
			Name: "the tombstone", Cell: Cell{"GetCertificate", 200}, Needs: []Ability{Own},
			Promise: "A deleted certificate stays readable by its id, as deleted, and is not listed.", Seen: liveTests,
			Given: []Step{uploaded, deployed, deleting, gone},
			Then: []Step{
				{"get", getting(originpull.StatusDeleted)},
				{"list", func(ctx context.Context, s *Scene) error {
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
			Name: "deletion is asynchronous", Cell: Cell{"GetCertificate", 200}, Needs: []Ability{Own, Pending},
			Promise: "What is being deleted reads pending_deletion until it is gone.", Seen: liveTests,
			Given: []Step{uploaded, deployed, deleting},
			Then:  then("get", getting(originpull.StatusPendingDeletion)),
		},
		{
			Name: "upload what is being deleted", Cell: Cell{"UploadCertificate", 400}, Needs: []Ability{Own, Pending},
			Promise: "What is pending_deletion is still a duplicate: 1406.", Seen: liveTests,
			Then: then("upload again", again(false, func(_ originpull.Certificate, err error) error {
				return refused(err, 400, originpull.ErrAlreadyExists, 1406)
			})),
		},
		{
			Name: "upload what was deleted", Cell: Cell{"UploadCertificate", 200}, Needs: []Ability{Own},
			Promise: "What is deleted may be uploaded again, and becomes active again.", Seen: liveTests,
			Then: then("upload again", again(true, func(_ originpull.Certificate, err error) error { return err })),
		},
		{
			Name: "the key is write-only", Cell: Cell{"GetCertificate", 200}, Needs: []Ability{Own},
			Promise: "The service never returns a private key, nor a field for it.", Seen: terraform,
			Given: []Step{uploaded, deployed},
			Then:  []Step{{"get", getting(originpull.StatusActive)}, {"look for the key", withoutKey}},
		},
		{
			Name: "the certificate is re-encoded", Cell: Cell{"UploadCertificate", 200}, Needs: []Ability{Own},
			Promise: "Sent without a final newline the certificate comes back with exactly one.", Seen: terraform + " issue 5714",
			Then: then("upload", func(ctx context.Context, s *Scene) error {
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
			Name: "two active certificates", Cell: Cell{"ListCertificates", 200}, Needs: []Ability{Own},
			Promise: "Several certificates of a zone may be active at once.", Seen: howTo,
			Given: []Step{uploaded, deployed},
			Then: []Step{
				{"upload another", uploaded.Do},
				{"wait until it is active", deployed.Do},
				{"list", func(ctx context.Context, s *Scene) error {
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
			Name: "lists lag", Cell: Cell{"ListCertificates", 200}, Needs: []Ability{Own, Lag},
			Promise: "A new certificate can be missing from the list, while GET by id is current; in the end it is listed.", Seen: liveTests,
			Given: []Step{uploaded},
			Then: []Step{
				{"get", func(ctx context.Context, s *Scene) error {
					_, err := s.get(ctx, s.me(), s.Certificate.ID)
					return err
				}},
				{"list", listed(false)},
				{"wait until it is active", deployed.Do},
				{"list again", listed(true)},
			},
		},
	}
}

// listed wants the certificate to be listed, in the end, or not to be yet.
func listed(want bool) func(context.Context, *Scene) error {
	return func(ctx context.Context, s *Scene) error {
		for wait := time.Second; ; wait *= 2 {
			list, err := s.list(ctx, s.me())
			if err != nil || contains(list, s.Certificate.ID) == want {
				return err
			}
			if !want {
				return errors.New("it is listed at once")
			}
			if err := pause(ctx, wait); err != nil {
				return errors.New("it is not listed in the end")
			}
		}
	}
}

// pause waits a while, or until the context ends.
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

// again uploads a certificate, deletes it, and uploads it again, when it is gone or
// before.
func again(whenGone bool, judge func(originpull.Certificate, error) error) func(context.Context, *Scene) error {
	return func(ctx context.Context, s *Scene) error {
		pair, err := s.pair(false)
		if err != nil {
			return err
		}
		if s.Certificate, err = s.upload(ctx, s.me(), pair); err != nil {
			return err
		}
		steps := []Step{deployed, deleting}
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
			return deployed.Do(ctx, s)
		}
		return nil
	}
}

// withoutKey wants no answer to have had a field for the key.
func withoutKey(_ context.Context, s *Scene) error {
	for _, x := range s.checker.since(0) {
		if strings.Contains(string(x.Answer.Body), "private_key") || strings.Contains(string(x.Answer.Body), "PRIVATE KEY") {
			return fmt.Errorf("%s answers with a private key, or a field for it", x.Operation)
		}
	}
	return nil
}
