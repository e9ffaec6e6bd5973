package originpull

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// parseRateLimit parses `Ratelimit: "default";r=50;t=30`: r requests remain, and the
// window resets in t seconds. Of several items the one with the smallest r counts.
func parseRateLimit(header http.Header) (remaining int, reset time.Duration, ok bool) {
	for item := range items(header["Ratelimit"]) {
		r, haveR := parameter(item, "r=")
		t, haveT := parameter(item, "t=")
		if haveR && haveT && (!ok || r < remaining) {
			remaining, reset, ok = r, time.Duration(t)*time.Second, true
		}
	}
	return remaining, reset, ok
}

// parsePolicy parses `Ratelimit-Policy: "default";q=1200;w=300`: q requests in each
// window of w seconds. Of several items the one with the longest window counts.
func parsePolicy(header http.Header) (quota int, window time.Duration, ok bool) {
	for item := range items(header["Ratelimit-Policy"]) {
		q, haveQ := parameter(item, "q=")
		w, haveW := parameter(item, "w=")
		if length := time.Duration(w) * time.Second; haveQ && haveW && length > window {
			quota, window, ok = q, length, true
		}
	}
	return quota, window, ok
}

// items iterates over the items of a header whose values are lists.
func items(values []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, value := range values {
			for item := range strings.SplitSeq(value, ",") {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// parameter returns the integer parameter of an item; name is one such as "r=".
func parameter(item, name string) (int, bool) {
	for rest, more := item, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ";")
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), name); ok {
			n, err := strconv.ParseUint(value, 10, 31)
			return int(n), err == nil
		}
	}
	return 0, false
}
