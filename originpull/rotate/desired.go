package rotate

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/probe"
)

// Desired is what should hold for a zone. Only Pair is needed; the zero value of every
// other field is the usual choice.
type Desired struct {
	// Pair is the certificate that should be the live one, with its key. If it has extended
	// key usages, clientAuth must be among them: origins that verify refuse any other.
	Pair originpull.KeyPair
	// Enablement says what to do about the zone's enablement.
	Enablement Enablement
	// Supersede says which other certificates are deleted.
	Supersede Supersede

	// Origins are asked whether they accept the certificate, before the zone is changed. See
	// package probe. Give the addresses of the origins themselves, not proxied names.
	Origins probe.Target
	// Require says what has to be proven before the zone is changed.
	Require Require
	// Old is the key pair that is live today, if it is at hand. The origins are asked with it
	// too: what they say about it is in the error if they refuse the new one.
	Old originpull.KeyPair
	// Prove, if not nil, is called when the certificate is active and the newest, before
	// others are deleted or begin to be kept for Grace, and before the zone is enabled. If nothing
	// is to be changed, and no other is kept, it is not called. If it returns an error, the run ends
	// with it, and nothing more is changed.
	Prove func(context.Context) error

	// Grace is how long other certificates are kept after the upload of this one, by the
	// clock of the API. Reconcile does not wait for it, see [Result.NextAt].
	Grace time.Duration

	// RenewBefore, if not 0, leaves a zone as it is while its newest active certificate is
	// another one that is valid for longer than this, by the clock of the API. Reconcile does
	// not wait for that, see [Result.NextAt]. A rotation that has begun is completed.
	RenewBefore time.Duration
}

// Enablement says what to do about the zone's enablement.
type Enablement int

// The choices for the enablement.
const (
	Enable  Enablement = iota // enable it, when the certificate is active and none is newer
	Leave                     // leave it as it is
	Disable                   // disable it, when the certificate is active and none is newer
)

// Supersede says which other certificates a run may replace. The zero value is [Older].
type Supersede struct {
	all   bool
	named []string
}

// Older replaces the certificates that were uploaded before the desired one. If a newer one
// is there, nothing is changed, and the error is [ErrSuperseded].
func Older() Supersede { return Supersede{} }

// Named replaces certificates as [Older] does, and those that are named by the SHA-256 of
// their DER in hexadecimal, as [originpull.KeyPair.Fingerprint] returns it, though they are
// newer. Colons, spaces and case do not matter.
func Named(fingerprints ...string) Supersede {
	s := Supersede{named: make([]string, len(fingerprints))}
	for i, fingerprint := range fingerprints {
		s.named[i] = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(fingerprint))
	}
	return s
}

// All replaces all other certificates, except those whose time of upload could not be read.
func All() Supersede { return Supersede{all: true} }

func (s Supersede) names(c Certificate) bool {
	return c.Fingerprint != "" && slices.Contains(s.named, c.Fingerprint)
}

// Require says what has to be proven before the zone is changed.
type Require int

// The choices of what has to be proven.
const (
	Default Require = iota // Proof if Desired.Origins names an origin, otherwise Nothing
	Proof                  // every origin has to accept the certificate
	Nothing                // the origins are not asked, and the certificate need not be for clientAuth
)

// needsProof reports whether the origins are asked.
func (d Desired) needsProof() bool {
	return d.Require == Proof || d.Require == Default && len(d.Origins.Addresses) > 0
}

// soon is how long the certificate must still be valid when a run begins.
const soon = 10 * time.Minute

// checkExpiry returns an error if the certificate has expired, or will soon.
func (d Desired) checkExpiry(now time.Time) error {
	if end := d.Pair.Leaf().NotAfter; now.Add(soon).After(end) {
		return fmt.Errorf("rotate: %w: it ends at %s", originpull.ErrExpired, end.UTC().Format(time.RFC3339))
	}
	return nil
}

// check returns what is wrong with what is desired, whatever the time.
func (d Desired) check() error {
	switch {
	case d.Pair.Leaf() == nil:
		return invalid("Desired.Pair is empty: load it with originpull.LoadKeyPair")
	case d.Require != Nothing && !forClients(d.Pair.Leaf()):
		return invalid("the extended key usage of %q lacks clientAuth, so origins that verify refuse it; issue one with clientAuth, or set Desired.Require to Nothing", d.Pair.Leaf().Subject.String())
	case d.Enablement < Enable || d.Enablement > Disable:
		return invalid("Desired.Enablement is %d, want Enable, Leave or Disable", d.Enablement)
	case d.Require < Default || d.Require > Nothing:
		return invalid("Desired.Require is %d, want Default, Proof or Nothing", d.Require)
	case d.Grace < 0:
		return invalid("Desired.Grace is %s, want 0 or more", d.Grace)
	case d.RenewBefore < 0:
		return invalid("Desired.RenewBefore is %s, want 0 or more", d.RenewBefore)
	case d.Require == Proof && len(d.Origins.Addresses) == 0:
		return invalid("Desired.Require is Proof, and Desired.Origins names no origin to ask")
	}
	for _, fingerprint := range d.Supersede.named {
		if digest, err := hex.DecodeString(fingerprint); err != nil || len(digest) != 32 {
			return invalid("rotate.Named: %q is not a SHA-256 fingerprint: want 64 hexadecimal digits", fingerprint)
		}
		if fingerprint == d.Pair.Fingerprint() {
			return invalid("rotate.Named: %s is the desired certificate itself", fingerprint)
		}
	}
	return nil
}

// forClients reports whether a certificate may authenticate a client.
func forClients(leaf *x509.Certificate) bool {
	return len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0 ||
		slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) || slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny)
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("rotate: %w: %s", originpull.ErrInvalidInput, fmt.Sprintf(format, args...))
}
