package originpulltest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/testpki"
)

// The permissions that a token can have; write includes read.
const (
	PermissionRead          = "SSL and Certificates Read"
	PermissionWrite         = "SSL and Certificates Write"
	PermissionSettingsRead  = "Zone Settings Read"
	PermissionSettingsWrite = "Zone Settings Write"
)

// Grant is what a token may do. The zero value allows everything.
type Grant struct {
	// Permissions are the token's permissions; nil gives all of them.
	Permissions []string
	// Zones are the ids of the zones that the token may access; nil allows all.
	Zones []string
	// UsableAfter is how long a new token is refused with code 10001.
	UsableAfter time.Duration
}

// token is a grant and when it was made.
type token struct {
	Grant
	made    time.Time
	revoked bool
}

// NewToken makes a token with the permissions of grant.
func (s *Simulator) NewToken(grant Grant) string {
	text := testpki.Token()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[text] = &token{Grant: grant, made: time.Now()}
	return text
}

// RevokeToken revokes a token: from now on it is refused with code 9109. An unknown
// token stays unknown.
func (s *Simulator) RevokeToken(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tokens[text]; t != nil {
		t.revoked = true
	}
}

var (
	tokenForm = regexp.MustCompile(`^[0-9A-Za-z._~+/=-]+$`)
	emailForm = regexp.MustCompile(`^[^\s@]+@[^\s@]+$`)
	keyForm   = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)
)

// authenticate returns the token of a request, or why the request is refused. The caller
// holds mu.
func (s *Simulator) authenticate(h http.Header, now time.Time) (*token, *failure) {
	bearer, email, key := h.Get("Authorization"), h.Get("X-Auth-Email"), h.Get("X-Auth-Key")
	switch {
	case bearer != "":
		return s.authenticateToken(bearer, now)
	case email != "" && key != "":
		return s.authenticateKey(email, key, now)
	}
	return nil, gatewayFailure(http.StatusBadRequest, api.CodeNoCredentials, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
}

func (s *Simulator) authenticateToken(header string, now time.Time) (*token, *failure) {
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || text != s.mainToken && !tokenForm.MatchString(text) {
		return nil, malformed(api.CodeMalformedToken, "Authorization")
	}
	t := s.tokens[text]
	if t == nil && s.anyToken {
		t = &s.grant
	}
	switch {
	case t == nil:
		return nil, s.refuse(now, gatewayFailure(http.StatusForbidden, api.CodeDenied, "Authentication error"))
	case t.revoked:
		return nil, s.refuse(now, gatewayFailure(http.StatusForbidden, api.CodeNoAccess, "Invalid access token"))
	case now.Before(t.made.Add(t.UsableAfter)):
		return nil, gatewayFailure(http.StatusForbidden, api.CodeCannotAuthenticate, "Unable to authenticate request")
	}
	return t, nil
}

func (s *Simulator) authenticateKey(email, key string, now time.Time) (*token, *failure) {
	switch {
	case !emailForm.MatchString(email):
		return nil, malformed(api.CodeMalformedEmail, "X-Auth-Email")
	case !keyForm.MatchString(key):
		return nil, malformed(api.CodeMalformedKey, "X-Auth-Key")
	case s.strict:
		return nil, gatewayFailure(http.StatusForbidden, api.CodeDenied, "Authentication error: the simulator is strict and takes no email and key, which are deprecated")
	case s.anyToken || s.key != "" && key == s.key && email == s.email:
		return &s.grant, nil
	}
	return nil, s.refuse(now, gatewayFailure(http.StatusForbidden, api.CodeUnknownKey, "Unknown X-Auth-Key or X-Auth-Email"))
}

func malformed(code api.ErrorCode, header string) *failure {
	f := gatewayFailure(http.StatusBadRequest, api.CodeInvalidHeaders, "Invalid request headers")
	f.body.Errors[0].ErrorChain = []api.ChainedError{{Code: code, Message: "Invalid format for " + header + " header"}}
	return f
}

// authorize returns why a token may not do an operation, nil if it may. A missing
// permission gets the same response as an unknown token. The caller holds mu.
func (s *Simulator) authorize(t *token, m match) *failure {
	if !t.permits(m.route.Permission) {
		return gatewayFailure(http.StatusForbidden, api.CodeDenied, "Authentication error")
	}
	if m.zoneID == "" { // it is about no single zone
		return nil
	}
	if !s.exists(m.zoneID) || !t.reaches(m.zoneID) {
		return gatewayFailure(http.StatusForbidden, api.CodeNoAccess, "Unauthorized to access requested resource")
	}
	return nil
}

func (t *token) permits(permission string) bool {
	if t.Permissions == nil || slices.Contains(t.Permissions, permission) {
		return true
	}
	subject, reading := strings.CutSuffix(permission, " Read")
	return reading && slices.Contains(t.Permissions, subject+" Write")
}

func (t *token) reaches(zoneID string) bool {
	return t.Zones == nil || slices.ContainsFunc(t.Zones, func(id string) bool { return strings.EqualFold(id, zoneID) })
}
