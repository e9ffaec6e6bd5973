package originpulltest

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// Options are the settings of a simulator. With the zero value it has one valid token and
// one zone.
type Options struct {
	// Token is a valid token; if empty, the simulator makes one. It is not a secret. It is
	// valid even if the live API would call it malformed.
	Token string
	// AnyToken accepts every token, and every email with a key. Tokens made by NewToken
	// keep their own permissions.
	AnyToken bool
	// Email and Key, if set, are credentials of the older kind. They are not secrets.
	Email, Key string
	// Grant is what Token, Email with Key, and the credentials that AnyToken accepts may do.
	Grant Grant
	// AnyZone makes every id of 32 hexadecimal digits a zone. A zone that is only read
	// takes no memory.
	AnyZone bool

	// DeployDelay is how long an uploaded certificate is pending_deployment. 0 means a
	// second, negative means no delay.
	DeployDelay time.Duration
	// DeleteDelay is how long a deleted certificate is pending_deletion. 0 means a
	// second, negative means no delay.
	DeleteDelay time.Duration
	// ListLag is how long lists do not show an uploaded certificate; twice as long if it
	// is re-uploaded after deletion. 0 or negative means no lag.
	ListLag time.Duration

	// ChangeDuration is how long an upload or a deletion takes before it takes effect and
	// has a response; Fault.Delay is added to it. It begins when the request has arrived.
	// Until it ends, another upload or deletion in the same zone gets HTTP 409. 0 or
	// negative means no time.
	ChangeDuration time.Duration

	// RateLimit is how many requests the user may send in five minutes. 0 means 1,200, as
	// live. Negative means no limit, and no limit of 200 requests a second for an address
	// either.
	RateLimit int
	// Strict refuses deprecated operations, and email and key instead of a token.
	Strict bool
	// Faults decides what goes wrong, see also [Simulator.SetFaults].
	Faults Rule
	// Logger, if not nil, gets one record for each request and each pull, and a warning for
	// each TLS handshake that fails. At debug level it gets one more when a request arrives,
	// with the names of its headers and without credentials.
	Logger *slog.Logger
	// NoRecord keeps no record, for tests that make very many requests: it takes a third
	// of the simulator's CPU time and more. [Simulator.Record] then panics, and [Simulator.WriteLog] fails.
	NoRecord bool
}

// Simulator is an API, an edge and the state of the zones. It is safe for concurrent use.
type Simulator struct {
	anyToken, anyZone, strict         bool
	mainToken, email, key             string
	deployDelay, deleteDelay, listLag time.Duration
	changeDuration                    time.Duration
	rateLimit                         int
	logger                            *slog.Logger
	noRecord                          bool
	grant                             token

	routes    []route
	memory    *Listener
	transport *http.Transport
	serving   sync.Once // in memory
	listening sync.Once // on an address of its own
	closing   sync.Once
	closed    chan struct{}

	mu          sync.Mutex // guards what follows; never held while anything waits
	servers     []*http.Server
	origin      string // scheme and address of the first TCP listener
	zones       map[string]*zone
	deployments int
	tokens      map[string]*token
	user, bad   window
	burst       map[string]int // by address, in the second that ends at second
	second      time.Time
	rule        Rule
	requests    int
	events      []Event
	recorded    int
}

// firstZone is the zone that every simulator has.
const firstZone = "023e105f4ecef8ad9ca31a8372d0c353"

// New returns a simulator. Close it when done. In a test with testing/synctest, make it
// inside the bubble.
func New(options Options) *Simulator {
	s := &Simulator{
		anyZone: options.AnyZone, anyToken: options.AnyToken, strict: options.Strict,
		mainToken: options.Token, email: options.Email, key: options.Key,
		deployDelay: delay(options.DeployDelay), deleteDelay: delay(options.DeleteDelay),
		listLag: max(options.ListLag, 0), changeDuration: max(options.ChangeDuration, 0),
		rateLimit: cmp.Or(options.RateLimit, userRequests),
		logger:    options.Logger,
		noRecord:  options.NoRecord,
		grant:     token{Grant: options.Grant, made: time.Now()},
		routes:    routes(),
		closed:    make(chan struct{}),
		memory:    NewListener(),
		zones:     map[string]*zone{},
		tokens:    map[string]*token{},
		burst:     map[string]int{},
		rule:      options.Faults,
	}
	if s.mainToken == "" {
		s.mainToken = testpki.Token()
	}
	s.tokens[s.mainToken] = new(s.grant)
	s.zone(firstZone)
	s.transport = &http.Transport{DialContext: s.memory.Dial, DialTLSContext: s.memory.Dial, MaxIdleConnsPerHost: 100}
	return s
}

func delay(d time.Duration) time.Duration { return max(cmp.Or(d, time.Second), 0) }

// NewServer returns a simulator for a test. When the test ends, it closes the simulator
// and, if the test has failed, logs the record.
func NewServer(tb testing.TB, options Options) *Simulator {
	tb.Helper()
	s := New(options)
	tb.Cleanup(func() {
		s.Close()
		if tb.Failed() {
			var record strings.Builder
			if err := s.WriteLog(&record); err != nil {
				tb.Log(err)
				return
			}
			tb.Logf("record of the simulator:\n%s", record.String())
		}
	})
	return s
}

// Token returns the token with all permissions, see [Options].
func (s *Simulator) Token() string { return s.mainToken }

// ZoneID returns the id of the zone that every simulator has.
func (s *Simulator) ZoneID() string { return firstZone }

// Handler returns the API as an [http.Handler], for your own server. For a response that
// is dropped or truncated it panics with [http.ErrAbortHandler], as the server of net/http
// expects.
func (s *Simulator) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Transport returns a transport that connects to the API in memory, for any host, http or
// https. It works inside testing/synctest. Every call returns the same transport: clone it
// before you change it.
func (s *Simulator) Transport() *http.Transport {
	s.serving.Do(func() { s.serveOn(s.memory) })
	return s.transport
}

// Client returns a client that uses [Simulator.Transport].
func (s *Simulator) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

// Listen serves the API on a TCP address, such as 127.0.0.1:0.
func (s *Simulator) Listen(address string) error { return s.listen(address, "http", nil) }

// ListenTLS is like [Simulator.Listen], for HTTPS with a certificate that clients have to
// trust. It speaks HTTP/2 too; there a connection that breaks is a stream that is reset.
func (s *Simulator) ListenTLS(address string, certificate tls.Certificate) error {
	return s.listen(address, "https", &tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{"h2", "http/1.1"},
	})
}

func (s *Simulator) listen(address, scheme string, config *tls.Config) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("originpulltest: %w", err)
	}
	s.mu.Lock()
	if s.origin == "" {
		s.origin = scheme + "://" + reachable(l.Addr())
	}
	s.mu.Unlock()
	if config != nil {
		l = tls.NewListener(l, config)
	}
	s.serveOn(l)
	return nil
}

// reachable returns the address by which a client on this machine connects to a listener,
// also if that listens on all addresses.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// URL returns the base URL of the API over TCP, with the path /client/v4; paths without
// that prefix work too. Its address is that of the first [Simulator.Listen] or
// [Simulator.ListenTLS]. If there was none, URL listens on the loopback interface, and panics if that fails, as
// httptest.NewServer does.
func (s *Simulator) URL() string {
	s.listening.Do(func() {
		s.mu.Lock()
		listening := s.origin != ""
		s.mu.Unlock()
		if listening {
			return
		}
		if err := s.Listen("127.0.0.1:0"); err != nil {
			panic(err)
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.origin + basePath
}

func (s *Simulator) serveOn(l net.Listener) {
	server := &http.Server{Handler: s.Handler(), ErrorLog: s.serverLog(), DisableGeneralOptionsHandler: true}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		l.Close()
	default:
		s.servers = append(s.servers, server)
		go server.Serve(l)
	}
}

// Close closes all listeners and connections. The record and the state of the zones can
// still be read.
func (s *Simulator) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		s.mu.Lock()
		servers := s.servers
		s.mu.Unlock()
		for _, server := range servers {
			err = errors.Join(err, server.Close())
		}
		s.memory.Close()
		s.transport.CloseIdleConnections()
	})
	return err
}
