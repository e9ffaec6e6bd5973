package rotate

import (
	"context"
	"fmt"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Option is a setting of a run.
type Option func(*config) error

type config struct {
	progress  func(Event)
	sleep     func(context.Context, time.Duration) error
	client    *originpull.Client // for the zone's other settings, nil if they are not read
	firstLook time.Duration      // after an upload
	freshness time.Duration      // how old a list may be by which a certificate is deleted
	exact     bool               // pauses are not spread
	plan      func(Observed, Desired) Step

	attach      func(*run) // called when the run begins, if not nil
	beforeFirst func()     // called before the first request is sent, if not nil
}

func configure(options []Option) (config, error) {
	c := config{sleep: sleep, firstLook: 4 * time.Second, freshness: 5 * time.Second, plan: Plan}
	for _, option := range options {
		if option == nil {
			return c, invalid("an option is nil")
		}
		if err := option(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Event says that a step begins, or how it ended.
type Event struct {
	Zone  string // the zone's id
	Step  Step
	Ended bool  // the step has ended; Done, Stop and Wait only begin
	Err   error // why it failed; the run may go on, and look again
}

// String returns the event in one line.
func (e Event) String() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("zone %s: %s failed: %v", e.Zone, e.Step.Action, e.Err)
	case e.Ended:
		return fmt.Sprintf("zone %s: %s ended", e.Zone, e.Step.Action)
	}
	return fmt.Sprintf("zone %s: %s", e.Zone, e.Step)
}

// WithProgress calls report when a step begins and when it ends, in the goroutine of the run. The
// runs of a [Fleet] call it from several goroutines at once.
func WithProgress(report func(Event)) Option {
	return func(c *config) error {
		if report == nil {
			return invalid("WithProgress(nil)")
		}
		c.progress = report
		return nil
	}
}

// WithPause replaces how a run pauses. pause returns after the duration, or with an error if
// the context ends before that.
func WithPause(pause func(context.Context, time.Duration) error) Option {
	return func(c *config) error {
		if pause == nil {
			return invalid("WithPause(nil)")
		}
		c.sleep = pause
		return nil
	}
}

// WithZoneSettings reads two more settings of the zone once, which decide whether zone-level
// Authenticated Origin Pulls matters at all: the SSL mode, and global Authenticated Origin
// Pulls. What is unusual is a warning in the Result. client is the one the zone is from; its
// token also needs the permission Zone Settings Read.
func WithZoneSettings(client *originpull.Client) Option {
	return func(c *config) error {
		if client == nil {
			return invalid("WithZoneSettings(nil)")
		}
		c.client = client
		return nil
	}
}

// surroundings returns warnings about the zone's other settings.
func surroundings(ctx context.Context, client *originpull.Client, zone *originpull.Zone, options ...originpull.CallOption) ([]string, error) {
	var warnings []string
	var ssl, global struct {
		Value string `json:"value"`
	}
	if err := client.Do(ctx, "GET", "/zones/"+zone.ID()+"/settings/ssl", nil, &ssl, options...); err != nil {
		return nil, err
	}
	switch ssl.Value {
	case "off", "flexible":
		warnings = append(warnings, fmt.Sprintf("the SSL mode of the zone is %s: Cloudflare connects to the origin by plain HTTP, and presents no certificate", ssl.Value))
	case "":
		warnings = append(warnings, "the SSL mode of the zone could not be read")
	}
	if err := client.Do(ctx, "GET", "/zones/"+zone.ID()+"/settings/tls_client_auth", nil, &global, options...); err != nil {
		return nil, err
	}
	switch global.Value {
	case "on":
		warnings = append(warnings, "global Authenticated Origin Pulls is on: where the zone's certificate is not presented, Cloudflare's shared one is, which every Cloudflare customer has")
	case "off":
	default:
		warnings = append(warnings, "whether global Authenticated Origin Pulls is on could not be read")
	}
	return warnings, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return contextError(ctx)
}

// contextError returns the error of a context that has ended, with its cause if it has
// another; nil if the context has not ended.
func contextError(ctx context.Context) error {
	if err, cause := ctx.Err(), context.Cause(ctx); err != cause {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return ctx.Err()
}
