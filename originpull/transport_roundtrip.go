package originpull

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// tooLarge is the error of a body over the limit. It is not retried.
type tooLarge struct{ announced, limit int64 }

func (e *tooLarge) Error() string {
	if e.announced > 0 {
		return fmt.Sprintf("%v: the body has %d bytes, more than the limit of %d", ErrMalformedResponse, e.announced, e.limit)
	}
	return fmt.Sprintf("%v: the body is larger than the limit of %d bytes", ErrMalformedResponse, e.limit)
}

func (e *tooLarge) Unwrap() error { return ErrMalformedResponse }

// roundTrip sends the request and reads the whole response, of at most limit bytes. It
// calls the transport and not an [http.Client], which would follow redirects and send the
// credentials along.
func roundTrip(limit int64, rt http.RoundTripper) handler {
	return func(x *exchange) error {
		x.discardResponse() // of the previous attempt
		resp, err := rt.RoundTrip(x.request)
		switch {
		case err != nil:
			if x.wire != nil {
				x.wire.ended = x.request.Context().Err() != nil
				x.wire.noProxy = !x.wire.wantedConn.Load() && !choosesProxy(rt, x.request)
			}
			return err
		case resp == nil:
			return errors.New("the transport returned neither a response nor an error")
		case resp.Body == nil:
			resp.Body = http.NoBody
		}
		defer resp.Body.Close()
		x.status, x.header = resp.StatusCode, resp.Header
		x.body = buffers.Get().(*bytes.Buffer)
		if resp.ContentLength > limit {
			return &tooLarge{resp.ContentLength, limit}
		}
		if resp.ContentLength > 0 {
			x.body.Grow(int(min(resp.ContentLength, keepBuffer-bytes.MinRead)) + bytes.MinRead)
		}
		x.bounded = io.LimitedReader{R: resp.Body, N: limit + 1}
		// One byte more than the limit shows whether the body is longer than that.
		n, err := x.body.ReadFrom(&x.bounded)
		switch {
		case n > limit:
			return &tooLarge{0, limit}
		case err != nil && x.request.Context().Err() == nil:
			return fmt.Errorf("%w: reading the body: %w", ErrMalformedResponse, err)
		}
		return err
	}
}

// choosesProxy reports whether a transport can choose a proxy for the request. If it can't,
// such as with a malformed HTTPS_PROXY, it fails before it calls any hook.
func choosesProxy(rt http.RoundTripper, request *http.Request) bool {
	standard, ok := rt.(*http.Transport)
	if !ok || standard.Proxy == nil {
		return true
	}
	_, err := standard.Proxy(request)
	return err == nil
}
