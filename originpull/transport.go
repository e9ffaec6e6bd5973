package originpull

import (
	"errors"
	"net/http"

	"github.com/originpull/originpull-go/gen/api"
)

// exchange is one request of a call on its way down the chain.
type exchange struct {
	op      *api.Operation
	request *http.Request
}

// handler sends an exchange and returns the answer, whose body the caller
// closes. A handler is a func, so that what it captures, credentials above all,
// shows under no verb of fmt.
type handler func(*exchange) (*http.Response, error)

// chain puts the handlers in their order, from the wire up.
func chain(c config) handler {
	h := send(c.transport)                 // the wire, by the user's transport
	h = limitBody(c.bodyLimit, h)          // whoever reads an answer reads a bounded one
	h = logExchange(c.logger, h)           // each time something goes over the wire
	h = authenticate(c.credentials, h)     // each request, whatever sends it again
	h = identify([]string{c.userAgent}, h) // who asks
	return h
}

// send goes to the wire. It calls the transport itself and not an
// [http.Client], which would follow redirects and take the credentials along;
// so it is here that a careless transport is met.
func send(rt http.RoundTripper) handler {
	return func(x *exchange) (*http.Response, error) {
		resp, err := rt.RoundTrip(x.request)
		if resp == nil && err == nil {
			return nil, errors.New("the transport returned neither an answer nor an error")
		}
		if err == nil && resp.Body == nil {
			resp.Body = http.NoBody
		}
		return resp, err
	}
}

// identify names the SDK, and the product that uses it, to the API.
func identify(userAgent []string, next handler) handler {
	return func(x *exchange) (*http.Response, error) {
		x.request.Header["User-Agent"] = userAgent
		return next(x)
	}
}
