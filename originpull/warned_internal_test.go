package originpull

import (
	"strconv"
	"strings"
	"testing"
)

// TestWarnedIsBounded calls a hundred thousand operations by their paths: what is kept of them must
// not grow without end.
func TestWarnedIsBounded(t *testing.T) {
	t.Parallel()
	var w warned
	for i := range 100_000 {
		operation := "GET /names/x" + strconv.Itoa(i) + strings.Repeat("/long", 100)
		if !w.first(operation) {
			t.Fatalf("the deprecation of operation %d is not logged", i)
		}
		if w.first(operation) {
			t.Fatalf("the deprecation of operation %d is logged twice", i)
		}
	}
	size := 0
	for operation := range w.names {
		size += len(operation)
	}
	if size > 64<<10 {
		t.Errorf("%d operations of %d bytes are remembered", len(w.names), size)
	}
}
