package originpull

import (
	"log/slog"
	"time"
)

// logExchange tells each attempt at debug level: what was asked and what came of
// it, neither bodies nor credentials.
func logExchange(logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		ctx := x.request.Context()
		if !logger.Enabled(ctx, slog.LevelDebug) {
			return next(x)
		}
		start := time.Now()
		err := next(x)
		attrs := []slog.Attr{
			slog.String("operation", x.op.ID),
			slog.String("method", x.request.Method),
			slog.String("path", x.request.URL.Path),
			slog.Int("attempt", x.attempt),
			slog.Duration("duration", time.Since(start)),
		}
		if x.status != 0 {
			attrs = append(attrs, slog.Int("status", x.status), slog.String("ray", rayID(x.header)))
		}
		if x.body != nil {
			attrs = append(attrs, slog.Int("bytes", x.body.Len()))
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		logger.LogAttrs(ctx, slog.LevelDebug, "exchange", attrs...)
		return err
	}
}
