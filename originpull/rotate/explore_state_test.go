package rotate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull/rotate"
)

// state is all on which the rest of a schedule depends.
func (s *stage) state() string {
	var b strings.Builder
	b.WriteString(s.sim.State(s.zoneID))
	fmt.Fprint(&b, s.budget, s.armed, s.harmed)
	if c := s.newestOfRuns(); c.ID != "" {
		b.WriteString(fingerprint(c))
	}
	for _, a := range s.actors {
		wake := time.Duration(0)
		if !a.wake.IsZero() {
			wake = time.Until(a.wake)
		}
		fmt.Fprintf(&b, "|%t %t %t %s %s %d %v", a.ended, a.died, a == s.last, wake, a.heard, a.uploads, a.outcome())
		if a.pending != nil {
			b.WriteString(s.pendingText(a.pending))
		}
		if !a.ended && a.memory != nil {
			b.WriteString(a.memory())
		}
	}
	return b.String()
}

// outcome returns what a run that has ended came to.
func (a *actor) outcome() string {
	if !a.ended {
		return ""
	}
	for _, err := range []error{rotate.ErrSuperseded, rotate.ErrDeployment, rotate.ErrNoProgress} {
		if errors.Is(a.err, err) {
			return fmt.Sprint(err, len(a.result.Changes))
		}
	}
	return fmt.Sprint(a.err != nil, len(a.result.Changes))
}

// pendingText describes a request at the gate: which certificate it is about, until when it is
// held up, and when its context ends.
func (s *stage) pendingText(g *gated) string {
	text := g.operation()
	for _, c := range s.sim.Certificates(s.zoneID) {
		if strings.HasSuffix(g.request.URL.Path, c.ID) {
			text += fingerprint(c)
		}
	}
	if !g.until.IsZero() {
		text += " held up for " + time.Until(g.until).String()
	}
	if end, ok := g.request.Context().Deadline(); ok && g.request.Method == http.MethodDelete {
		text += " until " + time.Until(end).String()
	}
	return text
}

var changing = regexp.MustCompile(`"(id|uploaded_on)":"[^"]*"`)

// heard returns what a run learns from a response, without ids, which are random, and times:
// the order of a list is that of the uploads.
func heard(g *gated, response *http.Response, err error) string {
	if err != nil {
		return g.operation() + " lost;"
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return fmt.Sprintf("%s %d %x %v;", g.operation(), response.StatusCode, sha256.Sum256(changing.ReplaceAll(body, nil)), err)
}
