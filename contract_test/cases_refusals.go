package contract

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// operation is one of the document's, as a call by somebody.
type operation struct {
	name  string
	reads bool
	call  func(context.Context, *Scene, caller) error
}

func operations() []operation {
	return []operation{
		{"ListCertificates", true, func(ctx context.Context, s *Scene, who caller) error {
			_, err := s.list(ctx, who)
			return err
		}},
		{"UploadCertificate", false, func(ctx context.Context, s *Scene, who caller) error {
			pair, err := s.pair(false)
			if err != nil {
				return err
			}
			_, err = s.upload(ctx, who, pair)
			return err
		}},
		{"GetCertificate", true, func(ctx context.Context, s *Scene, who caller) error {
			_, err := s.get(ctx, who, unknownID)
			return err
		}},
		{"DeleteCertificate", false, func(ctx context.Context, s *Scene, who caller) error {
			_, err := s.delete(ctx, who, unknownID)
			return err
		}},
		{"GetSettings", true, func(ctx context.Context, s *Scene, who caller) error {
			_, err := s.settings(ctx, who)
			return err
		}},
		{"SetSettings", false, func(ctx context.Context, s *Scene, who caller) error {
			return s.set(ctx, who, true)
		}},
	}
}

// stranger is a token of the right form that was never made.
func stranger() string { return testpki.Listed((rand.Text() + rand.Text())[:40]) }

// refusalCases are what the gateway refuses of each operation, and for want of
// what.
func refusalCases() []Case {
	cases := []Case{
		{
			Name: "list without credentials", Cell: Cell{"ListCertificates", 400}, Example: "no_credentials", Told: []Ability{Nobody},
			Promise: "The gateway answers 9106 where there are no credentials.", Seen: captures,
			Then: then("list", func(ctx context.Context, s *Scene) error {
				_, err := s.list(ctx, s.nobody())
				return refused(err, 400, originpull.ErrDenied, 9106)
			}),
		},
		{
			Name: "list with a token that cannot be one", Cell: Cell{"ListCertificates", 400}, Example: "malformed_credentials",
			Promise: "The gateway answers 6003, and behind it 6111, where the token cannot be one.", Seen: captures,
			Then: then("list", func(ctx context.Context, s *Scene) error {
				_, err := s.list(ctx, s.as("not!a!token"))
				return refused(err, 400, originpull.ErrDenied, 6003, 6111)
			}),
		},
	}
	for _, op := range operations() {
		cases = append(cases, op.denied(), op.forbidden(), op.rateLimited(), op.shutOut())
	}
	return cases
}

func (op operation) denied() Case {
	c := Case{
		Name: op.name + ": a bad token", Cell: Cell{op.name, 403}, Example: "denied", Shape: true,
		Promise: "The gateway answers a token that it does not know by 403 with 10000.", Seen: captures, Needs: []Ability{Knows},
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			err := op.call(ctx, s, s.as(stranger()))
			if s.madeUp() {
				return s.failedSomehow(err, 403)
			}
			return refused(err, 403, originpull.ErrDenied, 10000)
		}),
	}
	if op.name != "ListCertificates" { // one refused credential must be enough for a live zone
		c.Needs = append(c.Needs, Strangers)
	}
	return c
}

func (op operation) forbidden() Case {
	return Case{
		Name: op.name + ": a token without the permission", Cell: Cell{op.name, 403}, Needs: []Ability{makesTokens},
		Promise: "The gateway answers a token that lacks the permission as it answers a bad one.", Seen: captures,
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			permission := originpulltest.PermissionRead
			if op.reads {
				permission = originpulltest.PermissionSettingsRead
			}
			return refused(op.call(ctx, s, s.as(s.newToken(originpulltest.Grant{Permissions: []string{permission}}))), 403, originpull.ErrDenied, 10000)
		}),
	}
}

func (op operation) rateLimited() Case {
	return Case{
		Name: op.name + ": too many requests", Cell: Cell{op.name, 429}, Example: "rate_limited", Needs: []Ability{Limit},
		Promise: "Past the limit every call is answered by 429 with 971, and told when to come back.", Seen: rateLimits,
		Given: []Step{{"use the limit up", func(ctx context.Context, s *Scene) error {
			for range 2000 {
				if _, err := s.settings(ctx, s.me()); errors.Is(err, originpull.ErrRateLimited) {
					return nil
				}
			}
			return errors.New("the limit is not reached by 2000 requests")
		}}},
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			err := op.call(ctx, s, s.me())
			if err := refused(err, 429, originpull.ErrRateLimited, 971); err != nil || !s.remembers() {
				return err
			}
			return s.headers("Retry-After")
		}),
	}
}

func (op operation) shutOut() Case {
	return Case{
		Name: op.name + ": too many bad tokens", Cell: Cell{op.name, 429}, Example: "too_many_failures", Needs: []Ability{Knows, Strangers, Own},
		Promise: "After too many bad credentials the gateway answers 429 with 10502.", Seen: captures,
		Given: []Step{{"show bad tokens", func(ctx context.Context, s *Scene) error {
			for range 100 {
				var failure *originpull.Error
				if _, err := s.settings(ctx, s.as(stranger())); errors.As(err, &failure) && failure.Status == 429 {
					return nil
				}
			}
			return errors.New("a hundred bad tokens are not too many")
		}}},
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			err := op.call(ctx, s, s.as(stranger()))
			if errors.Is(err, originpull.ErrRateLimited) {
				return errors.New("want an error that does not ask to be repeated")
			}
			return refused(err, 429, originpull.ErrDenied, 10502)
		}),
	}
}

// failureCases are what can go wrong between the SDK and the service.
func failureCases() []Case {
	var cases []Case
	for _, op := range operations() {
		cases = append(cases, op.unavailable(), op.badGateway())
	}
	for _, broken := range []struct {
		name    string
		status  int
		promise string
		fault   originpulltest.Fault
	}{
		{"an empty answer", 503, "An empty body is told as no answer of the API.",
			originpulltest.Fault{Prevent: true, Answer: &originpulltest.Answer{Status: 503}}},
		{"an answer that is cut short", 200, "A body that ends before its time is told as no answer of the API.",
			originpulltest.Fault{Ending: originpulltest.Cut, Keep: 20}},
		{"a page under 200", 200, "A page of a proxy is told as no answer of the API, whatever its status.",
			originpulltest.Fault{Prevent: true, Answer: page(200)}},
		{"a page under 404", 404, "A page of a proxy says nothing about the zone, whatever its status.",
			originpulltest.Fault{Prevent: true, Answer: page(404)}},
	} {
		cases = append(cases, Case{
			Name: broken.name, Cell: Cell{"GetSettings", broken.status}, Beyond: true, Needs: []Ability{failsAtWill},
			Promise: "The SDK: " + broken.promise, Seen: ourSDK,
			Then: then("ask", func(ctx context.Context, s *Scene) error {
				s.setFaults(originpulltest.Always(broken.fault))
				_, err := s.settings(ctx, s.me())
				return malformed(err, broken.status)
			}),
		})
	}
	return append(cases, Case{
		Name: "a failure under 200", Cell: Cell{"GetSettings", 200}, Beyond: true, Needs: []Ability{failsAtWill},
		Promise: "The SDK takes success false under 200 for the failure it is.", Seen: ourSDK,
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			s.setFaults(originpulltest.Always(originpulltest.Fault{Prevent: true, Answer: &originpulltest.Answer{
				Status: 200, Body: `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`}}))
			_, err := s.settings(ctx, s.me())
			return refused(err, 200, originpull.ErrDenied, 10000)
		}),
	})
}

func (op operation) unavailable() Case {
	return Case{
		Name: op.name + ": the service fails", Cell: Cell{op.name, 500}, Example: "internal", Needs: []Ability{failsAtWill},
		Promise: "A failure of the service is told with its status.", Seen: captures,
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			s.fail(originpulltest.Fault{Prevent: true})
			return refused(op.call(ctx, s, s.me()), 500, nil)
		}),
	}
}

func (op operation) badGateway() Case {
	return Case{
		Name: op.name + ": a page of a proxy", Cell: Cell{op.name, 502}, Example: "bad_gateway", Told: []Ability{Pages}, Needs: []Ability{failsAtWill},
		Promise: "A proxy in front may answer with a page of its own.", Seen: captures,
		Then: then("ask", func(ctx context.Context, s *Scene) error {
			s.fail(originpulltest.Fault{Prevent: true, Answer: page(502)})
			return malformed(op.call(ctx, s, s.me()), 502)
		}),
	}
}

// fail makes every request go wrong, where the counterpart can be made to.
func (s *Scene) fail(fault originpulltest.Fault) {
	if s.setFaults != nil {
		s.setFaults(originpulltest.Always(fault))
	}
}

func page(status int) *originpulltest.Answer {
	return &originpulltest.Answer{
		Status: status, Header: map[string][]string{"Content-Type": {"text/html"}},
		Body: "<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>",
	}
}

// malformed wants an error that says that this is no answer of the API.
func malformed(err error, status int) error {
	var failure *originpull.Error
	switch {
	case !errors.As(err, &failure) || failure.Status != status:
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	case !errors.Is(err, originpull.ErrMalformedAnswer):
		return errors.New("want an error that says that it is not an answer of the API")
	case errors.Is(err, originpull.ErrNotFound):
		return errors.New("a page is taken for the API saying that something is not there")
	}
	return nil
}

// inputCases are what the SDK refuses before anything is sent.
func inputCases() []Case {
	refuse := func(name, promise string, ask func(context.Context, *Scene) error) Case {
		return Case{
			Name: name, Promise: "The SDK: " + promise, Seen: ourSDK,
			Then: then("ask", func(ctx context.Context, s *Scene) error {
				if err := ask(ctx, s); err != nil {
					return err
				}
				if n := s.checker.count(); n > 0 {
					return fmt.Errorf("%d requests were sent", n)
				}
				return nil
			}),
		}
	}
	return []Case{
		refuse("ids that would change the path", "an id that would lead to another resource is refused and never sent.", func(ctx context.Context, s *Scene) error {
			for _, id := range []string{"", ".", "..", "settings", "hostnames", "a/b", "a?b", "a#b", "%2e%2e", "0123456789012345678901234567890123456"} {
				if _, err := s.get(ctx, s.me(), id); !errors.Is(err, originpull.ErrInvalidInput) {
					return fmt.Errorf("get %q is not refused", id)
				}
				if _, err := s.delete(ctx, s.me(), id); !errors.Is(err, originpull.ErrInvalidInput) {
					return fmt.Errorf("delete %q is not refused", id)
				}
			}
			return nil
		}),
		refuse("a CA as key pair", "a CA certificate is refused and never sent.", func(ctx context.Context, s *Scene) error {
			pair, err := s.pair(true)
			if err != nil {
				return err
			}
			if _, err := s.upload(ctx, s.me(), pair); err == nil {
				return errors.New("it is not refused")
			}
			return nil
		}),
	}
}
