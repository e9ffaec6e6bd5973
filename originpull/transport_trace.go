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
	noProxy                           bool // whether the transport could not even choose its proxy
}

// follow returns the context of an attempt whose connection is followed in w. The hooks of
// a trace that the context has are called too.
//
// httptrace.WithClientTrace would do the same. But it composes two traces by reflection, and
// what that links adds 40 kB to every program that uses this package.
func (w *wireTrace) follow(ctx context.Context) context.Context {
	var users httptrace.ClientTrace
	if trace := httptrace.ContextClientTrace(ctx); trace != nil {
		users = *trace
	}
	trace := users
	trace.GetConn = func(address string) {
		w.wantedConn.Store(true)
		if users.GetConn != nil {
			users.GetConn(address)
		}
	}
	trace.GotConn = func(info httptrace.GotConnInfo) {
		w.gotConn.Store(true)
		if users.GotConn != nil {
			users.GotConn(info)
		}
	}
	trace.WroteHeaders = func() {
		w.wroteHeaders.Store(true)
		if users.WroteHeaders != nil {
			users.WroteHeaders()
		}
	}
	var key keyOfTrace
	httptrace.ContextClientTrace(&key)
	return context.WithValue(ctx, key.key, &trace)
}

// keyOfTrace is a context that notes the key under which package httptrace looks for a
// trace.
type keyOfTrace struct {
	context.Context
	key any
}

func (c *keyOfTrace) Value(key any) any {
	c.key = key
	return nil
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
		return w != nil && w.noProxy || untrusted(err) || ok && op.Op == "dial"
	case w.gotConn.Load() && w.ended:
		return false // another goroutine may have been about to write
	default:
		return !w.wroteHeaders.Load()
	}
}
