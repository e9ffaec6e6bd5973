package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// runMain has the test binary be the program.
const runMain = "ORIGINPULL_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
	}
	rotateOptions = []rotate.Option{rotate.WithPause(func(ctx context.Context, d time.Duration) error {
		select {
		case <-time.After(d / 200):
		case <-ctx.Done():
		}
		return ctx.Err()
	})}
	os.Exit(m.Run())
}

// ran is what a command has printed, and its exit status.
type ran struct {
	stdout, stderr string
	code           int
}

// command runs a command in this process.
func command(ctx context.Context, stdin io.Reader, args ...string) ran {
	root := newRoot()
	root.SetIn(stdin)
	var stdout, stderr strings.Builder
	code := cli.Run(ctx, root, args, &stdout, &stderr)
	return ran{stdout.String(), stderr.String(), code}
}

const zoneTestName = "example.com"

// cloudflare is a simulator, and how commands reach it.
type cloudflare struct {
	*originpulltest.Simulator
	tokenFile string
}

// newCloudflare returns a simulator whose zone has a name.
func newCloudflare(t *testing.T, options originpulltest.Options) cloudflare {
	t.Helper()
	sim := originpulltest.NewServer(t, options)
	if err := sim.SetZoneName(sim.ZoneID(), zoneTestName); err != nil {
		t.Fatal(err)
	}
	return cloudflare{sim, pemFile(t, "token", []byte(sim.Token()+"\n"))}
}

// run runs a command on the zone, with an empty standard input.
func (c cloudflare) run(t *testing.T, args ...string) ran {
	t.Helper()
	return command(t.Context(), strings.NewReader(""), c.args(args...)...)
}

// args returns a command line with the flags that reach the simulator, unless it has them.
func (c cloudflare) args(args ...string) []string {
	for _, flag := range []struct{ name, value string }{{"--zone", c.ZoneID()}, {"--base-url", c.URL()}, {"--token-file", c.tokenFile}} {
		if !strings.Contains(" "+strings.Join(args, " ")+" ", " "+flag.name+" ") {
			args = append(args, flag.name, flag.value)
		}
	}
	return args
}

// add gives the zone an active certificate and returns its id.
func (c cloudflare) add(t *testing.T, pair testpki.Pair) string {
	t.Helper()
	added, err := c.AddCertificate(c.ZoneID(), pair.TLS())
	if err != nil {
		t.Fatal(err)
	}
	return added.ID
}

// requests returns the operations of the requests that have reached the simulator.
func (c cloudflare) requests() (operations []string) {
	for _, event := range c.Record() {
		if event.Kind == originpulltest.RequestEvent {
			operations = append(operations, event.Operation)
		}
	}
	return operations
}
