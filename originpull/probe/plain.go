package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
)

// PlainHTTP is [Result].TLS for a request without TLS.
const PlainHTTP = "none"

// CheckHTTP asks each address of target by plain HTTP, with each server name, and returns
// one Result for each of these, in this order. The port of an address is 80 without one.
//
// Without TLS no one presents a certificate. So the verdict is [Off] if the origin responds
// with anything but a redirect to https: everyone gets in that way. It is [NotOffered], which
// is good, if it redirects to https or if no one listens on the port, and else [Unknown].
// Target.RootCAs is not used. Errors are as those of [Check].
func CheckHTTP(ctx context.Context, target Target) ([]Result, error) {
	p, err := newProber(ctx, target, "80")
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	return p.run(ctx, (*row).checkPlain, 0), nil
}

// checkPlain makes the request of a row without TLS and judges it.
func (r *row) checkPlain(ctx context.Context) Result {
	result := r.result()
	if r.lookup != nil {
		return result
	}
	o := r.requestTwice(ctx, NoCertificate)
	result.Observations = []Observation{o}
	ruling := r.judgePlain(o)
	result.Verdict, result.Reason, result.Warnings = ruling.verdict, ruling.reason, ruling.warnings
	return result
}

func (r *row) judgePlain(o Observation) ruling {
	switch {
	case strings.EqualFold(o.Server, "cloudflare"):
		return unknown("this is Cloudflare's edge and not your origin: give the origin's own address")
	case r.portClosed:
		return ruling{verdict: NotOffered, reason: "the port is closed"}
	case o.Outcome == Unreachable || o.Outcome == TimedOut:
		return unknown("the origin did not respond, which is not a refusal: %s", o.Detail)
	case o.Status/100 == 3 && r.location != nil && r.location.Scheme == "https":
		return ruling{verdict: NotOffered, reason: "the origin redirects plain HTTP to https"}
	case o.Outcome == Responded && slices.Contains(refusals, o.Status):
		return unknown("the origin responds to plain HTTP with HTTP %d: it may admit Cloudflare's addresses alone", o.Status)
	case o.class() == accepted:
		return ruling{
			verdict:  Off,
			reason:   fmt.Sprintf("the origin responds to plain HTTP, with HTTP %d, where no certificate can be requested", o.Status),
			warnings: []string{"everyone can send requests to the origin past Cloudflare, by plain HTTP"},
		}
	default:
		return unknown("this does not say whether the origin serves plain HTTP: %s", o.ending())
	}
}

// isRefusedConnection reports whether an error of a connection says that no one listens on
// the port. Windows has a number of its own for it.
func isRefusedConnection(err error) bool {
	const windows = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windows)
}
