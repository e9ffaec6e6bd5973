package contract

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// exampleID is the certificate of the document's examples.
const exampleID = "0b5a2f54-7c1e-4f6a-9f0e-6c2d1a7b8e90"

// scene is where the steps of a case run: a zone of the provider, reached through the
// SDK. Each call is one attempt by a new client, so that no call is retried or
// delayed because of an earlier one.
type scene struct {
	environment
	run          string // names the certificates of this run
	capabilities []Capability
	checker      *checker
	base         http.RoundTripper // on top of the checker

	// Certificate is the certificate of the case once it is uploaded. Providers without
	// [Stateful] have that of the document's examples.
	Certificate originpull.Certificate
	uploadedAt  time.Time     // when the last upload was
	deployTook  time.Duration // how long the last deployment took

	mu       sync.Mutex
	evidence evidence
	uploaded []string
	enabled  bool

	background sync.WaitGroup // what a case leaves running until its environment closes
}

// caller is who makes a call.
type caller struct {
	token     string // or the key that goes with the email
	email     string // "" for a caller with a token
	transport http.RoundTripper
}

// me returns a caller with all permissions.
func (s *scene) me() caller { return caller{s.token, "", s.base} }

// as returns a caller with another token.
func (s *scene) as(token string) caller { return caller{token, "", s.base} }

// anonymous returns a caller without credentials. The SDK has no such client, so its
// transport removes them.
func (s *scene) anonymous() caller {
	return caller{s.token, "", roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(context.WithValue(r.Context(), withoutCredentials{}, true))
		r.Header.Del("Authorization")
		return s.base.RoundTrip(r)
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *scene) client(who caller) (*originpull.Client, *originpull.Zone, error) {
	credentials := originpull.WithToken(who.token)
	if who.email != "" {
		credentials = originpull.WithAPIKey(who.email, who.token)
	}
	client, err := originpull.New(
		credentials, originpull.WithBaseURL(s.baseURL), originpull.WithTransport(who.transport))
	if err != nil {
		return nil, nil, err
	}
	zone, err := client.Zone(s.zoneID)
	return client, zone, err
}

// inOtherZone has the calls in do go to the other zone.
func (s *scene) inOtherZone(do func() error) error {
	own := s.zoneID
	s.zoneID = s.otherZone
	defer func() { s.zoneID = own }()
	return do()
}

// call makes one call of the SDK and judges it.
func (s *scene) call(who caller, operation string, do func(*originpull.Client, *originpull.Zone) (any, error)) error {
	client, zone, err := s.client(who)
	if err != nil {
		return err
	}
	before := s.checker.count()
	value, err := do(client, zone)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.evidence.judge(operation, s.checker.since(before), value, err)
	return err
}

// The calls. The case compares what they return with its claim.

func (s *scene) list(ctx context.Context, who caller) (list []originpull.Certificate, err error) {
	err = s.call(who, "ListCertificates", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		list, err = z.Certificates.List(ctx, originpull.WithoutRetry())
		return list, err
	})
	return list, err
}

func (s *scene) get(ctx context.Context, who caller, id string) (c originpull.Certificate, err error) {
	err = s.call(who, "GetCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Get(ctx, id, originpull.WithoutRetry())
		c = s.checker.asReceived(c)
		return c, err
	})
	return c, err
}

func (s *scene) upload(ctx context.Context, who caller, pair pair) (c originpull.Certificate, err error) {
	keyPair, err := originpull.ParseKeyPair(pair.certificate, pair.key)
	if err != nil {
		return c, err
	}
	err = s.call(who, "UploadCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Upload(ctx, keyPair, originpull.WithoutRetry())
		c = s.checker.asReceived(c)
		return c, err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploadedAt = time.Now()
	if err == nil && !slices.Contains(s.uploaded, c.ID) {
		s.uploaded = append(s.uploaded, c.ID)
	}
	return c, err
}

func (s *scene) delete(ctx context.Context, who caller, id string) (c originpull.Certificate, err error) {
	err = s.call(who, "DeleteCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Delete(ctx, id, originpull.WithoutRetry())
		c = s.checker.asReceived(c)
		return c, err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.uploaded = forget(s.uploaded, id)
	}
	return c, err
}

func (s *scene) settings(ctx context.Context, who caller) (settings originpull.Settings, err error) {
	err = s.call(who, "GetSettings", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		settings, err = z.Settings.Get(ctx, originpull.WithoutRetry())
		return settings, err
	})
	return settings, err
}

func (s *scene) set(ctx context.Context, who caller, enabled bool) error {
	return s.call(who, "SetSettings", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		set := z.Settings.Disable
		if enabled {
			set = z.Settings.Enable
		}
		err := set(ctx, originpull.WithoutRetry())
		s.enabled = enabled || s.enabled && err != nil
		return originpull.Settings{Enabled: enabled}, err
	})
}

// operation is an operation of the document, and a call of it with some credentials.
// The cases of what the gateway refuses, and of what fails, are made for each.
type operation struct {
	name  string
	reads bool
	call  func(context.Context, *scene, caller) error
}

func operations() []operation {
	return []operation{
		{"ListCertificates", true, func(ctx context.Context, s *scene, who caller) error {
			_, err := s.list(ctx, who)
			return err
		}},
		{"UploadCertificate", false, func(ctx context.Context, s *scene, who caller) error {
			pair, err := s.pair(false)
			if err != nil {
				return err
			}
			_, err = s.upload(ctx, who, pair)
			return err
		}},
		{"GetCertificate", true, func(ctx context.Context, s *scene, who caller) error {
			_, err := s.get(ctx, who, unknownID)
			return err
		}},
		{"DeleteCertificate", false, func(ctx context.Context, s *scene, who caller) error {
			_, err := s.delete(ctx, who, unknownID)
			return err
		}},
		{"GetSettings", true, func(ctx context.Context, s *scene, who caller) error {
			_, err := s.settings(ctx, who)
			return err
		}},
		{"SetSettings", false, func(ctx context.Context, s *scene, who caller) error {
			return s.set(ctx, who, true)
		}},
	}
}

// do sends a request that the methods of the SDK would refuse to send.
func (s *scene) do(ctx context.Context, who caller, method, path string, in any) error {
	return s.call(who, "", func(c *originpull.Client, _ *originpull.Zone) (any, error) {
		return nil, c.Do(ctx, method, "/zones/"+s.zoneID+"/origin_tls_client_auth"+path, in, nil, originpull.WithoutRetry())
	})
}

// uploadBody uploads with a body that the SDK would not send.
func (s *scene) uploadBody(ctx context.Context, who caller, body map[string]string) error {
	var c originpull.Certificate
	err := s.call(who, "UploadCertificate", func(client *originpull.Client, _ *originpull.Zone) (any, error) {
		err := client.Do(ctx, http.MethodPost, "/zones/"+s.zoneID+"/origin_tls_client_auth", body, &c, originpull.WithoutRetry())
		return c, err
	})
	if err == nil && c.ID != "" {
		s.uploaded = append(s.uploaded, c.ID)
	}
	return err
}

// patience is for how long a case goes on waiting after a response of the wrong form, or for
// what other cases have waited for in vain: it may never come.
const patience = 15 * time.Second

func (s *scene) wait(ctx context.Context, id string, status originpull.Status) (c originpull.Certificate, err error) {
	options := []originpull.CallOption{originpull.WithoutRetry()}
	if slices.Contains(s.capabilities, Pending) && !slices.Contains(s.capabilities, OwnZone) {
		options = append(options, originpull.WithPollInterval(7*time.Second)) // a live run may send few requests
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.checker.malformed = func() { time.AfterFunc(patience, cancel) }
	defer func() { s.checker.malformed = nil }()
	err = s.call(s.me(), waiting, func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Wait(ctx, id, status, options...)
		return nil, err
	})
	return c, err
}

// pair is a certificate and its key in PEM.
type pair struct{ certificate, key []byte }

// subject begins the common name of every certificate that a run uploads, so that
// the next run finds what a crashed run has left.
const subject = "originpull contract "

// pair makes a new certificate, a leaf unless it is to be a CA, and its key.
func (s *scene) pair(ca bool) (pair, error) { return newPair(subject+s.run, ca) }

// keyPair makes a new leaf as a key pair of the SDK.
func (s *scene) keyPair() (originpull.KeyPair, error) {
	pair, err := s.pair(false)
	if err != nil {
		return originpull.KeyPair{}, err
	}
	return originpull.ParseKeyPair(pair.certificate, pair.key)
}

func newPair(name string, ca bool) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return pair{}, err
	}
	return selfSigned(name, ca, testpki.ListedKey(key), serial)
}

// selfSigned makes the certificate of a key. At the same time, equal arguments give
// equal certificates.
func selfSigned(name string, ca bool, key *ecdsa.PrivateKey, serial *big.Int) (pair, error) {
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true, IsCA: ca,
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return pair{}, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, err
	}
	return pair{
		certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
	}, nil
}

// prefer adds the Prefer header to the requests of the case's operation, for a
// provider without Stateful. Other requests of the SDK stay as they are.
func (s *scene) prefer(c Case) {
	var wanted string
	switch {
	case slices.Contains(s.capabilities, Examples) && c.Status != 0:
		wanted = fmt.Sprintf("code=%d, example=%s", c.Status, c.Example)
	case slices.Contains(s.capabilities, Synthetic) && c.Status != 0:
		wanted = "code=" + strconv.Itoa(c.Status)
	default:
		return
	}
	next := s.checker.next
	s.checker.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		if operationOf(r.Method, strings.TrimPrefix(r.URL.EscapedPath(), s.checker.base), s.zoneID) == c.Operation {
			r = r.Clone(r.Context())
			r.Header.Set("Prefer", wanted)
		}
		return next.RoundTrip(r)
	})
}

// cleanUp deletes what the case uploaded and disables the zone if the case enabled
// it. It works also when the time of the case is over. A provider that contradicted itself
// gets less time: what it says about a certificate may never become true.
func (s *scene) cleanUp(ctx context.Context, contradicted bool) error {
	limit := 2 * time.Minute
	if contradicted {
		limit = patience
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	_, zone, err := s.client(caller{s.token, "", s.transport})
	if err != nil {
		return err
	}
	var failed error
	if s.enabled {
		failed = zone.Settings.Disable(ctx, originpull.WithoutRetry())
	}
	for _, id := range s.uploaded {
		failed = errors.Join(failed, remove(ctx, zone, id))
	}
	return failed
}
