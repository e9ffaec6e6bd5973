package originpull

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/printable"
)

// The errors to branch on with [errors.Is].
var (
	// ErrInvalidInput says that an argument or an option was refused before a request
	// was made.
	ErrInvalidInput = errors.New("invalid input")

	// ErrNotFound says that there is no such certificate or zone.
	ErrNotFound = errors.New("not found")

	// ErrAlreadyExists says that the zone already has this certificate, or is still
	// deleting it. [CertificateClient.Find] finds it once it is listed; its status says
	// which of the two.
	ErrAlreadyExists = errors.New("certificate already exists")

	// ErrNotLeaf says that the certificate is a CA. Only leaf certificates can be
	// uploaded.
	ErrNotLeaf = errors.New("not a leaf certificate")

	// ErrPendingDeployment says that the certificate is still being deployed. It can be
	// deleted after that.
	ErrPendingDeployment = errors.New("certificate is pending deployment")

	// ErrAlreadyDeleted says that the certificate is already deleted, or is being
	// deleted.
	ErrAlreadyDeleted = errors.New("certificate is already deleted")

	// ErrConflict says that another upload or deletion in the zone was in flight, also after
	// the SDK has repeated the request. It had no effect; repeat it later.
	ErrConflict = errors.New("another change of the zone is in flight")

	// ErrRateLimited says that there were too many requests, or that the call would have
	// had to wait for the rate limit beyond its deadline; see [Error.RetryAfter].
	ErrRateLimited = errors.New("rate limited")

	// ErrDenied says that the credentials were rejected or lack the permission that
	// [Error.Permission] names; the API does not say which. Do not repeat the request
	// with the same credentials: after too many, the gateway responds with HTTP 429.
	ErrDenied = errors.New("denied")

	// ErrMalformedResponse says that the response is not one that the API sends: a
	// page of a proxy, a body that is empty, truncated or too large, JSON without what the
	// call needs, or a response about another certificate. Whether the request took
	// effect is unknown.
	ErrMalformedResponse = errors.New("unexpected response")
)

// Error is the failure of one operation. It comes from the API, from the gateway in
// front of it, or from the network. If the context has ended too, during a request or a
// pause, [errors.Is] finds the context's error and its cause besides the Error.
type Error struct {
	Operation  string        // such as "UploadCertificate"; for [Client.Do] method and path, such as "GET /zones/{id}/settings/ssl"
	Permission string        // permission that a token needs for the operation, if known
	Status     int           // HTTP status, 0 if there was no response
	Errors     []Message     // what went wrong, as the API says it
	Messages   []Message     // further remarks of the API
	RayID      string        // Cf-Ray, which Cloudflare's support asks for
	RetryAfter time.Duration // how long to wait before the next request, 0 if unknown
	Attempts   int           // how many attempts were made, 0 if the call ended before the first
	Err        error         `json:"-"` // what went wrong in the client: network, context, decoding

	unsent bool // whether certainly nothing was sent
}

// Codes returns the codes of all errors and of their error chains, in order. Errors
// without a code are skipped.
func (e *Error) Codes() []Code {
	var codes []Code
	for _, m := range e.Errors {
		if m.Code != 0 {
			codes = append(codes, m.Code)
		}
		for _, c := range m.ErrorChain {
			if c.Code != 0 {
				codes = append(codes, c.Code)
			}
		}
	}
	return codes
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether e matches target, one of the errors of this package. It compares
// the codes, and the HTTP status if no code is known to mean one of them; never the API's
// messages. HTTP 401, 403 and 429 count also if a proxy sent them. HTTP 404 and 409 count
// only in a response of the API: a proxy's page says nothing about the zone.
func (e *Error) Is(target error) bool {
	if target == nil {
		return false
	}
	explained := false
	for _, code := range e.Codes() {
		meaning := sentinel(code)
		if meaning == target {
			return true
		}
		explained = explained || meaning != nil
	}
	if explained {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrDenied
	case http.StatusNotFound:
		return target == ErrNotFound && e.Err == nil
	case http.StatusConflict:
		return target == ErrConflict && e.Err == nil
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	}
	return false
}

// sentinel returns the error of this package for a code of the API, nil if there is
// none. The codes are those of schema ErrorCode in the document.
func sentinel(code Code) error {
	switch code {
	case api.CodeNotFound, api.CodeCertificateNotFound: // 1551, 1552
		return ErrNotFound
	case api.CodeCertificateExists: // 1406
		return ErrAlreadyExists
	case api.CodeNotLeaf: // 1412
		return ErrNotLeaf
	case api.CodePendingDeployment: // 1434
		return ErrPendingDeployment
	case api.CodePendingDeletion: // 1414
		return ErrAlreadyDeleted
	case api.CodeThrottled, api.CodeRateLimited: // 971, 10429
		return ErrRateLimited
	case api.CodeDenied, api.CodeCannotAuthenticate, // 10000, 10001
		api.CodeNoAccess, api.CodeNoCredentials, api.CodeUnknownKey, // 9109, 9106, 9103
		api.CodeInvalidHeaders, api.CodeMalformedToken, api.CodeMalformedKey, api.CodeMalformedEmail, // 6003 and its chain
		api.CodeTooManyFailures: // 10502
		return ErrDenied
	}
	return nil
}

// Error returns the operation, what went wrong and what to do about it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	for i, m := range e.Errors {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		writeMessage(&b, m)
	}
	switch {
	case e.Status == 0 && e.Attempts <= 1 && e.unsent:
		b.WriteString(": not sent")
	case e.Status == 0:
		b.WriteString(": no response")
	case len(e.Errors) == 0 && e.Err == nil:
		b.WriteString(": no reason given")
	}
	if e.Err != nil {
		b.WriteString(": " + printable.Line(e.Err.Error()))
	}
	if e.RayID != "" {
		fmt.Fprintf(&b, " (Cf-Ray %s)", printable.Line(e.RayID))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if advice := e.advice(); advice != "" {
		b.WriteString(": " + advice)
	}
	return b.String()
}

func writeMessage(b *strings.Builder, m Message) {
	writeCoded(b, m.Code, m.Message)
	if m.Source.Pointer != "" {
		b.WriteString(" at " + printable.Line(m.Source.Pointer))
	}
	for _, c := range m.ErrorChain {
		b.WriteString(" (")
		writeCoded(b, c.Code, c.Message)
		b.WriteString(")")
	}
	if m.DocumentationURL != "" {
		b.WriteString(" <" + printable.Line(m.DocumentationURL) + ">")
	}
}

// writeCoded writes a code, unless it is missing, and a message.
func writeCoded(b *strings.Builder, code Code, message string) {
	if code != 0 {
		fmt.Fprintf(b, "%d ", code)
	}
	b.WriteString(printable.Line(message))
}

// advice returns what to do about the error, empty if that is not known.
func (e *Error) advice() string {
	switch {
	case e.Is(ErrDenied):
		return e.deniedAdvice()
	case e.Is(ErrRateLimited) && e.RetryAfter > 0:
		return fmt.Sprintf("wait %s before the next request", e.RetryAfter)
	case e.Is(ErrRateLimited):
		return "wait up to five minutes before the next request"
	case e.Is(ErrConflict):
		return "another change of the zone is in flight, repeat the request"
	case e.Is(ErrAlreadyExists):
		return "the zone has this certificate, or is still deleting it"
	case e.Is(ErrPendingDeployment):
		return "wait until the certificate is active"
	case e.Is(ErrNotLeaf):
		return "upload a leaf certificate, not a CA"
	}
	return ""
}

func (e *Error) deniedAdvice() string {
	const unclear = "the credentials are not valid, or "
	if e.Permission == "" {
		return unclear + "lack the permission (the API does not say which)"
	}
	return fmt.Sprintf("%sthey lack the permission %q for this zone (the API does not say which)", unclear, e.Permission)
}

// LogValue returns the error as a group of its fields.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("operation", e.Operation), slog.String("message", e.Error())}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if codes := e.Codes(); len(codes) > 0 {
		attrs = append(attrs, slog.Any("codes", codes))
	}
	if e.Attempts > 1 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	if e.RayID != "" {
		attrs = append(attrs, slog.String("ray", e.RayID))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// Retryable reports whether the same request may succeed later, though no one changes
// anything: after a network error, HTTP 408, 425, 429 or 5xx, or [ErrMalformedResponse]. It is
// not about a conflict, and says nothing about whether the request took effect.
func (e *Error) Retryable() bool { return mayPass(e) }
