package originpull

import (
	"log/slog"
	"net/http"
	"time"
)

// logExchange tells each exchange at debug level: what was asked and what came
// of it, neither bodies nor credentials.
func logExchange(logger *slog.Logger, next handler) handler {
	return func(x *exchange) (*http.Response, error) {
		ctx := x.request.Context()
		if !logger.Enabled(ctx, slog.LevelDebug) {
			return next(x)
		}
		start := time.Now()
		resp, err := next(x)
		attrs := []slog.Attr{
			slog.String("operation", x.op.ID),
			slog.String("method", x.request.Method),
			slog.String("path", x.request.URL.Path),
			slog.Duration("duration", time.Since(start)),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		} else {
			attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("ray", rayID(resp.Header)))
		}
		logger.LogAttrs(ctx, slog.LevelDebug, "exchange", attrs...)
		return resp, err
	}
}
