package probe

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// class is what a request says about its certificate.
type class int

const (
	unclear      class = iota // nothing
	accepted                  // the origin served the request
	refused                   // the origin refused it
	maybeRefused              // if it happens each time, and not with another certificate
)

// refusals are the HTTP statuses by which an origin refuses; 495 and 496 are nginx's own.
var refusals = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, 495, 496}

// certificateAlerts are the TLS alerts about a client certificate. OpenSSL sends "handshake
// failure" if there is none in TLS 1.2, and "decrypt error" for a signature that is false.
var certificateAlerts = []string{
	"handshake failure", "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate",
	"unknown certificate", "unknown certificate authority", "access denied", "error decrypting message", "certificate required",
}

func (o Observation) class() class {
	switch {
	case o.Outcome == Responded && slices.Contains(refusals, o.Status):
		return refused
	case o.Outcome == Responded && (o.Status == http.StatusTooManyRequests || o.Status == http.StatusServiceUnavailable):
		return unclear
	case o.Outcome == Responded:
		return accepted
	case o.Outcome == Alerted && o.Requested && slices.Contains(certificateAlerts, o.Alert):
		return refused
	case (o.Outcome == Alerted || o.Outcome == Closed) && o.Requested:
		return maybeRefused
	default: // an alert before the request of a certificate is about something else
		return unclear
	}
}

// transient reports whether the network may be at fault.
func (o Observation) transient() bool {
	return o.Outcome == Unreachable || o.Outcome == TimedOut || o.Outcome == Closed
}

// final reports whether nothing can be known after the first request ended so.
func (o Observation) final() bool {
	return o.Certificate == NoCertificate && slices.Contains([]Outcome{Unreachable, TimedOut, NotTLS, VersionRejected, Untrusted}, o.Outcome)
}

// ruling is a verdict with its reason.
type ruling struct {
	verdict  Verdict
	reason   string
	warnings []string
}

func unknown(format string, arguments ...any) ruling {
	return ruling{verdict: Unknown, reason: fmt.Sprintf(format, arguments...)}
}

// evidence is what the observations say, by certificate.
type evidence struct {
	none, stranger, ours                Observation
	noneClass, strangerClass, oursClass class
	given                               bool // ours
	requested                           bool // a certificate, at least once
}

func weigh(observed []Observation) evidence {
	var e evidence
	e.none, _ = find(observed, NoCertificate)
	e.stranger, _ = find(observed, Stranger)
	e.ours, e.given = find(observed, New)
	e.requested = e.none.Requested || e.stranger.Requested || e.ours.Requested
	e.noneClass, e.strangerClass, e.oursClass = e.none.class(), e.stranger.class(), e.ours.class()
	for _, c := range []*class{&e.noneClass, &e.strangerClass, &e.oursClass} {
		switch {
		case *c == maybeRefused && e.ours.class() == accepted:
			*c = refused
		case *c == maybeRefused:
			*c = unclear
		}
	}
	return e
}

// judge returns the verdict on a row.
func judge(observed []Observation) ruling {
	e := weigh(observed)
	var r ruling
	switch {
	case e.none.Outcome == VersionRejected:
		return ruling{verdict: NotOffered, reason: "the origin does not offer this TLS version, which says nothing about certificates"}
	case slices.ContainsFunc(observed, func(o Observation) bool { return strings.EqualFold(o.Server, "cloudflare") }):
		return unknown("this is Cloudflare's edge and not your origin: give the origin's own address")
	case e.none.final():
		return unknown("%s", endedEarly(e.none))
	case e.noneClass == accepted && !e.requested:
		r = ruling{verdict: Off, reason: "the origin requests no certificate, and accepts requests from everyone"}
	case e.oursClass == refused:
		r = judgeRefused(e)
	case e.noneClass == accepted:
		r = judgeOpen(e)
	case e.noneClass == refused && e.strangerClass == accepted && e.requested:
		r = judgeAny(e)
	case e.noneClass == refused && e.strangerClass == refused:
		r = judgeClosed(e)
	default:
		r = unknown("%s", e.unclear())
	}
	if old, given := find(observed, Old); given && r.verdict != Off && old.class() != accepted {
		r.warnings = append(r.warnings, "the origin did not accept the old certificate: "+old.ending())
	}
	return r
}

// judgeOpen is for origins that request a certificate and accept requests without one.
func judgeOpen(e evidence) ruling {
	if e.oursClass == accepted && e.ours.Status != e.none.Status {
		return unknown("the origin responds with HTTP %d without a certificate, and with HTTP %d with yours: the former may be an error page or a page of yours",
			e.none.Status, e.ours.Status)
	}
	r := ruling{verdict: Optional, reason: "the origin requests a certificate, and accepts requests without one; "}
	switch e.strangerClass {
	case accepted:
		r.reason += "it accepts a stranger's too"
	case refused:
		r.reason += "it refuses a stranger's"
	default:
		r.reason += "what it does with a stranger's is not known"
	}
	r.warnings = []string{"everyone can send requests to the origin past Cloudflare, without a certificate"}
	if e.given && e.oursClass != accepted {
		r.warnings = append(r.warnings, "whether it accepts yours is not known: "+e.ours.String())
	}
	return r
}

// judgeAny is for origins that refuse requests without a certificate, and accept a
// stranger's.
func judgeAny(e evidence) ruling {
	if e.oursClass == accepted && e.ours.Status != e.stranger.Status {
		return unknown("the origin responds with HTTP %d to a stranger's certificate, and with HTTP %d to yours: the former may be an error page or a page of yours",
			e.stranger.Status, e.ours.Status)
	}
	r := ruling{
		verdict:  Any,
		reason:   "the origin requires a certificate, and accepts a stranger's",
		warnings: []string{"everyone can make such a certificate, and send requests to the origin past Cloudflare"},
	}
	if e.given && e.oursClass != accepted {
		r.warnings = append(r.warnings, "whether it accepts yours is not known: "+e.ours.String())
	}
	return r
}

// judgeClosed is for origins that refuse both, and do not refuse ours.
func judgeClosed(e evidence) ruling {
	switch {
	case !e.given:
		return unknown("the origin refuses requests without a certificate and with a stranger's; give yours to see whether it accepts that")
	case e.oursClass != accepted:
		return unknown("%s", e.unclear())
	case !e.none.Requested || !e.stranger.Requested || !e.ours.Requested:
		return unknown("the origin does not treat all requests alike, though it does not always request a certificate: several servers may be behind this address")
	default:
		return ruling{verdict: Enforced, reason: "the origin accepts your certificate, and refuses requests without one and with a stranger's"}
	}
}

// judgeRefused is for origins that refused ours.
func judgeRefused(e evidence) ruling {
	sameAsStranger := e.stranger.Outcome == Responded && e.stranger.Status == e.ours.Status
	sameAsNone := e.none.Outcome == Responded && e.none.Status == e.ours.Status
	switch {
	case e.ours.Outcome == Alerted, e.ours.Detail == nginxError, e.strangerClass == accepted,
		sameAsStranger && !sameAsNone && e.noneClass != unclear:
		r := ruling{verdict: Refused, reason: "the origin refuses your certificate: " + e.ours.ending()}
		if e.noneClass == accepted {
			r.warnings = append(r.warnings, "it accepts requests without a certificate")
		}
		if e.strangerClass == accepted {
			r.warnings = append(r.warnings, "it accepts a stranger's certificate")
		}
		return r
	case sameAsStranger && sameAsNone && e.requested:
		return unknown("the origin responds with HTTP %d to all requests alike: it may admit Cloudflare's addresses alone, or refuse your certificate", e.ours.Status)
	case sameAsStranger && sameAsNone:
		return unknown("the origin responds with HTTP %d to all requests alike, and requests no certificate: it may admit Cloudflare's addresses alone, or request one after it has read the request, as Apache does with SSLVerifyClient in a <Location>", e.ours.Status)
	default:
		return unknown("the origin responds with HTTP %d to your certificate, and treats a stranger's otherwise: it may refuse the address of this machine", e.ours.Status)
	}
}

// endedEarly says what the first request showed.
func endedEarly(o Observation) string {
	switch o.Outcome {
	case NotTLS:
		return "the port does not speak TLS: " + o.Detail
	case Untrusted:
		return "the origin's own certificate does not pass: " + o.Detail
	case TimedOut:
		return "the origin did not respond, which is not a refusal: " + o.Detail
	default:
		return "the origin could not be reached: " + o.Detail
	}
}

// unclear says which request it is that says nothing.
func (e evidence) unclear() string {
	o := e.ours
	switch {
	case e.noneClass == unclear:
		o = e.none
	case e.strangerClass == unclear:
		o = e.stranger
	}
	switch {
	case o.Outcome == Renegotiation:
		return "the origin requests a certificate after it has read the request, by TLS renegotiation, as Apache does with SSLVerifyClient in a <Location>: require it in the <VirtualHost>"
	case o.Certificate == New && o.Outcome == Alerted && o.Alert == "internal error":
		return fmt.Sprintf("this is not said to be a refusal: %v; Apache responds so to a chain that is longer than its SSLVerifyDepth", o)
	case o.Outcome == Alerted && !o.Requested:
		return fmt.Sprintf("the origin ended the handshake before it requested a certificate: %v", o)
	default:
		return fmt.Sprintf("this is neither a refusal nor an acceptance: %v", o)
	}
}

// restsOnClosing reports whether a request counts as refused because the connection ended,
// without an alert about the certificate.
func restsOnClosing(observed []Observation) bool {
	return slices.ContainsFunc(observed, func(o Observation) bool { return o.class() == maybeRefused })
}

// sameOutcomes reports whether two runs of the same requests ended alike.
func sameOutcomes(a, b []Observation) bool {
	return slices.EqualFunc(a, b, func(a, b Observation) bool { return a.class() == b.class() })
}
