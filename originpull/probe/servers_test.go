package probe_test

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testorigin"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

// TestServers probes the servers of Debian. A server that is not installed is skipped.
func TestServers(t *testing.T) {
	t.Parallel()
	for _, server := range testorigin.Servers() {
		t.Run(server.Name, func(t *testing.T) {
			t.Parallel()
			id := newIdentity()
			addresses := server.StartModes(t, append(id.origin.CertPEM(), id.origin.KeyPEM()...), id.ca.CertPEM(), testpki.CA("another CA").CertPEM())
			rows := newTable(t)
			for i, m := range server.Modes {
				results := check(t, addresses[i], id.certificates(), func(p *probe.Target) { p.RootCAs = id.origin.Pool() })
				rows.add(t, server.Name+" "+m.Name, results, m.Want...)
				for _, r := range results {
					if strings.Contains(m.Name, "<Location>") && !strings.Contains(r.Reason, "<Location>") {
						t.Errorf("the reason of %v does not say that Apache asks too late", r)
					}
				}
			}
		})
	}
}
