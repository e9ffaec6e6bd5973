package originpull

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// wireTrace follows one attempt of a request that must not be sent twice, in the hooks of
// the transport. A transport that is not package net/http's may call none of them.
type wireTrace struct {
	wantedConn, gotConn, wroteHeaders atomic.Bool
	ended                             bool // whether the context ended the attempt
}

// follow returns the context of an attempt whose connection is followed in w.
func (w *wireTrace) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.wantedConn.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.gotConn.Store(true) },
		WroteHeaders: func() { w.wroteHeaders.Store(true) },
	})
}

// neverSent reports whether certainly nothing was sent in the attempt that failed with
// err: the request waited for its turn, there was no connection, or the server's
// certificate is not trusted. Without the headers a server cannot do anything.
func (x *exchange) neverSent(err error) bool {
	switch w := x.wire; {
	case isUnsent(err):
		return true
	case w == nil || !w.wantedConn.Load():
		op, ok := errors.AsType[*net.OpError](err)
		return untrusted(err) || ok && op.Op == "dial"
	case w.gotConn.Load() && w.ended:
		return false // another goroutine may have been about to write
	default:
		return !w.wroteHeaders.Load()
	}
}
