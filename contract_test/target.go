package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Target is a provider and how the cases are run against it. A stub or another
// simulator needs Name, BaseURL, Token, ZoneID and Capabilities.
type Target struct {
	// Name is the name of the provider in reports.
	Name string
	// BaseURL is where the API is served: https, or http on loopback. Empty means
	// Cloudflare's.
	BaseURL string
	// Transport sends the requests. Nil means [http.DefaultTransport].
	Transport http.RoundTripper
	// Token is an API token with all permissions.
	Token string
	// ZoneID is the zone that the cases use. They upload and delete certificates in it.
	ZoneID string
	// OtherZoneID is a second zone, which no one changes meanwhile, for the capability
	// [OtherZone]. The cases only look at it.
	OtherZoneID string
	// Capabilities lists what the provider can do: [Stateful] and [OwnZone] for a
	// simulator with a zone for the tests alone.
	Capabilities []Capability
	// ExtraHeaders are response headers that the provider adds itself, such as those
	// of CORS. They are not reported as drift.
	ExtraHeaders []string

	// CaseTime is the time limit of a case. 0 means three minutes. Once two cases have
	// failed when their time was over, the others have fifteen seconds.
	CaseTime time.Duration
	// KnownFailures are the names of the cases that are expected to fail. Their
	// outcome is [KnownFailure]. One that passes fails the run, so that the list stays
	// true.
	KnownFailures []string
	// RetryFailed runs a failed case once more, alone. If it then passes, its result
	// is Flaky.
	RetryFailed bool
	// Strict makes a run fail on drift.
	Strict bool
	// Only, if not nil, selects the cases to run. The report is then Partial.
	Only func(Case) bool

	open     func() environment                        // makes an environment for each case; nil for the one above
	run      string                                    // the name of the run; made up if empty
	document []byte                                    // nil means the curated document
	between  func(http.RoundTripper) http.RoundTripper // stands between the SDK and the checker, in tests
	onCase   func(title string)                        // is called when a case begins
}

// environment is where one case runs.
type environment struct {
	baseURL   string
	transport http.RoundTripper
	token     string
	zoneID    string
	otherZone string

	newToken   func(originpulltest.Grant) string // for makesTokens, as are the next two
	killToken  func(string)
	email, key string                    // credentials besides the token
	setFaults  func(originpulltest.Rule) // for injectsFaults
	close      func()
}

// check returns all that is wrong with a target, nil if nothing is.
func (t Target) check() error {
	e := t.environment()
	if e.close != nil {
		defer e.close()
	}
	var wrong []error
	for _, capability := range t.Capabilities {
		has := capability == makesTokens && e.newToken != nil || capability == injectsFaults && e.setFaults != nil
		if !has && !slices.Contains(capabilities, capability) {
			wrong = append(wrong, fmt.Errorf("unknown capability %q: want some of %q", capability, capabilities))
		}
	}
	cases := Cases()
	for _, name := range t.KnownFailures {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.Name == name }) {
			wrong = append(wrong, fmt.Errorf("known failure %q: there is no case of that name", name))
		}
	}
	client, err := originpull.New(originpull.WithToken(e.token), originpull.WithBaseURL(e.baseURL))
	if err == nil {
		_, err = client.Zone(e.zoneID)
	}
	if err == nil && slices.Contains(t.Capabilities, OtherZone) {
		if _, err = client.Zone(e.otherZone); err == nil && strings.EqualFold(e.otherZone, e.zoneID) {
			err = fmt.Errorf("the capability %s needs a zone that is not the same", OtherZone)
		}
	}
	return errors.Join(append(wrong, err)...)
}

// documents returns what exchanges are checked against.
func (t Target) documents() (*documents, error) {
	if t.document == nil {
		return curatedDocuments(t.BaseURL)
	}
	return readDocuments(t.document, t.BaseURL)
}

// atOnce returns how many cases may run at the same time.
func (t Target) atOnce() int {
	if t.open != nil {
		return 16
	}
	return 1
}

// environment returns where the next case runs.
func (t Target) environment() environment {
	if t.open != nil {
		e := t.open()
		e.baseURL = t.BaseURL
		return e
	}
	transport := t.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return environment{baseURL: t.BaseURL, transport: transport, token: t.Token, zoneID: t.ZoneID, otherZone: t.OtherZoneID}
}

// timeFor returns a context with the time limit of a case.
func (t Target) timeFor(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := t.CaseTime
	if limit == 0 {
		limit = 3 * time.Minute
	}
	return context.WithTimeout(ctx, limit)
}
