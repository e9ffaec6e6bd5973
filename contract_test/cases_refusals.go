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

// unknownToken returns a well-formed token that was never issued.
func unknownToken() string { return testpki.Listed((rand.Text() + rand.Text())[:40]) }

// refusalCases are the requests that the gateway refuses, for each operation.
func refusalCases() []Case {
	cases := []Case{
		{
			Name: "list without credentials", Cell: Cell{"ListCertificates", 400}, Example: "no_credentials", ExampleNeeds: []Capability{Anonymous},
			Claim: "The gateway responds with code 9106 to a request without credentials.", Source: captures,
			then: then("list", func(ctx context.Context, s *scene) error {
				_, err := s.list(ctx, s.anonymous())
				return refused(err, 400, originpull.ErrDenied, 9106)
			}),
		},
		{
			Name: "list with a token that cannot be one", Cell: Cell{"ListCertificates", 400}, Example: "malformed_credentials",
			Claim: "The gateway responds with code 6003, and 6111 in its chain, to a malformed token.", Source: captures,
			then: then("list", func(ctx context.Context, s *scene) error {
				_, err := s.list(ctx, s.as("not!a!token"))
				return refused(err, 400, originpull.ErrDenied, 6003, 6111)
			}),
		},
	}
	for _, op := range operations() {
		cases = append(cases, op.denied(), op.forbidden(), op.rateLimited(), op.tooManyFailures())
	}
	return cases
}

func (op operation) denied() Case {
	c := Case{
		Name: op.name + ": a bad token", Cell: Cell{op.name, 403}, Example: "denied", Shape: true,
		Claim: "The gateway responds to an unknown token with 403 and code 10000.", Source: captures, Needs: []Capability{ValidatesTokens},
		then: then("call", func(ctx context.Context, s *scene) error {
			err := op.call(ctx, s, s.as(unknownToken()))
			if s.synthetic() {
				return s.failedWith(err, 403)
			}
			return refused(err, 403, originpull.ErrDenied, 10000)
		}),
	}
	if op.name != "ListCertificates" { // one refused credential must be enough for a live zone
		c.Needs = append(c.Needs, InvalidTokens)
	}
	return c
}

func (op operation) forbidden() Case {
	return Case{
		Name: op.name + ": a token without the permission", Cell: Cell{op.name, 403}, Needs: []Capability{makesTokens},
		Claim: "The gateway responds to a token without the permission as to an unknown one.", Source: captures,
		then: then("call", func(ctx context.Context, s *scene) error {
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
		Name: op.name + ": too many requests", Cell: Cell{op.name, 429}, Example: "rate_limited", Needs: []Capability{RateLimit},
		Claim: "Past the limit every request gets 429 with code 971, and a Retry-After header.", Source: rateLimits,
		given: []step{{"use the limit up", func(ctx context.Context, s *scene) error {
			for range 2000 {
				if _, err := s.settings(ctx, s.me()); errors.Is(err, originpull.ErrRateLimited) {
					return nil
				}
			}
			return errors.New("the limit is not reached by 2000 requests")
		}}},
		then: then("call", func(ctx context.Context, s *scene) error {
			err := op.call(ctx, s, s.me())
			if err := refused(err, 429, originpull.ErrRateLimited, 971); err != nil || !s.stateful() {
				return err
			}
			return s.headers("Retry-After")
		}),
	}
}

func (op operation) tooManyFailures() Case {
	return Case{
		Name: op.name + ": too many bad tokens", Cell: Cell{op.name, 429}, Example: "too_many_failures", Needs: []Capability{ValidatesTokens, InvalidTokens, OwnZone},
		Claim: "After too many bad credentials the gateway responds with 429 and code 10502.", Source: captures,
		given: []step{{"send bad tokens", func(ctx context.Context, s *scene) error {
			for range 100 {
				var failure *originpull.Error
				if _, err := s.settings(ctx, s.as(unknownToken())); errors.As(err, &failure) && failure.Status == 429 {
					return nil
				}
			}
			return errors.New("a hundred bad tokens are not too many")
		}}},
		then: then("call", func(ctx context.Context, s *scene) error {
			err := op.call(ctx, s, s.as(unknownToken()))
			if errors.Is(err, originpull.ErrRateLimited) {
				return errors.New("want an error that does not allow a retry")
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
		name   string
		status int
		claim  string
		fault  originpulltest.Fault
	}{
		{"an empty response", 503, "An empty body is reported as an unexpected response.",
			originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 503}}},
		{"a response that is cut short", 200, "A truncated body is reported as an unexpected response.",
			originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: 20}},
		{"a page under 200", 200, "An HTML page of a proxy is reported as an unexpected response, whatever its status.",
			originpulltest.Fault{Reject: true, Response: page(200)}},
		{"a page under 404", 404, "A page of a proxy says nothing about the zone, whatever its status.",
			originpulltest.Fault{Reject: true, Response: page(404)}},
	} {
		cases = append(cases, Case{
			Name: broken.name, Cell: Cell{"GetSettings", broken.status}, Undocumented: true, Needs: []Capability{injectsFaults},
			Claim: "The SDK: " + broken.claim, Source: ourSDK,
			then: then("call", func(ctx context.Context, s *scene) error {
				s.setFaults(originpulltest.Always(broken.fault))
				_, err := s.settings(ctx, s.me())
				return malformed(err, broken.status)
			}),
		})
	}
	return append(cases, Case{
		Name: "a failure under 200", Cell: Cell{"GetSettings", 200}, Undocumented: true, Needs: []Capability{injectsFaults},
		Claim: "The SDK reports success false under 200 as a failure.", Source: ourSDK,
		then: then("call", func(ctx context.Context, s *scene) error {
			s.setFaults(originpulltest.Always(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{
				Status: 200, Body: `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`}}))
			_, err := s.settings(ctx, s.me())
			return refused(err, 200, originpull.ErrDenied, 10000)
		}),
	})
}

func (op operation) unavailable() Case {
	return Case{
		Name: op.name + ": the service fails", Cell: Cell{op.name, 500}, Example: "internal", Needs: []Capability{injectsFaults},
		Claim: "A failure of the service is reported with its status.", Source: captures,
		then: then("call", func(ctx context.Context, s *scene) error {
			s.fail(originpulltest.Fault{Reject: true})
			return refused(op.call(ctx, s, s.me()), 500, nil)
		}),
	}
}

func (op operation) badGateway() Case {
	return Case{
		Name: op.name + ": a page of a proxy", Cell: Cell{op.name, 502}, Example: "bad_gateway", ExampleNeeds: []Capability{HTMLErrors}, Needs: []Capability{injectsFaults},
		Claim: "A proxy in front of the API may respond with an HTML page of its own.", Source: captures,
		then: then("call", func(ctx context.Context, s *scene) error {
			s.fail(originpulltest.Fault{Reject: true, Response: page(502)})
			return malformed(op.call(ctx, s, s.me()), 502)
		}),
	}
}

// fail makes every request fail, where the provider can inject faults.
func (s *scene) fail(fault originpulltest.Fault) {
	if s.setFaults != nil {
		s.setFaults(originpulltest.Always(fault))
	}
}

func page(status int) *originpulltest.Response {
	return &originpulltest.Response{
		Status: status, Header: map[string][]string{"Content-Type": {"text/html"}},
		Body: "<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>",
	}
}

// malformed requires ErrMalformedResponse with a status.
func malformed(err error, status int) error {
	var failure *originpull.Error
	switch {
	case !errors.As(err, &failure) || failure.Status != status:
		return fmt.Errorf("want HTTP %d, have %s", status, outcome(err))
	case !errors.Is(err, originpull.ErrMalformedResponse):
		return errors.New("want an error that means an unexpected response")
	case errors.Is(err, originpull.ErrNotFound):
		return errors.New("a page is taken for the API saying that something is not there")
	}
	return nil
}

// inputCases are what the SDK refuses before anything is sent.
func inputCases() []Case {
	refuse := func(name, claim string, call func(context.Context, *scene) error) Case {
		return Case{
			Name: name, Claim: "The SDK: " + claim, Source: ourSDK,
			then: then("call", func(ctx context.Context, s *scene) error {
				if err := call(ctx, s); err != nil {
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
		refuse("ids that would change the path", "an id that would lead to another resource is refused and never sent.", func(ctx context.Context, s *scene) error {
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
		refuse("a CA as key pair", "a CA certificate is refused and never sent.", func(ctx context.Context, s *scene) error {
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
