package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/bench/responses"
)

// row is one measure of all peers.
type row struct {
	goVersion string
	what      string
	raw       string    // raw's own figure, where the others are in relation to it
	values    []float64 // by peer; NaN where it is not known
	format    func(float64) string
	target    *bound // what ours must reach, nil if nothing
}

// bound is what ours must reach.
type bound struct {
	most  float64
	first bool // and ahead of every peer
}

// What is measured has a name, by which the bounds and the picture find it.
const (
	getTime    = "get, time"
	getAllocs  = "get, allocations"
	listTime   = "list of 50, time"
	size       = "stripped program over raw, kB"
	sizePair   = "the same, all loading a key pair by crypto/tls, kB"
	compile    = "cold compile, s"
	compileCPU = "cold compile, seconds of CPU"
	memory     = "compile's largest process, MB"
	vendored   = "vendored, kB"
	modules    = "modules vendored beside the client's"
)

// targets are the bounds, by the minor version of Go; "" for any.
var targets = map[string]map[string]bound{
	"": {
		size:    {most: 200},
		compile: {most: 1},
		memory:  {most: 140},
		modules: {most: 0},
	},
	"go1.26": {getTime: {most: .95}, listTime: {most: .90}, getAllocs: {most: .80}},
	"go1.27": {getTime: {most: .75, first: true}, listTime: {most: .70}, getAllocs: {most: .70}},
}

func target(goVersion, what string) *bound {
	minor := goVersion
	if parts := strings.SplitN(goVersion, ".", 3); len(parts) == 3 {
		minor = parts[0] + "." + parts[1]
	}
	for _, key := range []string{"", minor} {
		if b, ok := targets[key][what]; ok {
			return &b
		}
	}
	return nil
}

// callRows makes rows of what calls cost.
func callRows(chosen []peer, measured calls) []row {
	kinds := []struct {
		name string
		raw  func([]sample) string
	}{
		{"time", func(s []sample) string { return fmt.Sprintf("%.1f µs", median(values(s, 0))/1e3) }},
		{"bytes", func(s []sample) string { return fmt.Sprintf("%.1f kB", median(values(s, 1))/1e3) }},
		{"allocations", func(s []sample) string { return fmt.Sprintf("%.0f", median(values(s, 2))) }},
	}
	var rows []row
	for measure, kind := range kinds {
		for _, operation := range operations {
			samples := measured["memory "+operation]
			rows = append(rows, relative(chosen, title(operation)+", "+kind.name, samples, measure, kind.raw(samples["raw"])))
		}
	}
	for _, operation := range operations {
		samples := measured["socket "+operation]
		rows = append(rows, relative(chosen, title(operation)+" over a socket, time", samples, 0, kinds[0].raw(samples["raw"])))
	}
	started := measured[start]
	return append(rows, relative(chosen, "program's start to its first response, time", started, 0,
		fmt.Sprintf("%.1f ms", median(values(started["raw"], 0))/1e6)))
}

// title is how the table calls an operation.
func title(operation string) string {
	if operation == "list" {
		return fmt.Sprintf("list of %d", responses.PerList)
	}
	return operation
}

func relative(chosen []peer, what string, samples map[string][]sample, measure int, raw string) row {
	r := row{what: what, raw: raw, format: func(v float64) string { return fmt.Sprintf("%.2f", v) }}
	for _, p := range chosen {
		r.values = append(r.values, ratio(samples[p.name], samples["raw"], measure))
	}
	return r
}

// buildRows makes rows of what it takes to build and ship a program.
func buildRows(chosen []peer, builds map[string]build) []row {
	rows := []row{
		{what: size, raw: fmt.Sprintf("%.0f kB", kilo(builds["raw"].size)), format: signed},
		{what: sizePair, raw: fmt.Sprintf("%.0f kB", kilo(builds["raw"].sizeWithPair)), format: signed},
		{what: compile, format: decimal},
		{what: compileCPU, format: decimal},
		{what: memory, format: whole},
		{what: vendored, format: whole},
		{what: modules, format: whole},
	}
	for _, p := range chosen {
		b := builds[p.name]
		peak := math.NaN()
		if b.peak > 0 {
			peak = kilo(b.peak) / 1e3
		}
		for i, v := range []float64{kilo(b.size - builds["raw"].size), kilo(b.sizeWithPair - builds["raw"].sizeWithPair), b.took.Seconds(), b.cpu.Seconds(), peak, kilo(b.bytes), float64(b.modules)} {
			rows[i].values = append(rows[i].values, v)
		}
	}
	return rows
}

func kilo(n int64) float64     { return float64(n) / 1e3 }
func signed(v float64) string  { return fmt.Sprintf("%+.0f", v) }
func whole(v float64) string   { return fmt.Sprintf("%.0f", v) }
func decimal(v float64) string { return fmt.Sprintf("%.2f", v) }

// table is all that a run has measured.
type table struct {
	peers []peer
	rows  []row
}

// short returns the table with the rows of the picture alone.
func (t table) short() table {
	short := table{peers: t.peers}
	for _, r := range t.rows {
		if slices.ContainsFunc(panels, func(p panel) bool { return p.what == r.what }) {
			r.target = nil
			short.rows = append(short.rows, r)
		}
	}
	return short
}

// write writes the table in Markdown.
func (t table) write(w io.Writer) error {
	var out bytes.Buffer
	out.WriteString("| Go | measured |")
	for _, p := range t.peers {
		fmt.Fprintf(&out, " %s |", p.name)
	}
	bounds := slices.ContainsFunc(t.rows, func(r row) bool { return r.target != nil })
	head, rule := "", ""
	if bounds {
		head, rule = " to reach | |", "--:|---|"
	}
	out.WriteString(head + "\n|---|---|" + strings.Repeat("--:|", len(t.peers)) + rule + "\n")
	for _, r := range t.rows {
		fmt.Fprintf(&out, "| %s | %s |", strings.TrimPrefix(r.goVersion, "go"), r.what)
		for i, v := range r.values {
			fmt.Fprintf(&out, " %s |", r.cell(i, v))
		}
		if bounds {
			fmt.Fprintf(&out, " %s | %s |", r.bound(), r.verdict())
		}
		out.WriteString("\n")
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (r row) cell(i int, v float64) string {
	switch {
	case i == 0 && r.raw != "":
		return r.raw
	case math.IsNaN(v):
		return "–"
	}
	return r.format(v)
}

func (r row) bound() string {
	switch {
	case r.target == nil:
		return ""
	case r.target.first:
		return "≤ " + r.format(r.target.most) + ", first"
	}
	return "≤ " + r.format(r.target.most)
}

func (r row) verdict() string {
	if r.target == nil {
		return ""
	}
	ours := r.values[len(r.values)-1]
	met := ours <= r.target.most // false for NaN: what was not measured is not met
	for _, v := range r.values[1 : len(r.values)-1] {
		if r.target.first && !(ours < v) {
			met = false
		}
	}
	if met {
		return "met"
	}
	return "**missed**"
}

// save writes the table, with what it says, the picture, and the short table of the
// README.
func (t table) save(results, picture, readme string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, preamble, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if err := t.write(&out); err != nil {
		return err
	}
	if err := os.WriteFile(results, out.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(picture, t.draw(), 0o644); err != nil {
		return err
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	if text, err = t.replaceIn(text); err != nil {
		return fmt.Errorf("%s: %w", readme, err)
	}
	return os.WriteFile(readme, text, 0o644)
}

// inReadme is the short table, the only one that begins with these columns.
var inReadme = regexp.MustCompile(`(?m)^\| Go \| measured \|.*\n(\|.*\n)+`)

// replaceIn returns a text with the short table in place of the one that it has.
func (t table) replaceIn(text []byte) ([]byte, error) {
	if len(inReadme.FindAllIndex(text, 2)) != 1 {
		return nil, errors.New("want one table that begins with the columns Go and measured")
	}
	var short bytes.Buffer
	if err := t.short().write(&short); err != nil {
		return nil, err
	}
	return inReadme.ReplaceAllLiteral(text, short.Bytes()), nil
}

const preamble = `# Measured

Made by ` + "`make bench`" + ` on %s/%s with %d CPUs, all in one run. Where raw's column has a unit the others are in relation to
it: times, bytes and allocations are the median over the rounds of a peer's figure divided by raw's in the same
round; the peers take turns. Less is better everywhere.

- The peers: raw ` + "`net/http` with `encoding/json`" + `; the client that oapi-codegen makes of the same document, unconfigured;
  cloudflare-go v0.119.0, its own rate limit out of the way, v6.10.0 and v7.9.0; and this SDK with all that it does by default:
  retry, rate limit, limits on the response. No hook is set, and the log is off.
- Calls go to prepared responses in memory, no two certificates the same, or over a loopback socket to another process. Every
  result is checked. The responses' rate limit headers are read, and lack what would hold a client back:
  the end of the window.
- An upload sends a key pair that was read before; ours was checked then. The other clients do not look at it: what it takes to
  parse a private key is linked into our program alone, except in the row where every program loads its key pair by
  ` + "`crypto/tls`" + ` first.
- A program makes one call, is stripped, and is built with ` + "`CGO_ENABLED=0`" + `, in a cache that holds the standard library alone: least of
  several builds, of one where it takes minutes. How long that takes depends on what else the machine does; the seconds of CPU
  hardly do.
- Vendored is what ` + "`go mod vendor`" + ` puts beside the program, the client itself included where it is a module.

`
