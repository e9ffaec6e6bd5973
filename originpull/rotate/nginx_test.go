package rotate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testorigin"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// authority is a CA whose leaves an origin trusts.
type authority struct{ certPEM, keyPEM []byte }

func newAuthority(tb testing.TB) authority {
	certPEM, keyPEM := originpulltest.KeyPair(tb, originpulltest.CA())
	return authority{certPEM, keyPEM}
}

func (a authority) issue(tb testing.TB) originpull.KeyPair {
	tb.Helper()
	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(tb, originpulltest.IssuedBy(a.certPEM, a.keyPEM)))
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// startNginx starts nginx, which accepts only clients with a certificate of the authority, and
// returns its address. Without nginx the test is skipped.
func startNginx(t *testing.T, trusted authority) (address string) {
	t.Helper()
	files := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certPEM, keyPEM := originpulltest.KeyPair(t)
	return testorigin.Nginx().Start(t, 1, func(dir string, addresses []string) string {
		return fmt.Sprintf(`
error_log stderr;
events { worker_connections 1024; }
http {
	access_log off;
	%s
	server {
		listen %s ssl;
		ssl_protocols TLSv1.2 TLSv1.3;
		ssl_certificate %s; ssl_certificate_key %s;
		ssl_client_certificate %s;
		ssl_verify_client on;
		location / { return 200 "hello\n"; }
	}
}
`, testorigin.NginxFolders(dir), addresses[0], write("server.pem", certPEM), write("server.key", keyPEM), write("ca.pem", trusted.certPEM))
	})[0]
}

// quickly shortens the pauses of a run, for tests in real time.
func quickly(ctx context.Context, d time.Duration) error {
	time.Sleep(d / 50)
	return ctx.Err()
}

// TestNginx pulls from nginx all the time while the certificate is rotated three times.
func TestNginx(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	origin := originpulltest.Origin{Addr: startNginx(t, ours)}
	sim := originpulltest.New(originpulltest.Options{DeployDelay: 200 * time.Millisecond, DeleteDelay: 200 * time.Millisecond, ListLag: 300 * time.Millisecond, NoRecord: true})
	defer sim.Close()
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.AddCertificate(sim.ZoneID(), ours.issue(t).TLSCertificate()); err != nil {
		t.Fatal(err)
	}
	sim.SetEnabled(sim.ZoneID(), true)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var pulls, failed atomic.Int64
	var seen sync.Map
	var pulling sync.WaitGroup
	for range 50 {
		pulling.Go(func() {
			for ctx.Err() == nil {
				p := sim.Pull(t.Context(), sim.ZoneID(), origin)
				pulls.Add(1)
				if p.Outcome != originpulltest.Accepted {
					failed.Add(1)
					t.Logf("pull failed: %s", &p)
					return
				}
				seen.Store(p.Certificate.SerialNumber.String(), true)
			}
		})
	}
	for range 3 {
		want := rotate.Desired{Pair: ours.issue(t), Origins: probe.Target{Addresses: []string{origin.Addr}}}
		if _, err := rotate.Reconcile(t.Context(), zone, want, rotate.WithPause(quickly)); err != nil {
			t.Error(err)
		}
		time.Sleep(100 * time.Millisecond) // pulls with the new one
	}
	stop()
	pulling.Wait()

	// A second origin trusts another CA: nothing changes.
	for next, ok := sim.NextChange(sim.ZoneID()); ok; next, ok = sim.NextChange(sim.ZoneID()) {
		time.Sleep(time.Until(next))
	}
	before := sim.State(sim.ZoneID())
	want := rotate.Desired{Pair: ours.issue(t), Origins: probe.Target{Addresses: []string{origin.Addr, startNginx(t, newAuthority(t))}}}
	result, err := rotate.Reconcile(t.Context(), zone, want, rotate.WithPause(quickly))
	if !errors.Is(err, rotate.ErrNotProven) || len(result.Changes) > 0 || sim.State(sim.ZoneID()) != before {
		t.Errorf("with an origin that refuses it: %v, changes %v; want ErrNotProven, and the zone as it was:\n%s\nand it is\n%s", err, result.Changes, before, sim.State(sim.ZoneID()))
	}
	t.Logf("with an origin that refuses it: %v", err)

	certificates := 0
	seen.Range(func(any, any) bool { certificates++; return true })
	t.Logf("%d pulls during three rotations, %d failed, %d certificates seen", pulls.Load(), failed.Load(), certificates)
	if failed.Load() > 0 || certificates != 4 {
		t.Errorf("%d pulls failed and nginx saw %d certificates, want none and four", failed.Load(), certificates)
	}
}
