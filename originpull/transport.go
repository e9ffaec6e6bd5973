package originpull

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/secret"
)

// exchange is one call on its way through the chain: the request and the response.
type exchange struct {
	ctx     context.Context
	op      *api.Operation
	plain   http.Request  // the request, without a context
	request *http.Request // the request of the current attempt
	in      any           // the request's body before encoding, nil for none
	added   http.Header   // headers from the options of the call
	once    bool          // no retries

	beforeSend func(context.Context) error // of the call, may be nil
	declined   error                       // what beforeSend returned

	credentials *secret.Index // of the client
	earlier     *secret.Index // of an earlier request of the same call
	secrets     *secret.Index // of this request, see requestSecrets
	sendsKey    bool          // whether the body holds a private key, see requestSecrets

	wire    *wireTrace       // of the attempt, nil if the request can be sent twice
	attempt int              // number of the attempt, from 1
	status  int              // of the response, 0 while there is none
	header  http.Header      // of the response
	body    *bytes.Buffer    // of the response; returned to buffers in the end
	size    int              // of the response's body, in bytes
	bounded io.LimitedReader // the response's body while it is read
}

// handler sends an exchange and stores the response in it. If it returns an error, there
// may be a response too, whose body could not be read. A handler is a func, so that fmt
// does not print what it captures, such as credentials.
type handler func(*exchange) error

// chain returns the chain of handlers. The first line is the innermost handler.
func chain(c config, l *limiter) handler {
	h := roundTrip(c.bodyLimit, c.transport)   // sends the request, reads the response up to the body limit
	h = withTimeout(c.attemptTime, h)          // a request for each attempt, with a time limit
	h = redactErrors(h)                        // removes the request's secrets from errors
	h = logExchange(c, h)                      // logs each attempt
	h = callHooks(c.hooks, h)                  // reports each attempt to the hooks
	h = paceRequests(l, c.logger, h)           // makes each attempt wait for the rate limit
	h = queueChanges(new(changeQueue), h)      // makes uploads and deletions of a zone wait for each other
	h = retry(new(retryBudget), c, h)          // repeats failed attempts
	h = authenticate(c.credentials, h)         // adds the credentials, once for all attempts
	h = setUserAgent([]string{c.userAgent}, h) // adds the user agent
	return h
}

// setUserAgent adds the user agent, which names the SDK and the product that uses it.
func setUserAgent(userAgent []string, next handler) handler {
	return func(x *exchange) error {
		x.plain.Header["User-Agent"] = userAgent
		return next(x)
	}
}

// buffers hold responses until they are decoded.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the largest buffer, in bytes, that is reused.
const keepBuffer = 1 << 20

// discardResponse removes the response of the previous attempt, if there is one.
func (x *exchange) discardResponse() {
	x.releaseBody()
	x.status, x.header = 0, nil
}

// releaseBody returns the body to buffers. Status and headers stay, for an error that is
// made later.
func (x *exchange) releaseBody() {
	if x.body != nil && x.body.Cap() <= keepBuffer {
		x.body.Reset()
		buffers.Put(x.body)
	}
	x.body, x.bounded = nil, io.LimitedReader{}
}
