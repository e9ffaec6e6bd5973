package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
)

// origins are the commands about an origin, which is at HOST, with their exit statuses. The
// last ones hand a key where it does not belong.
var origins = []struct {
	args string
	code int
}{
	{"origin check HOST --cert client.pem --key client.key", 0},
	{"origin check HOST --cert client.pem --key client.key -o json", 0},
	{"origin check HOST", 3},
	{"origin config nginx --ca client.pem", 0},
	{"origin config go --ca client.pem --key client.key", 0},
	{"origin check HOST --cert client.key --key client.pem", 2},
	{"origin check HOST --origin-ca client.key", 2},
	{"origin config apache --ca client.key", 2},
}

// checkOrigin runs the commands about an origin as a program, at debug level, and returns
// what they printed.
func checkOrigin(ctx context.Context, program string) output {
	o := output{of: "originpull's commands about an origin"}
	leaf := testpki.Leaf("leakscan, origin", nil)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: leaf.Pool()}
	server.StartTLS()
	defer server.Close()
	dir, err := os.MkdirTemp(filepath.Dir(program), "origin")
	for name, content := range map[string][]byte{"client.pem": leaf.CertPEM(), "client.key": leaf.KeyPEM()} {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o600)
		}
	}
	if err != nil {
		o.err = err
		return o
	}
	for _, one := range origins {
		args := strings.Fields(strings.Replace(one.args, "HOST", server.Listener.Addr().String()+" --http-port 0", 1) + " --debug")
		printed, err := runIn(ctx, dir, program, args, one.code)
		o.text, o.err = append(o.text, printed...), errors.Join(o.err, err)
	}
	return o
}
