package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verdict is what an origin does about client certificates.
type Verdict string

// The verdicts. The package documentation says from what each follows.
const (
	// Enforced: your certificate is accepted; no certificate and a stranger's are refused.
	Enforced Verdict = "enforced"
	// Optional: the origin requests a certificate and accepts requests without one.
	Optional Verdict = "optional"
	// Off: the origin requests no certificate.
	Off Verdict = "off"
	// Any: the origin requires a certificate, and a stranger's will do.
	Any Verdict = "any"
	// Refused: the origin refuses your certificate. Pulls with it fail.
	Refused Verdict = "refused"
	// Unknown: nothing is certain. It must not be taken for Enforced.
	Unknown Verdict = "unknown"
	// NotOffered: the origin does not offer the TLS version, so the row says nothing about
	// it. Another row of the same address and server name does: if no version is offered,
	// both rows are Unknown. Of [CheckHTTP]: the port is closed, or redirects to https.
	NotOffered Verdict = "not offered"
)

// Result is what was found out about one address, server name and TLS version. It can be
// marshalled to JSON and holds no secret. Texts of the origin in it are escaped.
type Result struct {
	// Address has the IP address and port; host name and port if it could not be resolved.
	Address string `json:"address"`
	// ServerName was sent in TLS and as Host.
	ServerName string `json:"server_name"`
	// TLS is the version, "1.2" or "1.3", or [PlainHTTP].
	TLS     string  `json:"tls"`
	Verdict Verdict `json:"verdict"`
	// Reason says in a sentence why.
	Reason string `json:"reason"`
	// Warnings are sentences about what is wrong besides, or else.
	Warnings []string `json:"warnings,omitempty"`
	// Observations are the requests in the order in which they were made. Only the first is
	// there if it showed that nothing can be known; none if the address was not resolved.
	Observations []Observation `json:"observations,omitempty"`
	// CAs are those that the origin named when it requested a certificate. They are a hint
	// and no proof. At most 100 are kept.
	CAs []CA `json:"cas,omitempty"`
	// Verified reports whether the origin's own certificate was verified, with
	// [Target].RootCAs. If not, another server may have responded in the origin's place.
	Verified bool `json:"verified"`
}

// String returns the result as one line.
func (r Result) String() string {
	protocol := "TLS " + r.TLS
	if r.TLS == PlainHTTP {
		protocol = "plain HTTP"
	}
	text := fmt.Sprintf("%s %s %s: %s: %s", r.Address, legible(r.ServerName), protocol, r.Verdict, r.Reason)
	if !r.Verified && r.TLS != PlainHTTP && r.Verdict != Unknown && r.Verdict != NotOffered {
		text += "; the origin's own certificate was not verified"
	}
	return text
}

// Accepts reports whether the origin accepted the new certificate, so that pulls with it
// work: the verdict is Enforced, Optional, Off or Any, and the new certificate was given and
// not refused. It is false for Unknown, and for NotOffered, whose row can be left out.
func (r Result) Accepts() bool {
	if !slices.Contains([]Verdict{Enforced, Optional, Off, Any}, r.Verdict) {
		return false
	}
	ours, given := find(r.Observations, New)
	return given && ours.class() == accepted
}

// Presented says which certificate was presented, if the origin requested one.
type Presented string

// What is presented.
const (
	NoCertificate Presented = "none"
	Stranger      Presented = "stranger"
	New           Presented = "new"
	Old           Presented = "old"
)

// String returns "without a certificate", "with your certificate" and so on.
func (p Presented) String() string {
	switch p {
	case NoCertificate:
		return "without a certificate"
	case Stranger:
		return "with a stranger's certificate"
	case New:
		return "with your certificate"
	default:
		return "with the old certificate"
	}
}

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	Responded       Outcome = "responded"           // with an HTTP status
	Alerted         Outcome = "alert"               // the origin sent a TLS alert
	Closed          Outcome = "closed"              // the connection was closed or reset without one
	TimedOut        Outcome = "timed out"           // or the context ended
	Unreachable     Outcome = "unreachable"         // no connection was made
	NotTLS          Outcome = "not TLS"             // the port does not speak TLS
	VersionRejected Outcome = "version not offered" // the origin does not offer the TLS version
	Untrusted       Outcome = "origin not verified" // its own certificate did not pass
	Renegotiation   Outcome = "renegotiation"       // the origin wanted one, in TLS 1.2, which was refused
	Failed          Outcome = "failed"              // in another way: Detail says how
)

// Observation is what happened to one request.
type Observation struct {
	Certificate Presented `json:"certificate"`
	Outcome     Outcome   `json:"outcome"`
	// Status is the HTTP status, 0 without a response.
	Status int `json:"status,omitempty"`
	// Server is the Server header of the response.
	Server string `json:"server,omitempty"`
	// Alert is the name of the TLS alert, such as "certificate required".
	Alert string `json:"alert,omitempty"`
	// Requested reports whether the origin requested a client certificate in the handshake.
	Requested bool `json:"requested"`
	// Detail is the error, or nginx's words about the certificate.
	Detail string `json:"detail,omitempty"`
	// Attempts is 2 if the request was made twice; the first failed in the network.
	Attempts int `json:"attempts"`
}

// String returns the observation as one line.
func (o Observation) String() string { return o.Certificate.String() + ": " + o.ending() }

// ending says how the request ended.
func (o Observation) ending() string {
	text := string(o.Outcome)
	switch o.Outcome {
	case Responded:
		text = fmt.Sprintf("HTTP %d", o.Status)
	case Alerted:
		text = fmt.Sprintf("TLS alert %q", o.Alert)
	case VersionRejected:
		return text
	}
	if o.Detail != "" {
		text += " (" + o.Detail + ")"
	}
	return text
}

// CA is a certificate authority that the origin named as acceptable.
type CA struct {
	// Subject is its name in RFC 2253 notation.
	Subject string `json:"subject"`
	// Raw is its name in DER.
	Raw []byte `json:"raw"`
	// Shared reports whether it is named as the CA of the certificate that Cloudflare
	// presents for every customer. An origin that trusts it accepts pulls of all of them.
	Shared bool `json:"shared"`
	// Yours reports whether it is named as an issuer in the chain of the new certificate.
	Yours bool `json:"yours"`
}

// find returns the observation with a certificate.
func find(observed []Observation, presented Presented) (Observation, bool) {
	for _, o := range observed {
		if o.Certificate == presented {
			return o, true
		}
	}
	return Observation{Certificate: presented}, false
}

// maxText bounds a text of the origin.
const maxText = 300

// legible escapes and bounds text of the origin.
func legible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len() > maxText {
			b.WriteString("…")
			break
		}
		if strconv.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
