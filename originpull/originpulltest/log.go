package originpulltest

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// shownHeaders are the headers of a request whose values are logged. No one sends
// credentials in them.
var shownHeaders = []string{"Accept", "Accept-Encoding", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "User-Agent"}

// logRequest logs at debug level how a request arrived.
func (s *Simulator) logRequest(x *exchange, r *http.Request) {
	ctx := context.Background()
	if s.logger == nil || !s.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	var headers []string
	for name, values := range r.Header {
		if slices.Contains(shownHeaders, name) {
			name += ": " + strings.Join(values, ", ")
		}
		headers = append(headers, name)
	}
	slices.Sort(headers)
	s.logger.DebugContext(ctx, "received", "request", x.number, "method", legible(x.method), "path", legible(x.path),
		"protocol", r.Proto, "tls", r.TLS != nil, "from", r.RemoteAddr, "bytes", r.ContentLength,
		"headers", legible(strings.Join(headers, "; ")))
}

// serverLog returns where the HTTP server logs what no handler sees, such as a client that
// does not trust the certificate.
func (s *Simulator) serverLog() *log.Logger {
	if s.logger == nil {
		return log.New(io.Discard, "", 0)
	}
	return slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn)
}
