package contract

import (
	"crypto/rand"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// InProcess is the simulator as a counterpart, a new one for each case, in memory
// and with time enough between the stages for each to be seen. Inside
// testing/synctest no time passes.
func InProcess() Target {
	return Target{
		Name: "the simulator", BaseURL: originpull.DefaultBaseURL,
		Can:  []Ability{Memory, Own, Pending, Lag, Enabling, Knows, Strangers, makesTokens, failsAtWill, Limit},
		open: simulated,
	}
}

func simulated() world {
	email, key := "somebody@example.com", testpki.Listed(rand.Text())
	sim := originpulltest.New(originpulltest.Options{
		Email: email, Key: key,
		DeployDelay: time.Second, DeleteDelay: time.Second, ListLag: 500 * time.Millisecond, RateLimit: 60,
	})
	return world{
		transport: sim.Transport(), token: sim.Token(), zoneID: sim.ZoneID(),
		newToken: sim.NewToken, killToken: sim.RevokeToken, email: email, key: key,
		setFaults: sim.SetFaults,
		close:     func() { sim.Close() },
	}
}
