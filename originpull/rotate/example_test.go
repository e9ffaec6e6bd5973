package rotate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// exampleZone is a zone of a simulator, in place of the live API.
func exampleZone() (zone *originpull.Zone, end func() error) {
	sim := originpulltest.New(originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	zone, err = client.Zone(sim.ZoneID())
	if err != nil {
		log.Fatal(err)
	}
	return zone, sim.Close
}

func examplePair() originpull.KeyPair {
	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

// noPause is for examples, which should not take seconds.
func noPause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// Make a certificate the live one. A second call has nothing to do.
func ExampleEnsure() {
	zone, end := exampleZone()
	defer end()
	pair := examplePair() // originpull.LoadKeyPair("client.pem", "client.key")
	for range 2 {
		result, err := rotate.Ensure(context.Background(), zone, pair, rotate.WithPause(noPause))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Certificate.Status, result.Enabled, result.Changes)
	}
	// Output:
	// active true [upload: the zone does not have it enable: the certificate is active, and none is newer]
	// active true []
}

// A run does not replace a newer certificate, unless that is named.
func ExampleReconcile() {
	zone, end := exampleZone()
	defer end()
	ctx, old, newer := context.Background(), examplePair(), examplePair()
	for _, pair := range []originpull.KeyPair{old, newer} {
		if _, err := zone.Certificates.Upload(ctx, pair); err != nil {
			log.Fatal(err)
		}
	}
	desired := rotate.Desired{Pair: old}
	_, err := rotate.Reconcile(ctx, zone, desired, rotate.WithPause(noPause))
	fmt.Println("superseded:", errors.Is(err, rotate.ErrSuperseded))

	desired.Supersede = rotate.Named(newer.Fingerprint())
	result, err := rotate.Reconcile(ctx, zone, desired, rotate.WithPause(noPause))
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range result.Changes {
		fmt.Println(step.Action)
	}
	// Output:
	// superseded: true
	// delete
	// upload
	// delete
	// enable
}

// Make a certificate of its own the live one in each of many zones.
func ExampleFleet() {
	sim := originpulltest.New(originpulltest.Options{DeployDelay: -1})
	defer sim.Close()
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	fleet := rotate.Fleet{
		Client: client,
		Desired: func(_ context.Context, _ string) (rotate.Desired, error) {
			return rotate.Desired{Pair: examplePair()}, nil // in a program: the pair of this zone
		},
		Options: []rotate.Option{rotate.WithPause(noPause)},
	}
	summary, err := fleet.Run(context.Background(), []string{sim.ZoneID()})
	fmt.Println(summary.Done, "done,", summary.Failed, "failed", err)
	// Output: 1 done, 0 failed <nil>
}
