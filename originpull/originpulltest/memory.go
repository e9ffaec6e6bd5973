package originpulltest

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Listener is a [net.Listener] in memory. Use it for servers without a socket, and inside
// testing/synctest, where a socket would block the bubble for ever. Writes to its
// connections are buffered without a limit and never block.
type Listener struct {
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewListener returns a listener. Make it inside the synctest bubble that uses
// it.
func NewListener() *Listener {
	return &Listener{dialed: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial connects to the listener. It ignores network and address. It has the signature of
// [net.Dialer.DialContext], so it can be used as [Origin].Dial and in an
// [http.Transport].
func (l *Listener) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	here, there := newStream(), newStream()
	select {
	case l.dialed <- &conn{in: there, out: here}:
		return &conn{in: here, out: there}, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memoryAddr{}, Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memoryAddr{}, Err: ctx.Err()}
	}
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialed:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the listener. Its connections stay open.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address whose network and text are "memory".
func (l *Listener) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// conn is one end of a connection in memory.
type conn struct {
	in, out *stream
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }

func (c *conn) Close() error {
	c.out.finish(io.EOF)
	c.in.finish(net.ErrClosed)
	return nil
}

// reset closes the connection as a TCP reset does.
func (c *conn) reset() {
	c.out.finish(syscall.ECONNRESET)
	c.in.finish(net.ErrClosed)
}

func (c *conn) LocalAddr() net.Addr               { return memoryAddr{} }
func (c *conn) RemoteAddr() net.Addr              { return memoryAddr{} }
func (c *conn) SetDeadline(t time.Time) error     { return c.SetReadDeadline(t) }
func (c *conn) SetWriteDeadline(time.Time) error  { return nil } // a write never waits
func (c *conn) SetReadDeadline(t time.Time) error { c.in.expire(t); return nil }

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	changed  *sync.Cond
	data     bytes.Buffer
	end      error // what a reader gets once data is used up; nil while open
	deadline time.Time
	alarm    *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		case s.data.Len() > 0 || len(p) == 0:
			n, _ := s.data.Read(p)
			return n, nil
		case s.end != nil:
			return 0, s.end
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return 0, syscall.EPIPE
	}
	s.changed.Broadcast()
	return s.data.Write(p)
}

// finish ends the stream; the first reason given stays.
func (s *stream) finish(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.end = reason
	}
	if s.alarm != nil {
		s.alarm.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) expire(deadline time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = deadline
	if s.alarm != nil {
		s.alarm.Stop()
		s.alarm = nil
	}
	if !deadline.IsZero() && s.end == nil {
		s.alarm = time.AfterFunc(time.Until(deadline), s.changed.Broadcast)
	}
	s.changed.Broadcast()
}
