package contract

import (
	"context"
	"crypto/rand"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// credentialCases are the kinds of credentials that are no good token, each shown
// by one operation: they are looked at before anything else is.
func credentialCases() []Case {
	told := func(name string, status int, needs []Ability, promise, seen string, who func(*Scene) caller, codes ...originpull.Code) Case {
		return Case{
			Name: name, Cell: Cell{"GetSettings", status}, Needs: needs, Promise: promise, Seen: seen,
			Then: then("ask", func(ctx context.Context, s *Scene) error {
				_, err := s.settings(ctx, who(s))
				if len(codes) == 0 {
					return err
				}
				return refused(err, status, originpull.ErrDenied, codes...)
			}),
		}
	}
	return []Case{
		told("email and key", 200, []Ability{makesTokens}, "The gateway takes an account's email and key in the place of a token.", reference,
			func(s *Scene) caller { return caller{s.key, s.email, s.base} }),
		told("email and an unknown key", 403, []Ability{Knows, Strangers}, "The gateway answers an email and key that it does not know by 403 with 9103.", captures,
			func(s *Scene) caller { return caller{testpki.Listed(rand.Text()), "nobody@example.com", s.base} }, 9103),
		told("a dead token", 403, []Ability{makesTokens}, "The gateway answers a token that was revoked by 403 with 9109.", captures,
			func(s *Scene) caller {
				token := s.newToken(originpulltest.Grant{})
				s.killToken(token)
				return s.as(token)
			}, 9109),
		told("a token of another zone", 403, []Ability{makesTokens}, "The gateway answers a token that does not reach the zone by 403 with 9109.", captures,
			func(s *Scene) caller {
				return s.as(s.newToken(originpulltest.Grant{Zones: []string{"00000000000000000000000000000000"}}))
			}, 9109),
	}
}
