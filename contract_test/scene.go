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

// Scene is where a case plays: a zone of the counterpart, asked through the SDK.
// Each call is one attempt, by a client of its own, so that nothing is repeated
// or held back for what went before.
type Scene struct {
	world
	run     string // names the certificates of this run
	can     []Ability
	checker *checker
	base    http.RoundTripper // on top of the checker

	// Certificate is the one that the case is about, once it is uploaded; where
	// nothing is remembered, that of the document's examples.
	Certificate originpull.Certificate
	uploadedAt  time.Time     // the last upload
	deployTook  time.Duration // the last deployment

	mu       sync.Mutex
	evidence evidence
	uploaded []string
	enabled  bool

	background sync.WaitGroup // what a case leaves running until its world closes
}

// Who asks.
type caller struct {
	token     string // or the key that goes with the email
	email     string // "" for who has a token
	transport http.RoundTripper
}

// me is who may do everything.
func (s *Scene) me() caller { return caller{s.token, "", s.base} }

// as is who has another token.
func (s *Scene) as(token string) caller { return caller{token, "", s.base} }

// nobody is who shows no credentials: the SDK has no such client, so they are
// taken away under it.
func (s *Scene) nobody() caller {
	return caller{s.token, "", roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(context.WithValue(r.Context(), withoutCredentials{}, true))
		r.Header.Del("Authorization")
		return s.base.RoundTrip(r)
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *Scene) client(who caller) (*originpull.Client, *originpull.Zone, error) {
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

// call makes one call of the SDK and judges it.
func (s *Scene) call(who caller, operation string, do func(*originpull.Client, *originpull.Zone) (any, error)) error {
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

// The calls. What they return is for the case to compare with the promise.

func (s *Scene) list(ctx context.Context, who caller) (list []originpull.Certificate, err error) {
	err = s.call(who, "ListCertificates", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		list, err = z.Certificates.List(ctx, originpull.WithoutRetry())
		return list, err
	})
	return list, err
}

func (s *Scene) get(ctx context.Context, who caller, id string) (c originpull.Certificate, err error) {
	err = s.call(who, "GetCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Get(ctx, id, originpull.WithoutRetry())
		return c, err
	})
	return c, err
}

func (s *Scene) upload(ctx context.Context, who caller, pair pair) (c originpull.Certificate, err error) {
	keyPair, err := originpull.ParseKeyPair(pair.certificate, pair.key)
	if err != nil {
		return c, err
	}
	err = s.call(who, "UploadCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Upload(ctx, keyPair, originpull.WithoutRetry())
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

func (s *Scene) delete(ctx context.Context, who caller, id string) (c originpull.Certificate, err error) {
	err = s.call(who, "DeleteCertificate", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Delete(ctx, id, originpull.WithoutRetry())
		return c, err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.uploaded = forget(s.uploaded, id)
	}
	return c, err
}

func (s *Scene) settings(ctx context.Context, who caller) (settings originpull.Settings, err error) {
	err = s.call(who, "GetSettings", func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		settings, err = z.Settings.Get(ctx, originpull.WithoutRetry())
		return settings, err
	})
	return settings, err
}

func (s *Scene) set(ctx context.Context, who caller, enabled bool) error {
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

// do sends what the SDK would refuse to send.
func (s *Scene) do(ctx context.Context, who caller, method, path string, in any) error {
	return s.call(who, "", func(c *originpull.Client, _ *originpull.Zone) (any, error) {
		return nil, c.Do(ctx, method, "/zones/"+s.zoneID+"/origin_tls_client_auth"+path, in, nil, originpull.WithoutRetry())
	})
}

func (s *Scene) wait(ctx context.Context, id string, status originpull.Status) (c originpull.Certificate, err error) {
	err = s.call(s.me(), waiting, func(_ *originpull.Client, z *originpull.Zone) (any, error) {
		c, err = z.Certificates.Wait(ctx, id, status, originpull.WithoutRetry())
		return nil, err
	})
	return c, err
}

// pair is a certificate and its key in PEM.
type pair struct{ certificate, key []byte }

// subject begins the common name of every certificate that a run uploads, so that
// the next run finds what a crash left.
const subject = "originpull contract "

// pair makes a new certificate, a leaf unless it is to be a CA, and its key.
func (s *Scene) pair(ca bool) (pair, error) { return newPair(subject+s.run, ca) }

// keyPair makes a new leaf as the SDK takes it.
func (s *Scene) keyPair() (originpull.KeyPair, error) {
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

// selfSigned makes the certificate of a key, the same for the same at the same time.
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

// prefer has a counterpart that remembers nothing told what to answer to the
// operation that the case is about, and to no other that the SDK asks besides.
func (s *Scene) prefer(c Case) {
	var wanted string
	switch {
	case slices.Contains(s.can, Examples) && c.Status != 0:
		wanted = fmt.Sprintf("code=%d, example=%s", c.Status, c.Example)
	case slices.Contains(s.can, MadeUp) && c.Status != 0:
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

// cleanUp removes what the case has uploaded and turns off what it has turned on.
// It must work while the case's own time is over.
func (s *Scene) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
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
