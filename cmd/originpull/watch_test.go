package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/internal/zonewatch"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// lasting returns a certificate that lasts for some days and an hour.
func lasting(days int) testpki.Pair {
	return testpki.Leaf("client", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour) })
}

// watch runs watch without the flag --zone that commands on one zone get.
func (c cloudflare) watch(ctx context.Context, args ...string) ran {
	args = append([]string{"watch", "--base-url", c.URL(), "--token-file", c.tokenFile}, args...)
	return command(ctx, strings.NewReader(""), args...)
}

// TestWatchOnce: cron learns from the exit status whether someone has to do something.
func TestWatchOnce(t *testing.T) {
	t.Parallel()
	wanted := lasting(90)
	tests := map[string]struct {
		arrange func(c cloudflare)
		args    []string
		code    int
		prints  string
	}{
		"fine":           {func(c cloudflare) { c.SetEnabled(zone, true); c.add(t, lasting(90)) }, nil, cli.Done, "active 90d left"},
		"as desired":     {func(c cloudflare) { c.SetEnabled(zone, true); c.add(t, wanted) }, []string{"--cert", pemFile(t, "c.pem", wanted.CertPEM())}, cli.Done, "fine"},
		"not as desired": {func(c cloudflare) { c.SetEnabled(zone, true); c.add(t, lasting(90)) }, []string{"--cert", pemFile(t, "c.pem", wanted.CertPEM())}, cli.Failed, "drift"},
		"expires":        {func(c cloudflare) { c.SetEnabled(zone, true); c.add(t, lasting(29)) }, nil, cli.Failed, "expires in 29 days"},
		"ambiguous":      {func(c cloudflare) { c.SetEnabled(zone, true); c.add(t, lasting(90)); c.add(t, lasting(60)) }, nil, cli.Unknown, "2 certificates are active"},
		"no response": {func(c cloudflare) {
			c.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 418}}))
		}, nil, cli.Unknown, "HTTP 418"},
		"denied":              {func(c cloudflare) { c.RevokeToken(c.Token()) }, nil, cli.Denied, "denied"},
		"no zone of the name": {func(cloudflare) {}, []string{"--zone", "example.net"}, cli.Unknown, "the zone example.net was not found"},
		"no names": {func(c cloudflare) {
			c.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 418}}))
		}, []string{"--zone", "example.net"}, cli.Unknown, "the zone example.net could not be looked up"},
		"settings are not read": {func(cloudflare) {}, []string{"--zone-settings=false"}, cli.Done, "none or shared"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloudflare(t, originpulltest.Options{})
			test.arrange(c)
			got := c.run(t, append([]string{"watch", "--once"}, test.args...)...)
			if got.code != test.code || !strings.Contains(got.stdout, test.prints) || got.stderr != "" {
				t.Errorf("exit status %d, want %d with %q:\n%s%s", got.code, test.code, test.prints, got.stdout, got.stderr)
			}
		})
	}
}

// TestWatchUsage: what cannot be meant is refused before a request is made.
func TestWatchUsage(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	leaf := pemFile(t, "client.pem", lasting(90).CertPEM())
	file := func(text string) string { return pemFile(t, "file", []byte(text)) }
	tests := map[string]struct {
		args []string
		says string
	}{
		"no zone":              {nil, "want --zone ZONE, --zones FILE or --desired FILE"},
		"an empty zone":        {[]string{"--zone", ""}, "--zone is missing"},
		"not a zone":           {[]string{"--zone", "localhost"}, `--zone "localhost": want the zone's id`},
		"zone and zones":       {[]string{"--zone", zone, "--zones", file(zone)}, "--zone and --zones: want one of them"},
		"no file of zones":     {[]string{"--zones", "missing"}, "no such file"},
		"no zones in it":       {[]string{"--zones", file("# none\n\n")}, "it names no zone"},
		"not zones":            {[]string{"--zones", file("example.com\nlocalhost\n")}, "line 2: it is not a zone"},
		"a zone twice":         {[]string{"--zones", file("example.com # a\n\nEXAMPLE.com\n")}, `line 3: the zone "EXAMPLE.com" comes twice`},
		"cert and desired":     {[]string{"--zone", zone, "--cert", leaf, "--desired", file(zone + ": {}")}, "want one of them"},
		"not a certificate":    {[]string{"--zone", zone, "--cert", file("x")}, "--cert"},
		"a bad desired state":  {[]string{"--desired", file("example.com: {enable: true}")}, "field enable not found"},
		"an unnamed zone":      {[]string{"--zone", "example.com", "--desired", file(zone + ": {}")}, "does not name zone example.com"},
		"a short interval":     {[]string{"--zone", zone, "--interval", "500ms"}, "want 1s or more"},
		"not an interval":      {[]string{"--zone", zone, "--interval", "5"}, "--interval"},
		"once and an interval": {[]string{"--zone", zone, "--once", "--interval", "5m"}, "there is --once"},
		"once and listen":      {[]string{"--zone", zone, "--once", "--listen", "127.0.0.1:0"}, "there is --once"},
		"not an address":       {[]string{"--zone", zone, "--listen", "9712"}, "want host:port"},
		"an address elsewhere": {[]string{"--zone", zone, "--listen", "192.0.2.1:1"}, "choose another address with --listen"},
		"no folder":            {[]string{"--zone", zone, "--textfile", filepath.Join("missing", "a.prom")}, "no such file"},
		"a folder":             {[]string{"--zone", zone, "--textfile", t.TempDir()}, "want the name of a file"},
		"a file of another":    {[]string{"--zone", zone, "--once", "--textfile", leaf}, "it exists and has no metrics of watch"},
		"a short file":         {[]string{"--zone", zone, "--once", "--textfile", file("x")}, "it exists and has no metrics of watch"},
		"an empty name":        {[]string{"--zone", zone, "--textfile", ""}, "want the name of a file"},
		"JSON without an end":  {[]string{"--zone", zone, "-o", "json"}, "want -o jsonl, or --once"},
		"an unknown output":    {[]string{"--zone", zone, "-o", "xml"}, "want table"},
	}
	for name, test := range tests {
		got := c.watch(t.Context(), test.args...)
		if got.code != cli.Error || !strings.Contains(got.stderr, test.says) || got.stdout != "" {
			t.Errorf("%s: exit status %d, stderr %q, want %q", name, got.code, got.stderr, test.says)
		}
	}
	if sent := c.requests(); len(sent) > 0 {
		t.Errorf("requests are made: %v", sent)
	}
}

// TestWatchJSON: the JSON of a list of zones has what the help says of each, also of one that
// could not be read.
func TestWatchJSON(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	pair := lasting(90)
	c.SetEnabled(zone, true)
	c.add(t, pair)
	sum := sha256.Sum256(pair.Certificate.Raw)
	desired := pemFile(t, "desired.yaml", []byte("example.com:\n  sha256: "+hex.EncodeToString(sum[:])+"\n  enabled: true\nexample.net: {enabled: true}\n"))
	got := c.watch(t.Context(), "--once", "--desired", desired, "-o", "json")
	var states []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &states); err != nil || got.code != cli.Unknown || len(states) != 2 {
		t.Fatalf("exit status %d, %v:\n%s%s", got.code, err, got.stdout, got.stderr)
	}
	for _, field := range []string{"zone", "zone_id", "at", "verdict", "todo", "unknown", "notes", "enabled", "presented", "drift", "ssl_mode", "global", "certificates"} {
		if !strings.Contains(watchHelp, "\n  "+field+" ") {
			t.Errorf("the help does not describe the field %s", field)
		}
		for i := range states {
			if _, ok := states[i][field]; !ok {
				t.Errorf("zone %d has no field %s", i, field)
			}
			delete(states[i], field)
		}
	}
	if len(states[0])+len(states[1]) > 0 {
		t.Errorf("the help does not describe %v", states)
	}
	lines := c.watch(t.Context(), "--once", "--desired", desired, "-o", "jsonl")
	first, second, _ := strings.Cut(strings.TrimSpace(lines.stdout), "\n")
	if !strings.Contains(first, `"zone":"example.com","zone_id":"`+zone) || !strings.Contains(first, `"verdict":"fine"`) || !strings.Contains(first, `"drift":false`) ||
		!strings.Contains(second, `"verdict":"unknown"`) || !strings.Contains(second, `"enabled":null`) || !strings.Contains(second, `"drift":null`) || !strings.Contains(second, `"certificates":null`) {
		t.Errorf("the lines are\n%s", lines.stdout)
	}
}

// TestWatchTextFile: node_exporter reads the metrics, which are replaced at each run.
func TestWatchTextFile(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	file := filepath.Join(t.TempDir(), "originpull.prom")
	for _, want := range []string{"0", "1"} {
		got := c.run(t, "watch", "--once", "--zone-settings=false", "--textfile", file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v: %s", err, got.stderr)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		if _, err := parser.TextToMetricFamilies(strings.NewReader(string(data))); err != nil {
			t.Errorf("Prometheus does not read it: %v", err)
		}
		if !strings.Contains(string(data), `originpull_zone_enabled{zone="`+zone+`"} `+want) {
			t.Errorf("the file holds\n%s", data)
		}
		c.SetEnabled(zone, true)
	}
}

// TestWatchGoesOn: watch goes on until it is interrupted, prints a line when something else is
// known, reads the desired state again, and serves metrics meanwhile.
func TestWatchGoesOn(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	c.SetEnabled(zone, true)
	first, second := lasting(90), lasting(90)
	c.add(t, first)
	file := pemFile(t, "client.pem", first.CertPEM())
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, stdout := io.Pipe()
	stderr := &safeBuffer{}
	status := make(chan int, 1)
	go func() {
		status <- cli.Run(ctx, newRoot(), c.args("watch", "--cert", file, "--interval", "1s", "--listen", "127.0.0.1:0"), stdout, stderr)
		stdout.Close()
	}()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		buffer := make([]byte, 1<<16)
		for {
			n, err := out.Read(buffer)
			if err != nil {
				return
			}
			lines <- string(buffer[:n])
		}
	}()
	if line := <-lines; !strings.Contains(line, "Z "+zone+": fine; enabled yes; presents ") || !strings.Contains(line, "; drift no") {
		t.Errorf("the first line is %q", line)
	}
	if err := atomicfile.Write(file, second.CertPEM()); err != nil {
		t.Fatal(err)
	}
	if line := <-lines; !strings.Contains(line, ": todo; ") || !strings.Contains(line, "; drift yes; drift: the zone does not have the desired certificate ") {
		t.Errorf("once another certificate is desired, the line is %q", line)
	}
	_, url, _ := strings.Cut(stderr.String(), "metrics: ")
	response, err := http.Get(strings.TrimSpace(url))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	format := expfmt.ResponseFormat(response.Header)
	decoder, samples := expfmt.NewDecoder(response.Body, format), 0
	for {
		var family = new(dto.MetricFamily)
		if err := decoder.Decode(family); err != nil {
			if err != io.EOF {
				t.Errorf("Prometheus does not read the metrics: %v", err)
			}
			break
		}
		samples++
		if family.GetName() == "originpull_zone_drift" && family.GetMetric()[0].GetGauge().GetValue() != 1 {
			t.Errorf("drift is %v", family)
		}
	}
	if samples != 12 {
		t.Errorf("there are %d metrics, want 12", samples)
	}
	interrupt()
	if code := <-status; code != cli.Done {
		t.Errorf("after an interrupt the exit status is %d: %s", code, stderr)
	}
	for line := range lines {
		t.Errorf("a line is printed though nothing has changed: %q", line)
	}
}

// TestWatchFit: of more zones than the terminal has lines, those that are not fine are shown.
func TestWatchFit(t *testing.T) {
	t.Parallel()
	var states []zonewatch.State
	for _, v := range []zonewatch.Verdict{zonewatch.Fine, zonewatch.Unknown, zonewatch.Fine, zonewatch.Todo, zonewatch.Denied} {
		states = append(states, zonewatch.State{Verdict: v})
	}
	shown := ""
	for _, s := range fit(states, 3) {
		shown += string(s.Verdict) + " "
	}
	if shown != "todo denied unknown " {
		t.Errorf("shown are %s", shown)
	}
}

// TestWatchLines: a zone of which nothing else is known than before has no further line.
func TestWatchLines(t *testing.T) {
	t.Parallel()
	w := &watchCommand{lines: map[string]string{}}
	var out strings.Builder
	for hour, verdict := range []zonewatch.Verdict{zonewatch.Fine, zonewatch.Fine, zonewatch.Unknown, zonewatch.Fine} {
		at := time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC)
		if err := w.printLines(&out, []zonewatch.State{{Zone: "example.com", At: at, Verdict: verdict, Unknown: []string{"a\nline"}}}); err != nil {
			t.Fatal(err)
		}
	}
	want := "2026-11-30T00:00:00Z example.com: fine; enabled unknown; presents ; certificates unknown; unknown: a\\nline\n"
	if lines := strings.SplitAfter(out.String(), "\n"); len(lines) != 4 || lines[0] != want || !strings.HasPrefix(lines[2], "2026-11-30T03") {
		t.Errorf("the lines are %q, want three, the first %q", lines, want)
	}
}
