package originpulltest

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
)

const pacedBytes = 64

// send sends a response as the fault says.
func (s *Simulator) send(w http.ResponseWriter, response *reply, fault Fault) {
	body, promised := response.body.Bytes(), response.body.Len()
	switch fault.Disconnect {
	case Drop:
		panic(http.ErrAbortHandler) // net/http closes the connection
	case Reset:
		reset(w)
		return
	case Truncate:
		promised = max(promised, 1) // also an empty body is truncated
		body = body[:min(fault.TruncateAt, promised-1, len(body))]
	}
	for name, values := range response.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(promised))
	w.WriteHeader(response.status)
	if fault.ByteDelay > 0 {
		s.sendSlowly(w, body, fault)
	} else {
		w.Write(body)
	}
	if fault.Disconnect == Truncate {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func (s *Simulator) sendSlowly(w http.ResponseWriter, body []byte, fault Fault) {
	control := http.NewResponseController(w)
	for len(body) > 0 {
		control.Flush()
		s.pause(fault.ByteDelay)
		n := min(pacedBytes, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return // the client has gone
		}
		body = body[n:]
	}
}

// reset resets the connection. If it cannot be hijacked, as in HTTP/2, it is closed
// instead.
func reset(w http.ResponseWriter) {
	hijacked, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	under := hijacked
	if encrypted, ok := hijacked.(*tls.Conn); ok {
		under = encrypted.NetConn()
	}
	switch c := under.(type) {
	case *conn:
		c.reset()
		return
	case *net.TCPConn:
		c.SetLinger(0)
	}
	under.Close()
}
