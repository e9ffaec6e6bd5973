package originpulltest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
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

// Options are what a simulator starts with. The zero value is one good token
// and one zone.
type Options struct {
	// Token is the token that may do everything, a stand-in and no secret; empty
	// makes one. It is good even where the live API would find it malformed.
	Token string
	// AnyToken lets every token, and every email with a key, do everything.
	// Those that NewToken made keep their limits.
	AnyToken bool
	// Email and Key, if set, are credentials of the older kind that may do
	// everything: stand-ins, no secrets.
	Email, Key string
	// AnyZone lets every id of 32 hexadecimal digits be a zone. One that is only
	// read takes no memory.
	AnyZone bool

	// DeployDelay is how long an uploaded certificate is pending_deployment; 0
	// is a second, negative at once.
	DeployDelay time.Duration
	// DeleteDelay is how long a deleted one is pending_deletion; 0 is a second,
	// negative at once.
	DeleteDelay time.Duration
	// ListLag is how long lists do not show an uploaded certificate, twice as
	// long if it was deleted before; 0 or negative is not at all.
	ListLag time.Duration

	// RateLimit is how many requests the user has in five minutes; 0 is 1,200 as
	// live. Negative lifts it, and that of 200 a second for an address too: for
	// tests that ask more than a person would.
	RateLimit int
	// Strict refuses what is deprecated: operations that the document marks so,
	// and email and key in place of a token.
	Strict bool
	// Faults decides what goes wrong, see also SetFaults.
	Faults Rule
	// Logger, if not nil, gets one record for each request and each pull.
	Logger *slog.Logger
}

// Simulator is an API, an edge and the state of the zones behind both. Its
// methods may be called by several goroutines at once.
type Simulator struct {
	anyToken, anyZone, strict         bool
	mainToken, email, key             string
	deployDelay, deleteDelay, listLag time.Duration
	rateLimit                         int
	logger                            *slog.Logger
	shared                            func() sharedIdentity

	routes    []route
	service   http.Handler
	memory    *Listener
	transport *http.Transport
	serving   sync.Once // in memory
	listening sync.Once // on an address of its own
	closing   sync.Once
	closed    chan struct{}

	mu          sync.Mutex // guards what follows; never held while anything waits
	servers     []*http.Server
	address     string // of the first TCP listener
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

// firstZone is the zone that every simulator begins with.
const firstZone = "023e105f4ecef8ad9ca31a8372d0c353"

// New returns a simulator; close it when done. Inside testing/synctest make it
// in the bubble that uses it.
func New(options Options) *Simulator {
	s := &Simulator{
		anyZone: options.AnyZone, anyToken: options.AnyToken, strict: options.Strict,
		mainToken: options.Token, email: options.Email, key: options.Key,
		deployDelay: delay(options.DeployDelay), deleteDelay: delay(options.DeleteDelay),
		listLag:   max(options.ListLag, 0),
		rateLimit: cmp.Or(options.RateLimit, userRequests),
		logger:    options.Logger,
		routes:    routes(),
		shared:    sync.OnceValue(newSharedIdentity),
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
	s.tokens[s.mainToken] = &token{}
	s.zone(firstZone)
	s.service = newService(s)
	s.transport = &http.Transport{DialContext: s.memory.Dial, DialTLSContext: s.memory.Dial, MaxIdleConnsPerHost: 100}
	return s
}

func delay(d time.Duration) time.Duration { return max(cmp.Or(d, time.Second), 0) }

// NewServer returns a simulator that is closed when the test ends, and whose
// record is logged if the test has failed.
func NewServer(tb testing.TB, options Options) *Simulator {
	tb.Helper()
	s := New(options)
	tb.Cleanup(func() {
		s.Close()
		if tb.Failed() {
			var record strings.Builder
			s.WriteLog(&record)
			tb.Logf("what the simulator saw:\n%s", record.String())
		}
	})
	return s
}

// Token returns the token that may do everything: a stand-in, no secret.
func (s *Simulator) Token() string { return s.mainToken }

// ZoneID returns the id of the zone that the simulator begins with.
func (s *Simulator) ZoneID() string { return firstZone }

// Handler returns the API as a handler, for servers of one's own. An answer
// that is lost or cut short panics with [http.ErrAbortHandler], as the server
// of net/http expects.
func (s *Simulator) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Transport returns a transport that reaches the API in memory, whatever host a
// URL names and whether it is http or https. It works inside testing/synctest. It
// is the simulator's own: clone it to change it.
func (s *Simulator) Transport() *http.Transport {
	s.serving.Do(func() { s.serveOn(s.memory) })
	return s.transport
}

// Client returns a client on Transport.
func (s *Simulator) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

// Listen serves the API at a TCP address, such as 127.0.0.1:0.
func (s *Simulator) Listen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("originpulltest: %w", err)
	}
	s.mu.Lock()
	if s.address == "" {
		s.address = reachable(l.Addr())
	}
	s.mu.Unlock()
	s.serveOn(l)
	return nil
}

// reachable is the address at which this machine reaches a listener, also one
// that listens on all of its addresses.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// URL returns the base URL of the API over TCP, which includes /client/v4; the
// paths without that work too. It is the first address given to Listen, or else
// one on the loopback interface that is listened on from the first call; where
// that cannot be done it panics, as httptest.NewServer does.
func (s *Simulator) URL() string {
	s.listening.Do(func() {
		s.mu.Lock()
		listening := s.address != ""
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
	return "http://" + s.address + basePath
}

func (s *Simulator) serveOn(l net.Listener) {
	server := &http.Server{Handler: s.Handler(), ErrorLog: log.New(io.Discard, "", 0)}
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

// Close ends all listening and all connections. The state stays to be looked
// at.
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
