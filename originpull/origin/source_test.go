package origin_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
)

func testpkiExpired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
}

// TestWait: Wait returns with the first certificates, and with what is missing if there are
// none in time.
func TestWait(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	if err := origin.Wait(t.Context(), nil); err == nil {
		t.Error("a nil source is accepted")
	}
	synctest.Test(t, func(t *testing.T) {
		bundle := new(origin.Bundle)
		go func() {
			time.Sleep(time.Hour)
			bundle.Set()               // bad: who waits goes on waiting
			bundle.Set(ca.Certificate) // good
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := origin.Wait(ctx, bundle); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, origin.ErrNoCertificates) {
			t.Errorf("in vain: %v, want the context's error and what is missing", err)
		}
		if err := origin.Wait(t.Context(), bundle); err != nil {
			t.Error(err)
		}
		if err := origin.Wait(ctx, bundle); err != nil {
			t.Errorf("with a context that has ended and a source that is ready: %v", err)
		}
		if _, err := origin.Require(own(), bundle); err != nil {
			t.Errorf("after Wait: %v", err)
		}
	})
}

// TestWaitSpiffe waits for a source that sends a value for each update, as the X509Source of
// go-spiffe does.
func TestWaitSpiffe(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	source := &sending{updated: make(chan struct{}, 1)}
	source.Bundle.Updated()
	go func() {
		source.updated <- struct{}{} // an update of something else
		if err := source.Set(ca.Certificate); err == nil {
			source.updated <- struct{}{}
		}
	}()
	if err := origin.Wait(t.Context(), source); err != nil {
		t.Error(err)
	}
}

type sending struct {
	origin.Bundle
	updated chan struct{}
}

func (s *sending) Updated() <-chan struct{} { return s.updated }

// TestSet: a Bundle keeps what it has if what it gets is bad, and takes no part in later
// changes of the slice.
func TestSet(t *testing.T) {
	t.Parallel()
	one, other := testpki.CA("one"), testpki.CA("other")
	bundle := trust(t, one)
	for what, bad := range map[string][]*x509.Certificate{
		"none": {}, "nil": {other.Certificate, nil}, "not parsed": {{}}, "expired": {testpki.Leaf("expired", testpkiExpired).Certificate},
	} {
		if err := bundle.Set(bad...); err == nil {
			t.Errorf("%s: it is accepted", what)
		}
		trusts(t, bundle, what, one)
	}
	certificates := []*x509.Certificate{one.Certificate, other.Certificate}
	if err := bundle.Set(certificates...); err != nil {
		t.Fatal(err)
	}
	certificates[0] = nil
	trusts(t, bundle, "after the caller changed its slice", one, other)
}
