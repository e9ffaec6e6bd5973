package originpull

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/printable"
)

// The errors to branch on, with [errors.Is].
var (
	// ErrInvalidInput says that an argument or an option was refused before a request
	// was made.
	ErrInvalidInput = errors.New("invalid input")

	// ErrNotFound says that there is no such certificate or zone.
	ErrNotFound = errors.New("not found")

	// ErrAlreadyExists says that the zone has this certificate already; it may be on
	// its way out. [CertificateClient.Find] finds it.
	ErrAlreadyExists = errors.New("certificate already exists")

	// ErrNotLeaf says that the certificate is a CA. Only leaf certificates can be
	// uploaded.
	ErrNotLeaf = errors.New("not a leaf certificate")

	// ErrPendingDeployment says that the certificate is still being deployed, and
	// cannot be deleted before that has ended.
	ErrPendingDeployment = errors.New("certificate is pending deployment")

	// ErrAlreadyDeleted says that the certificate to be deleted is deleted, or on its
	// way out.
	ErrAlreadyDeleted = errors.New("certificate is already deleted")

	// ErrConflict says that another upload or deletion of the zone was in flight. The
	// request had no effect; repeat it.
	ErrConflict = errors.New("another change of the zone is in flight")

	// ErrRateLimited says that there were too many requests; see [Error.RetryAfter].
	ErrRateLimited = errors.New("rate limited")

	// ErrDenied says that the credentials were rejected or lack the permission that
	// [Error.Permission] names; the API does not say which. Do not repeat the request
	// with the same credentials: the gateway answers too many of them with 429.
	ErrDenied = errors.New("denied")

	// ErrMalformedResponse says that the response is not one that the API sends: a
	// proxy's page, a body that is empty, truncated or too large, or JSON of another
	// shape. Whether the request took effect is unknown.
	ErrMalformedResponse = errors.New("unexpected response")
)

// Error is the failure of one operation, as the API, the gateway in front of it
// or the network answered.
type Error struct {
	Operation  string        // operationId of the document, or method and path for [Client.Do]
	Permission string        // permission that a token needs for the operation, if known
	Status     int           // HTTP status, 0 where no answer came
	Errors     []Message     // what went wrong, in the API's words
	Messages   []Message     // further remarks of the API
	RayID      string        // Cf-Ray, which Cloudflare's support asks for
	RetryAfter time.Duration // how long to wait before the next request, 0 if not told
	Attempts   int           // how many attempts were made
	Err        error         `json:"-"` // what went wrong on this side: network, context, decoding
}

// Codes returns the codes of all errors and of the chains behind them, in their
// order, those that are missing left out.
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

// Unwrap returns what went wrong on this side, if anything.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether e is the failure that target, one of the errors of this
// package, stands for. It goes by codes first and then by status, never by
// the API's wording. A proxy's page says by its status who may not ask, or not
// now, but by 404 and 409 nothing about the zone: these count only in an answer
// of the API.
func (e *Error) Is(target error) bool {
	if target == nil {
		return false
	}
	codes := e.Codes()
	for _, code := range codes {
		if sentinel(code) == target {
			return true
		}
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrDenied
	case http.StatusNotFound:
		return target == ErrNotFound && e.Err == nil
	case http.StatusConflict:
		return target == ErrConflict && e.Err == nil
	case http.StatusTooManyRequests:
		// Too many bad credentials are answered by 429 too: waiting does not mend them.
		return target == ErrRateLimited && !slices.Contains(codes, api.CodeTooManyFailures)
	}
	return false
}

// sentinel returns the error of this package that a code of the API stands for,
// nil if there is none. Sources of the codes: the document, schema ErrorCode.
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

// Error says what was asked, what came back and what to do.
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
	case e.Status == 0:
		b.WriteString(": no answer")
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

// writeCoded leaves out a code that is missing.
func writeCoded(b *strings.Builder, code Code, message string) {
	if code != 0 {
		fmt.Fprintf(b, "%d ", code)
	}
	b.WriteString(printable.Line(message))
}

// advice says what to do about the error, if anything is known.
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

// LogValue gives the error to slog as a group of its fields.
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
