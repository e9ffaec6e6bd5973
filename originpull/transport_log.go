package originpull

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"
)

// logExchange logs each attempt at debug level: the request and the response. Of the
// response's body it logs a few fields, see [exchange.fields].
func logExchange(c config, next handler) handler {
	return func(x *exchange) error {
		ctx := x.ctx
		if !c.logger.Enabled(ctx, slog.LevelDebug) {
			return next(x)
		}
		start := time.Now()
		err := next(x)
		attrs := []slog.Attr{
			slog.String("operation", x.op.ID),
			slog.String("method", x.plain.Method),
			slog.String("path", x.redact(x.plain.URL.Path, mostText)),
			slog.Int("attempt", x.attempt),
			slog.Duration("duration", time.Since(start)),
		}
		if settings, ok := x.in.(Settings); ok {
			attrs = append(attrs, slog.Bool("enable", settings.Enabled))
		}
		if x.status != 0 {
			attrs = append(attrs, slog.Int("status", x.status), slog.String("ray", x.rayID()))
		}
		if x.body != nil {
			attrs = append(attrs, slog.Int("bytes", x.body.Len()), slog.GroupAttrs("response", x.fields(x.body.Bytes())...))
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		c.logger.LogAttrs(ctx, slog.LevelDebug, "exchange", attrs...)
		return err
	}
}

// fields returns those fields of a response's body that may be logged: success, the codes
// of the errors, and the id, status and enablement of the result or the length of a list.
// A text is logged only if it has the form that the API uses and contains no secret of
// the request, since a proxy can send back anything.
func (x *exchange) fields(body []byte) (attrs []slog.Attr) {
	var envelope failure
	if _, err := decode(body, &envelope); err != nil {
		return nil
	}
	if envelope.Success != nil {
		attrs = append(attrs, slog.Bool("success", *envelope.Success))
	}
	if codes := (&Error{Errors: x.redactMessages(envelope.Errors)}).Codes(); len(codes) > 0 {
		attrs = append(attrs, slog.Any("codes", codes))
	}
	var list []json.RawMessage
	if unmarshal(envelope.Result, &list) == nil && list != nil {
		return append(attrs, slog.Int("listed", len(list)))
	}
	var result struct {
		ID      string `json:"id"`
		Status  string `json:"status"`
		Enabled *bool  `json:"enabled"`
	}
	if _, err := decode(envelope.Result, &result); err != nil {
		return attrs
	}
	if looksLikeCertificateID(result.ID) {
		attrs = append(attrs, slog.String("id", x.redact(result.ID, 36)))
	}
	if result.Status != "" && strings.Trim(result.Status, "abcdefghijklmnopqrstuvwxyz_") == "" {
		attrs = append(attrs, slog.String("status", x.redact(result.Status, 32)))
	}
	if result.Enabled != nil {
		attrs = append(attrs, slog.Bool("enabled", *result.Enabled))
	}
	return attrs
}
