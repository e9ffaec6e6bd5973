package main

import (
	"strings"
	"testing"
)

// TestTold requires a span of each attempt below the call's, and both attempts in
// the metric.
func TestTold(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	const want = `  span "attempt by GET" status 503
  span "attempt by GET" status 200
span "is it enabled?"
metric originpull.attempts: 2 in 2 series
`
	if out.String() != want {
		t.Errorf("the program prints\n%s\nwant\n%s", out.String(), want)
	}
}
