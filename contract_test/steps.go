package contract

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// then returns the only step of a case.
func then(name string, do func(context.Context, *scene) error) []step {
	return []step{{name, do}}
}

// The steps that prepare a zone.

// uploaded uploads a certificate.
var uploaded = step{"upload a certificate", func(ctx context.Context, s *scene) error {
	pair, err := s.pair(false)
	if err != nil {
		return err
	}
	s.Certificate, err = s.upload(ctx, s.me(), pair)
	return err
}}

// deployed waits until it is active.
var deployed = step{"wait until it is active", func(ctx context.Context, s *scene) error {
	certificate, err := s.wait(ctx, s.Certificate.ID, originpull.StatusActive)
	if err == nil {
		s.Certificate, s.deployTook = certificate, time.Since(s.uploadedAt)
	}
	return err
}}

// deleting begins to delete it.
var deleting = step{"delete it", func(ctx context.Context, s *scene) error {
	_, err := s.delete(ctx, s.me(), s.Certificate.ID)
	return err
}}

// gone waits until it is deleted.
var gone = step{"wait until it is deleted", func(ctx context.Context, s *scene) error {
	_, err := s.wait(ctx, s.Certificate.ID, originpull.StatusDeleted)
	return err
}}

// stateful reports whether the provider keeps state.
func (s *scene) stateful() bool { return slices.Contains(s.capabilities, Stateful) }

// synthetic reports whether the content of responses is generated and means nothing.
func (s *scene) synthetic() bool { return slices.Contains(s.capabilities, Synthetic) }

// refused requires a failure with a status and exactly the codes. If meaning is not
// nil, the error must be that one for errors.Is.
func refused(err error, status int, meaning error, codes ...originpull.Code) error {
	var failure *originpull.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	}
	have := failure.Codes()
	switch {
	case failure.Status != status:
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	case fmt.Sprint(have) != fmt.Sprint(codes):
		return fmt.Errorf("want HTTP %d with the codes %v, have the codes %v", status, codes, have)
	case meaning != nil && !errors.Is(err, meaning):
		return fmt.Errorf("want an error that means %q, have %s", meaning, outcome(err))
	}
	return nil
}

// outcome says how a call ended, without the content of the response.
func outcome(err error) string {
	var failure *originpull.Error
	switch {
	case err == nil:
		return "success"
	case !errors.As(err, &failure) || failure.Status == 0:
		return err.Error()
	case failure.Err != nil:
		return fmt.Sprintf("HTTP %d: %s", failure.Status, kind(failure.Err))
	}
	return fmt.Sprintf("HTTP %d with the codes %v", failure.Status, failure.Codes())
}

// kind says of what kind an error about a response is, without the content of the
// response, which the error may hold.
func kind(err error) string {
	for _, known := range []error{originpull.ErrMalformedResponse, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("%T", err)
}

// uuid is the form of a certificate's id.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// complete requires the certificate and its id to have the form that the service gives
// them. What else is known of a certificate is checked in every response, see
// received.form.
func complete(c originpull.Certificate) error {
	leaf, err := originpull.ParseCertificate([]byte(c.Certificate))
	if err != nil {
		return errors.New("the certificate cannot be parsed")
	}
	block, rest := pem.Decode([]byte(c.Certificate))
	for _, field := range []struct {
		wrong bool
		what  string
	}{
		{!uuid.MatchString(c.ID), "id is not a UUID"},
		{len(rest) > 0 || string(pem.EncodeToMemory(block)) != c.Certificate, "certificate is not PEM with exactly one final newline"},
		{leaf.IsCA, "certificate is a CA"},
	} {
		if field.wrong {
			return errors.New(field.what)
		}
	}
	return nil
}

// among requires a status to be one of several.
func among(have originpull.Status, want ...originpull.Status) error {
	var names []string
	for _, status := range want {
		if have == status {
			return nil
		}
		names = append(names, string(status))
	}
	return fmt.Errorf("want status %s, have another", strings.Join(names, " or "))
}

// contains reports whether a list has a certificate.
func contains(list []originpull.Certificate, id string) bool {
	for _, certificate := range list {
		if certificate.ID == id {
			return true
		}
	}
	return false
}
