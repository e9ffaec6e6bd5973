package originpull_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/originpull/originpull-go/originpull"
)

// dialing returns a transport whose connections end in serve, through a proxy if one is
// given.
func dialing(t *testing.T, proxy string, serve func(net.Conn)) *http.Transport {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			if serve == nil {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				serve(server)
			}()
			return client, nil
		},
	}
	if proxy != "" {
		transport.Proxy = http.ProxyURL(must(url.Parse(proxy)))
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// saysToConnect is a proxy that responds to CONNECT with a status line.
func saysToConnect(line string) func(net.Conn) {
	return func(c net.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, line+"\r\nContent-Length: 0\r\n\r\n")
	}
}

// stall reads and says nothing until the other side closes.
func stall(c net.Conn) { io.Copy(io.Discard, c) }

// TestUploadNeverSent requires that an upload of which nothing was sent is repeated like
// any other call, and never looked for: the caller is not left in doubt. Where something
// was sent, or that is not known, the certificate is looked for.
func TestUploadNeverSent(t *testing.T) {
	t.Parallel()
	const plain, secure = "http://localhost/client/v4", "https://localhost/client/v4"
	for name, tt := range map[string]struct {
		base      string
		transport func(*testing.T) http.RoundTripper
		doubt     bool
		attempts  int
	}{
		"an HTTP proxy is down": {secure, func(t *testing.T) http.RoundTripper { return dialing(t, "http://localhost:3128", nil) }, false, 5},
		"an HTTP proxy of a plain server is down": {plain, func(t *testing.T) http.RoundTripper {
			return dialing(t, "http://localhost:3128", nil)
		}, false, 5},
		"a SOCKS proxy is down": {secure, func(t *testing.T) http.RoundTripper { return dialing(t, "socks5://localhost:1080", nil) }, false, 5},
		"a SOCKS proxy refuses": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "socks5://localhost:1080", func(c net.Conn) { io.ReadFull(c, make([]byte, 3)); c.Write([]byte{5, 0xff}) })
		}, false, 5},
		"CONNECT gets 407": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "http://localhost:3128", saysToConnect("HTTP/1.1 407 Proxy Authentication Required"))
		}, false, 5},
		"CONNECT gets 503": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "http://localhost:3128", saysToConnect("HTTP/1.1 503 Service Unavailable"))
		}, false, 5},
		"the TLS handshake is cut": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "", func(c net.Conn) { c.Read(make([]byte, 1)) })
		}, false, 5},
		"the TLS handshake stalls": {secure, func(t *testing.T) http.RoundTripper { return dialing(t, "", stall) }, false, 5},
		"the server refuses the TLS handshake": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "", func(c net.Conn) { tls.Server(c, &tls.Config{}).Handshake() }) // without a certificate
		}, false, 5},
		"the server does not speak TLS": {secure, func(t *testing.T) http.RoundTripper {
			return dialing(t, "", func(c net.Conn) { go io.Copy(io.Discard, c); io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") })
		}, false, 1},
		"the connection is cut after the headers": {plain, func(t *testing.T) http.RoundTripper {
			return dialing(t, "", func(c net.Conn) { http.ReadRequest(bufio.NewReader(c)) })
		}, true, 1},
		"the response stalls": {plain, func(t *testing.T) http.RoundTripper { return dialing(t, "", stall) }, true, 1},
		"a transport of the user's without hooks": {plain, func(*testing.T) http.RoundTripper {
			return roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		}, true, 1},
		"a transport that was sent before it could not dial": {plain, func(t *testing.T) http.RoundTripper {
			sent, down := dialing(t, "", func(c net.Conn) { http.ReadRequest(bufio.NewReader(c)) }), dialing(t, "", nil)
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				if resp, err := sent.RoundTrip(r); err == nil {
					return resp, nil
				}
				r.Body = must(r.GetBody())
				return down.RoundTrip(r)
			})
		}, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				transport := tt.transport(t)
				zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodGet {
						looks++
						return failureWith(403, 10000).respond(r)
					}
					return transport.RoundTrip(r)
				}), originpull.WithBaseURL(tt.base))
				_, err := zone.Certificates.Upload(t.Context(), newPair(t))
				if err == nil {
					t.Fatal("the upload is good, though no response came")
				}
				if got := errors.Is(err, originpull.ErrOutcomeUnknown); got != tt.doubt || looks > 0 != tt.doubt {
					t.Errorf("in doubt: %t, and the certificate is looked for %d times; want in doubt: %t: %v", got, looks, tt.doubt, err)
				}
				if e := apiError(t, err); e.Attempts != tt.attempts {
					t.Errorf("%d attempts, want %d: %v", e.Attempts, tt.attempts, err)
				}
				if tt.doubt && strings.Contains(err.Error(), "not sent") {
					t.Errorf("something may have been sent, and the caller reads that nothing was: %v", err)
				}
				if !tt.doubt && strings.Contains(err.Error(), "no complete response") {
					t.Errorf("nothing was sent, and the caller reads of a response: %v", err)
				}
				synctest.Wait()
			})
		})
	}
}

// TestTraceOfTheUser: the trace of a caller is called as well, and an upload is followed all
// the same.
func TestTraceOfTheUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls []string
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GetConn:      func(string) { calls = append(calls, "get") },
			GotConn:      func(httptrace.GotConnInfo) { calls = append(calls, "got") },
			WroteHeaders: func() { calls = append(calls, "headers") },
			WroteRequest: func(httptrace.WroteRequestInfo) { calls = append(calls, "request") },
		})
		transport := dialing(t, "", func(c net.Conn) {
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
		})
		zone := retryingZone(t, transport, originpull.WithBaseURL("http://localhost/client/v4"))
		zone.Certificates.Upload(ctx, newPair(t), originpull.WithoutRetry())
		transport.CloseIdleConnections()
		if got := strings.Join(calls, " "); got != "get got headers request" {
			t.Errorf("the caller's trace sees %q, want get got headers request", got)
		}
	})
}

// TestRefusedUploadIsNotLost has the API refuse an upload by its code under a status that
// could mean anything: the caller gets the refusal, and nothing is looked for.
func TestRefusedUploadIsNotLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		code   originpull.Code
		is     error
	}{
		{503, 10000, originpull.ErrDenied}, {500, 1406, originpull.ErrAlreadyExists}, {503, 1412, originpull.ErrNotLeaf},
		{502, 1408, nil}, {500, 971, originpull.ErrRateLimited}, {200, 10000, originpull.ErrDenied},
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := newRecorder(failureWith(tt.status, tt.code).respond)
			_, err := retryingZone(t, transport).Certificates.Upload(t.Context(), newPair(t))
			if errors.Is(err, originpull.ErrOutcomeUnknown) || tt.is != nil && !errors.Is(err, tt.is) || len(transport.at) != 1 {
				t.Errorf("of a refusal with %d and %d the caller gets %v after %d requests", tt.status, tt.code, err, len(transport.at))
			}
		})
	}
}

// TestUploadNeverLeft is not in doubt about an upload for which the transport cannot even
// choose a proxy, or whose context ends before it is sent.
func TestUploadNeverLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := retryingZone(t, &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy address") }}).
			Certificates.Upload(t.Context(), newPair(t))
		if errors.Is(err, originpull.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "invalid proxy address") {
			t.Errorf("without a proxy the caller gets %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		transport := newRecorder(example(t, "PendingCertificate").respond)
		_, err = retryingZone(t, transport).Certificates.Upload(ctx, newPair(t), originpull.WithBeforeSend(func(context.Context) error { cancel(); return nil }))
		if errors.Is(err, originpull.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) || len(transport.at) > 0 {
			t.Errorf("after the context has ended %d requests are sent: %v", len(transport.at), err)
		}
	})
}
