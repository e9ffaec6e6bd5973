package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/bench/responses"
	"github.com/originpull/originpull-go/originpull"
)

// TestHoldsNobodyBack makes more calls at once than the limit of any second lets
// through: a benchmark that waits measures nothing.
func TestHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zone := responses.New()
		client, err := originpull.New(originpull.WithToken("not-a-secret"), originpull.WithTransport(zone))
		if err != nil {
			t.Fatal(err)
		}
		ours, err := client.Zone(responses.ZoneID)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for _, id := range zone.IDs[:500] {
			if _, err := ours.Certificates.Get(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("500 calls waited for %s: the SDK is measured waiting for its turn", waited)
		}
	})
}
