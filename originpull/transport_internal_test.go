package originpull

import (
	"bytes"
	"testing"
)

// TestLargeBuffersAreDropped releases many large responses: none of their buffers may
// stay in memory for the small responses that follow. It runs alone, since the pool is
// shared.
func TestLargeBuffersAreDropped(t *testing.T) {
	const many = 100 // the race detector makes a pool drop some at random
	for range many {
		x := exchange{body: bytes.NewBuffer(make([]byte, 0, keepBuffer+1))}
		x.releaseBody()
	}
	for range many {
		if size := buffers.Get().(*bytes.Buffer).Cap(); size > keepBuffer {
			t.Fatalf("a buffer of %d bytes is kept, want %d at most", size, keepBuffer)
		}
	}
}
