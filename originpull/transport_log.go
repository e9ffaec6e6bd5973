package originpull

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// logExchange tells each attempt at debug level: what was asked and what came of
// it. Of bodies it tells a few fields, see [fields].
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
			attrs = append(attrs, slog.Int("bytes", x.body.Len()), slog.GroupAttrs("answer", x.fields(x.body.Bytes())...))
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		c.logger.LogAttrs(ctx, slog.LevelDebug, "exchange", attrs...)
		return err
	}
}

// fields returns what of an answer may stand in a log: whether it is a success, the
// codes of its errors, and of the result its id, status and enablement, or how
// many it lists. Texts are shown in the form alone that the API gives them, and
// without the secrets of the request: a proxy can echo anything.
func (x *exchange) fields(body []byte) (attrs []slog.Attr) {
	var answer struct {
		api.FailureEnvelope
		Success *bool           `json:"success"`
		Result  json.RawMessage `json:"result"`
	}
	if unmarshal(body, &answer) != nil {
		return nil
	}
	if answer.Success != nil {
		attrs = append(attrs, slog.Bool("success", *answer.Success))
	}
	if codes := (&Error{Errors: x.redactMessages(answer.Errors)}).Codes(); len(codes) > 0 {
		attrs = append(attrs, slog.Any("codes", codes))
	}
	var list []json.RawMessage
	if unmarshal(answer.Result, &list) == nil && list != nil {
		return append(attrs, slog.Int("listed", len(list)))
	}
	var result struct {
		ID      string `json:"id"`
		Status  string `json:"status"`
		Enabled *bool  `json:"enabled"`
	}
	if unmarshal(answer.Result, &result) != nil {
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
