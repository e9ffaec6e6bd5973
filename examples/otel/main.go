// Command otel traces calls of the SDK with OpenTelemetry: a span for each call, a
// span below it for each attempt, made by the maintained otelhttp, and a metric of
// the attempts. It sends a request to the simulator, which fails once, and prints both.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run makes one call, with providers that keep spans and metrics in memory; a service
// would export them.
func run(ctx context.Context, w io.Writer) error {
	sim := originpulltest.New(originpulltest.Options{
		Faults: originpulltest.Script(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 503}}),
	})
	defer sim.Close()
	reader := sdkmetric.NewManualReader()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	spans := sdktrace.NewTracerProvider(sdktrace.WithSyncer(printer{w}))

	client, err := newClient(sim, spans, meters)
	if err != nil {
		return err
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		return err
	}
	ctx, span := spans.Tracer("example").Start(ctx, "is it enabled?")
	_, err = zone.Settings.Get(ctx)
	span.End()
	if err != nil {
		return err
	}
	return printMetrics(ctx, w, reader)
}

// newClient is what a service would copy: otelhttp goes under the SDK, and the
// hook counts what otelhttp cannot know, the operation and the number of the
// attempt.
func newClient(sim *originpulltest.Simulator, spans *sdktrace.TracerProvider, meters *sdkmetric.MeterProvider) (*originpull.Client, error) {
	attempts, err := meters.Meter("example").Int64Counter("originpull.attempts")
	if err != nil {
		return nil, err
	}
	traced := otelhttp.NewTransport(sim.Transport(), // http.DefaultTransport in a service
		otelhttp.WithTracerProvider(spans), otelhttp.WithMeterProvider(meters),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return "attempt by " + r.Method }))
	return originpull.New(
		originpull.WithToken(sim.Token()),
		originpull.WithTransport(traced),
		originpull.WithAttemptHook(func(ctx context.Context, a originpull.Attempt) {
			attempts.Add(ctx, 1, metric.WithAttributes(
				attribute.String("operation", a.Operation),
				attribute.Int("attempt", a.Number),
				attribute.Int("status", a.Status)))
		}),
	)
}

// printer prints spans as they end.
type printer struct{ w io.Writer }

func (p printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		indent := ""
		if span.Parent().IsValid() {
			indent = "  "
		}
		fmt.Fprintf(p.w, "%sspan %q", indent, span.Name())
		for _, a := range span.Attributes() {
			if a.Key == "http.response.status_code" {
				fmt.Fprintf(p.w, " status %d", a.Value.AsInt64())
			}
		}
		fmt.Fprintln(p.w)
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

func printMetrics(ctx context.Context, w io.Writer, reader *sdkmetric.ManualReader) error {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		return err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok {
				continue // otelhttp's histograms
			}
			total := int64(0)
			for _, point := range sum.DataPoints {
				total += point.Value
			}
			fmt.Fprintf(w, "metric %s: %d in %d series\n", m.Name, total, len(sum.DataPoints))
		}
	}
	return nil
}
