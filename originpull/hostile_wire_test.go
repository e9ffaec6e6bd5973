package originpull_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// wire is a server that reads a request and then does what it likes with the
// connection.
type wire func(request *http.Request, w io.Writer, closed <-chan struct{})

// serve runs the server on a listener in memory, in the bubble of the test. A
// goroutine or connection that is left behind keeps the bubble from ending, which
// fails the test; so does a call that hangs.
func (serve wire) serve(t *testing.T) *http.Transport {
	listener, closed := originpulltest.NewListener(), make(chan struct{})
	transport := &http.Transport{DialContext: listener.Dial, DialTLSContext: listener.Dial}
	t.Cleanup(func() { close(closed); listener.Close(); transport.CloseIdleConnections() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				request, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				io.Copy(io.Discard, request.Body)
				serve(request, conn, closed)
			}()
		}
	}()
	return transport
}

// writes is a server that writes a text and closes the connection.
func writes(texts ...string) wire {
	return func(_ *http.Request, w io.Writer, _ <-chan struct{}) { io.WriteString(w, strings.Join(texts, "")) }
}

// forever writes a text again and again, more than anybody should read, and then
// keeps the connection open. The connections of these tests buffer what they are
// given: without an end, and without waiting until what was written is read, it would be
// the test that fills the memory.
func (serve wire) forever(text string) wire {
	return func(r *http.Request, w io.Writer, closed <-chan struct{}) {
		serve(r, w, closed)
		block := strings.Repeat(text, 1+(64<<10)/len(text))
		for written := 0; written < 24<<20; written += len(block) {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
			select {
			case <-time.After(time.Microsecond): // once all is read: in a bubble, time passes when nothing is left to do
			case <-closed:
				return
			}
		}
		<-closed
	}
}

const (
	head    = "HTTP/1.1 200 OK\r\nCf-Ray: " + ray + "\r\n"
	jsonIs  = head + "Content-Type: application/json\r\n"
	closes  = jsonIs + "Connection: close\r\n\r\n"
	goodEnd = `"success":true,"errors":[],"messages":[],"result":{"enabled":true}}`
)

func sized(body string) string {
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", jsonIs, len(body), body)
}

// zipped is a gzip bomb: some kilobytes that become megabytes of blanks.
func zipped(megabytes int) string {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range megabytes {
		w.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	w.Close()
	return fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", jsonIs, bomb.Len(), bomb.String())
}

// slowly writes a text byte by byte, one a second.
func slowly(text string) wire { return dripping(time.Second, text) }

// dripping writes a text byte by byte, with a pause after each.
func dripping(pause time.Duration, text string) wire {
	return func(_ *http.Request, w io.Writer, closed <-chan struct{}) {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for i := range len(text) {
			if _, err := io.WriteString(w, text[i:i+1]); err != nil {
				return
			}
			select {
			case <-tick.C:
			case <-closed:
				return
			}
		}
	}
}
