package originpull

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// idempotentMethods can be repeated without another effect (RFC 9110, section 9.2.2). An
// unknown method is not assumed to be idempotent.
var idempotentMethods = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace}

func (x *exchange) idempotent() bool { return slices.Contains(idempotentMethods, x.plain.Method) }

// repeatable reports whether another attempt may be made: if it cannot take effect twice,
// and may succeed. A request that the API has judged is never repeated, such as one whose
// credentials were refused: the code says so whatever the status is. conflict says that the
// API names another change of the zone as the reason, of which a proxy's page knows nothing.
func (x *exchange) repeatable(err error) (repeat, conflict bool) {
	if x.once || x.ctx.Err() != nil {
		return false, false
	}
	if err != nil {
		return !permanent(err) && (x.idempotent() || x.neverSent(err)), false
	}
	if x.status/100 == 2 {
		return false, false // and its body, which can be large, is decoded later, once
	}
	codes, ofAPI := x.codes()
	if slices.ContainsFunc(codes, isFinal) {
		return false, false
	}
	switch x.status {
	case http.StatusConflict, http.StatusTooManyRequests:
		// The API refuses these before they take effect. A proxy may not.
		return ofAPI || x.idempotent(), ofAPI && x.status == http.StatusConflict
	case http.StatusRequestTimeout, http.StatusTooEarly,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return x.idempotent(), false
	}
	return x.idempotent() && x.status >= 520 && x.status <= 530, false // Cloudflare's, about the server behind it
}

// isRefusal reports whether the API refused the request with this code before it took
// effect.
func isRefusal(code Code) bool {
	return isFinal(code) || sentinel(code) == ErrRateLimited
}

// isFinal reports whether the API would refuse the same request with this code again.
// About an unknown code the status decides.
func isFinal(code Code) bool {
	switch code {
	case api.CodeThrottled, api.CodeRateLimited: // 971, 10429
		return false
	case api.CodeCertificateIDRequired, api.CodeCertificateUnparsable, api.CodeCertificateIDInvalid, // 1404, 1408, 1415
		api.CodeCertificateInUse, api.CodeAssociationNotFound, // 1433, 1553
		api.CodeNoRoute, api.CodeMalformedID, api.CodeMethodNotAllowed: // 7000, 7003, 10405
		return true
	}
	return sentinel(code) != nil
}

// permanent reports whether another attempt would fail in the same way: the server is not
// there by its name or port, does not speak TLS, has a certificate that is not trusted, or
// the response is too large.
func permanent(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	_, large := errors.AsType[*tooLarge](err)
	_, address := errors.AsType[*net.AddrError](err) // such as an invalid port
	_, network := errors.AsType[net.UnknownNetworkError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return large || address || network || plain || untrusted(err)
}

func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// unsent is the error of a request that was not sent: it would have had to wait too long for
// its turn, the context ended before that, or the caller declined to send it. wait is how
// long it would have had to wait for the rate limit, 0 if that is unknown.
type unsent struct {
	error
	wait time.Duration
}

func (e unsent) Unwrap() error { return e.error }

func isUnsent(err error) bool {
	_, ok := errors.AsType[unsent](err)
	return ok
}

// codes returns the error codes of the response; ok is false if it is not a response of
// the API.
func (x *exchange) codes() (codes []Code, ok bool) {
	var failure failure
	if saysNotJSON(x.header) {
		return nil, false
	}
	if _, err := decode(x.body.Bytes(), &failure); err != nil {
		return nil, false
	}
	e := Error{Errors: x.redactMessages(failure.Errors)}
	return e.Codes(), len(e.Errors) > 0
}
