package originpull

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// TestQueueForgetsZones: a client that changes ten thousand zones does not remember them.
func TestQueueForgetsZones(t *testing.T) {
	t.Parallel()
	var q changeQueue
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			zone := fmt.Sprint(i % 10)
			if q.enter(t.Context(), zone) == nil {
				q.leave(zone)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if q.enter(ended, zone) == nil {
				q.leave(zone)
			}
		})
	}
	all.Wait()
	if len(q.zones) != 0 {
		t.Errorf("%d zones are remembered though nothing changes them any more", len(q.zones))
	}
}
