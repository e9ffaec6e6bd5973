package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/spec"
)

// Target is what the cases are run against. A stub or another simulator needs
// BaseURL, Token, ZoneID and what it Can.
type Target struct {
	Name string
	// BaseURL is https, or http on loopback; empty is that of the live API.
	BaseURL string
	// Transport, if not nil, is how it is reached.
	Transport http.RoundTripper
	Token     string
	ZoneID    string
	// Can lists what it can do: [Memory] and [Own] for a simulator with a zone
	// to itself.
	Can []Ability
	// Adds are the headers that it adds of its own, such as those of CORS: no drift.
	Adds []string

	// CaseTime bounds a case; 0 is three minutes.
	CaseTime time.Duration
	// Known are the names of cases that are known to fail here; they count as
	// such, and one that passes is reported.
	Known []string
	// Again runs a case that fails once more, alone; one that then passes is flaky.
	Again bool
	// Strict makes a run fail on drift.
	Strict bool
	// Only, if not nil, tells which cases are run; the coverage is then partial.
	Only func(Case) bool

	open     func() world                              // makes a world for each case, nil for the one above
	run      string                                    // its name, made up where empty
	document []byte                                    // nil is the curated one
	between  func(http.RoundTripper) http.RoundTripper // stands between the SDK and the checker, in tests
	begin    func(title string)                        // is told which case begins
}

// world is what one case meets.
type world struct {
	baseURL   string
	transport http.RoundTripper
	token     string
	zoneID    string

	newToken   func(originpulltest.Grant) string // for makesTokens, as are the three that follow
	killToken  func(string)
	email, key string                    // in the place of a token
	setFaults  func(originpulltest.Rule) // for failsAtWill
	close      func()
}

// check tells what of a target cannot be so, nil if it is well.
func (t Target) check() error {
	w := t.world()
	if w.close != nil {
		defer w.close()
	}
	var wrong []error
	for _, ability := range t.Can {
		made := ability == makesTokens && w.newToken != nil || ability == failsAtWill && w.setFaults != nil
		if !made && !slices.Contains(abilities, ability) {
			wrong = append(wrong, fmt.Errorf("no target can be said to have the ability %q: there are %q", ability, abilities))
		}
	}
	cases := Cases()
	for _, name := range t.Known {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.Name == name }) {
			wrong = append(wrong, fmt.Errorf("%q is listed as known to fail, and no case is called so", name))
		}
	}
	client, err := originpull.New(originpull.WithToken(w.token), originpull.WithBaseURL(w.baseURL))
	if err == nil {
		_, err = client.Zone(w.zoneID)
	}
	return errors.Join(append(wrong, err)...)
}

// text is the document that exchanges are held to.
func (t Target) text() []byte {
	if t.document != nil {
		return t.document
	}
	return spec.OpenAPI
}

// atOnce is how many cases may run at the same time.
func (t Target) atOnce() int {
	if t.open != nil {
		return 16
	}
	return 1
}

// world makes what the next case meets.
func (t Target) world() world {
	if t.open != nil {
		w := t.open()
		w.baseURL = t.BaseURL
		return w
	}
	transport := t.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return world{baseURL: t.BaseURL, transport: transport, token: t.Token, zoneID: t.ZoneID}
}

// timeFor bounds a case.
func (t Target) timeFor(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := t.CaseTime
	if limit == 0 {
		limit = 3 * time.Minute
	}
	return context.WithTimeout(ctx, limit)
}
