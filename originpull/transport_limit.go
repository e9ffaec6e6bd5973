package originpull

import (
	"fmt"
	"io"
	"net/http"
)

// limitBody refuses an answer of more than limit bytes, by its announced length
// where there is one, and else while it is read.
func limitBody(limit int64, next handler) handler {
	return func(x *exchange) (*http.Response, error) {
		resp, err := next(x)
		if err != nil {
			return nil, err
		}
		resp.Body = &limitedBody{body: resp.Body, left: limit, limit: limit, announced: resp.ContentLength}
		return resp, nil
	}
}

type limitedBody struct {
	body      io.ReadCloser
	left      int64 // bytes that may still be read
	limit     int64
	announced int64 // Content-Length, -1 if not known
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.announced > b.limit {
		return 0, fmt.Errorf("%w: the body has %d bytes, more than the limit of %d", ErrMalformedAnswer, b.announced, b.limit)
	}
	// One byte more than is left tells an end at the limit from a body beyond it.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, fmt.Errorf("%w: the body is larger than the limit of %d bytes", ErrMalformedAnswer, b.limit)
	}
	return n, err
}

func (b *limitedBody) Close() error { return b.body.Close() }
