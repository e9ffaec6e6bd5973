package originpull_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// retryingZone is a zone on a client that repeats what may be repeated.
func retryingZone(t testing.TB, transport http.RoundTripper, options ...originpull.Option) *originpull.Zone {
	t.Helper()
	client, err := originpull.New(append([]originpull.Option{originpull.WithToken(testpki.Token()), originpull.WithTransport(transport)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := client.Zone(zoneID)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// recorder gives every request the same end, and keeps when it came.
type recorder struct {
	end func(*http.Request) (*http.Response, error)
	at  []time.Duration
	t0  time.Time
}

func newRecorder(end func(*http.Request) (*http.Response, error)) *recorder {
	return &recorder{end: end, t0: time.Now()}
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		if sent, err := io.ReadAll(request.Body); err != nil || int64(len(sent)) != request.ContentLength {
			return nil, fmt.Errorf("the request's body has %d bytes, %d were announced: %v", len(sent), request.ContentLength, err)
		}
	}
	r.at = append(r.at, time.Since(r.t0))
	return r.end(request)
}
