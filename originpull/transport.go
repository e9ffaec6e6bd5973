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

// exchange is one call on its way down the chain, and what came back.
type exchange struct {
	ctx     context.Context
	op      *api.Operation
	plain   http.Request  // what is asked, without a context
	request *http.Request // the same, of the present attempt
	in      any           // what is sent, nil for nothing
	added   http.Header   // by the options of the call
	once    bool          // do not repeat it

	credentials *secret.Index // of the client
	earlier     *secret.Index // of the request that this one follows
	secrets     *secret.Index // of this request, see requestSecrets
	sendsKey    bool          // whether the body holds a private key, see requestSecrets

	attempt int              // which one it is, from 1
	status  int              // of the answer, 0 while there is none
	header  http.Header      // of the answer
	body    *bytes.Buffer    // of the answer, whole; goes back to buffers in the end
	size    int              // of the answer's body, in bytes
	bounded io.LimitedReader // of the answer, while it is read
}

// handler sends an exchange and leaves the answer in it. With an error there may
// be an answer too, whose body could not be read. A handler is a func, so that
// what it captures, credentials above all, shows under no verb of fmt.
type handler func(*exchange) error

// chain puts the handlers in their order, from the wire up.
func chain(c config, l *limiter) handler {
	h := roundTrip(c.bodyLimit, c.transport)   // the wire, by the user's transport; a bounded answer
	h = withTimeout(h)                         // a request for each attempt, and an end
	h = redactErrors(h)                        // what its errors repeat of the request
	h = logExchange(c, h)                      // each attempt, as it was
	h = callHooks(c.hooks, h)                  // each attempt, to whoever wants to know
	h = paceRequests(l, c.logger, h)           // each attempt costs of the rate limit
	h = retry(new(retryBudget), c.logger, h)   // attempts
	h = authenticate(c.credentials, h)         // once: the attempts share the headers
	h = setUserAgent([]string{c.userAgent}, h) // who asks
	return h
}

// setUserAgent names the SDK, and the product that uses it, to the API.
func setUserAgent(userAgent []string, next handler) handler {
	return func(x *exchange) error {
		x.plain.Header["User-Agent"] = userAgent
		return next(x)
	}
}

// buffers hold answers until they are decoded.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the size in bytes above which a buffer is not kept.
const keepBuffer = 1 << 20

// discardResponse drops the answer, if there is one, and makes room for the next.
func (x *exchange) discardResponse() {
	x.releaseBody()
	x.status, x.header = 0, nil
}

// releaseBody gives the answer's body back; status and headers stay for an error
// that is made later.
func (x *exchange) releaseBody() {
	if x.body != nil && x.body.Cap() <= keepBuffer {
		x.body.Reset()
		buffers.Put(x.body)
	}
	x.body, x.bounded = nil, io.LimitedReader{}
}
