package contract

import (
	"crypto/rand"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// InProcess returns the simulator as a provider: a new one in memory for each case,
// which deploys and deletes slowly enough for each status to be observed. It takes
// some seconds, and none inside testing/synctest.
func InProcess() Target {
	return Target{
		Name: "the simulator", BaseURL: originpull.DefaultBaseURL,
		Capabilities: []Capability{Stateful, OwnZone, Pending, Lag, Settings, ValidatesTokens, InvalidTokens, OtherZone, makesTokens, injectsFaults, RateLimit},
		open:         simulated,
	}
}

// otherZone is the simulator's second zone.
const otherZone = "fedcba9876543210fedcba9876543210"

func simulated() environment {
	email, key := "owner@example.com", testpki.Listed(rand.Text())
	sim := originpulltest.New(originpulltest.Options{
		Email: email, Key: key,
		DeployDelay: time.Second, DeleteDelay: time.Second, ListLag: 500 * time.Millisecond, RateLimit: 60,
	})
	sim.AddZone(otherZone) // its id is well-formed
	return environment{
		transport: sim.Transport(), token: sim.Token(), zoneID: sim.ZoneID(), otherZone: otherZone,
		newToken: sim.NewToken, killToken: sim.RevokeToken, email: email, key: key,
		setFaults: sim.SetFaults,
		close:     func() { sim.Close() },
	}
}
