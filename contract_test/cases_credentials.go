package contract

import (
	"context"
	"crypto/rand"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// credentialCases are the other kinds of credentials, each tried with one
// operation: the API checks credentials before anything else.
func credentialCases() []Case {
	credentialCase := func(name string, status int, needs []Capability, claim, source string, who func(*scene) caller, codes ...originpull.Code) Case {
		return Case{
			Name: name, Cell: Cell{"GetSettings", status}, Needs: needs, Claim: claim, Source: source,
			then: then("call", func(ctx context.Context, s *scene) error {
				_, err := s.settings(ctx, who(s))
				if len(codes) == 0 {
					return err
				}
				return refused(err, status, originpull.ErrDenied, codes...)
			}),
		}
	}
	return []Case{
		credentialCase("email and key", 200, []Capability{makesTokens}, "The gateway accepts an account's email and key in the place of a token.", reference,
			func(s *scene) caller { return caller{s.key, s.email, s.base} }),
		credentialCase("email and an unknown key", 403, []Capability{ValidatesTokens, InvalidTokens}, "The gateway responds to an unknown email and key with 403 and code 9103.", captures,
			func(s *scene) caller { return caller{testpki.Listed(rand.Text()), "unknown@example.com", s.base} }, 9103),
		credentialCase("a dead token", 403, []Capability{makesTokens}, "The gateway responds to a revoked token with 403 and code 9109.", captures,
			func(s *scene) caller {
				token := s.newToken(originpulltest.Grant{})
				s.killToken(token)
				return s.as(token)
			}, 9109),
		credentialCase("a token of another zone", 403, []Capability{makesTokens}, "The gateway responds to a token without access to the zone with 403 and code 9109.", captures,
			func(s *scene) caller {
				return s.as(s.newToken(originpulltest.Grant{Zones: []string{"00000000000000000000000000000000"}}))
			}, 9109),
	}
}
