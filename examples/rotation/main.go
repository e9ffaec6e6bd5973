// Command rotation is a service that keeps the certificate in two files the live one of a
// zone. It notices when the files change, asks the origins first, keeps the old certificate
// for a while, and says on /healthz whether all is well. It needs no file of its own: all
// state is in the zone, so it can be stopped and started at any moment.
//
//	CLOUDFLARE_API_TOKEN=… rotation -zone 023e105f4ecef8ad9ca31a8372d0c353 \
//	    -cert /run/secrets/tls.crt -key /run/secrets/tls.key -origin 192.0.2.1 -server-name www.example.com
package main

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/probe"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("the service ends", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger) error {
	s := &service{log: log}
	zone := flag.String("zone", "", "the zone's `id`")
	flag.StringVar(&s.certFile, "cert", "client.pem", "the `file` with the certificate")
	flag.StringVar(&s.keyFile, "key", "client.key", "the `file` with its private key")
	flag.DurationVar(&s.desired.Grace, "grace", 24*time.Hour, "how long the old certificate stays")
	flag.DurationVar(&s.every, "every", time.Hour, "how often to look at the zone")
	flag.DurationVar(&s.poll, "poll", 10*time.Second, "how often to look at the files")
	origins := flag.String("origin", "", "the `addresses` of the origins, with commas between them; none are asked without it")
	names := flag.String("server-name", "", "the host `names` that Cloudflare proxies to them, with commas between them")
	listen := flag.String("listen", "127.0.0.1:9090", "the `address` of /healthz")
	flag.Parse()
	if *origins != "" {
		s.desired.Origins = probe.Target{Addresses: strings.Split(*origins, ","), ServerNames: strings.Split(*names, ",")}
	}
	client, err := originpull.FromEnv(originpull.WithLogger(log))
	if err != nil {
		return err
	}
	if s.zone, err = client.Zone(*zone); err != nil {
		return err
	}
	server := &http.Server{Addr: *listen, Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	defer server.Close()
	running, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe(); cancel() }()
	s.run(running)
	if ctx.Err() != nil {
		return nil // asked to stop
	}
	return <-failed
}
