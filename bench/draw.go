package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
)

// panel is a part of the picture: one measure as bars.
type panel struct{ what, title, unit string }

var panels = []panel{
	{getTime, "Get a certificate: time, raw = 1", ""},
	{listTime, "List 50 certificates: time, raw = 1", ""},
	{size, "What the client adds to a program", " kB"},
	{compile, "Compile the client and link a program", " s"},
}

// The measures of the picture, in pixels.
const (
	panelWidth, panelHeight = 416, 200
	barLeft, barMost        = 126, 200
	barStep, barTop         = 24, 46
)

const pictureHead = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13" role="img" aria-label="%s">
<style>
  .ground { fill: #ffffff; } text { fill: #1f2328; } .title { font-weight: 600; } .note { fill: #59636e; font-size: 12px; }
  .bar { fill: #9aa4af; } .ours { fill: #c2540a; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #e6edf3; } .note { fill: #9198a1; } .bar { fill: #57606a; } .ours { fill: #f0883e; }
  }
</style>
<rect class="ground" width="100%%" height="100%%" rx="8"/>
`

// draw draws the measures that matter most with the newest Go.
func (t table) draw() []byte {
	newestRows := map[string]row{}
	for _, r := range t.rows {
		newestRows[r.what] = r
	}
	var out bytes.Buffer
	version := strings.TrimPrefix(t.rows[len(t.rows)-1].goVersion, "go")
	height := (len(panels)+1)/2*panelHeight + 36
	fmt.Fprintf(&out, pictureHead, 2*panelWidth, height, html.EscapeString(t.describe(newestRows)))
	for i, p := range panels {
		fmt.Fprintf(&out, "<g transform=\"translate(%d %d)\">\n", i%2*panelWidth, i/2*panelHeight)
		t.drawPanel(&out, p, newestRows[p.what])
		out.WriteString("</g>\n")
	}
	fmt.Fprintf(&out, "<text class=\"note\" x=\"16\" y=\"%d\">Go %s, one run, each client with what it does by default; less is better. All figures: bench/RESULTS.md</text>\n</svg>\n", height-14, version)
	return out.Bytes()
}

func (t table) drawPanel(out *bytes.Buffer, p panel, r row) {
	fmt.Fprintf(out, "<text class=\"title\" x=\"16\" y=\"28\">%s</text>\n", html.EscapeString(p.title))
	most := 0.0
	for _, v := range r.values {
		most = math.Max(most, v) // NaN does not arise: these four are always measured
	}
	for i, v := range r.values {
		class := "bar"
		if i == len(r.values)-1 {
			class = "ours"
		}
		y := barTop + i*barStep
		width := math.Max(1, v/most*barMost)
		fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", barLeft-8, y+12, html.EscapeString(t.peers[i].name))
		fmt.Fprintf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"16\" rx=\"2\"/>", class, barLeft, y, width)
		fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%d\">%s%s</text>\n", barLeft+width+8, y+12, r.format(v), p.unit)
	}
}

// describe returns in words what the picture shows, for readers who cannot see it.
func (t table) describe(rows map[string]row) string {
	var parts []string
	for _, p := range panels {
		var figures []string
		for i, v := range rows[p.what].values {
			figures = append(figures, fmt.Sprintf("%s %s%s", t.peers[i].name, rows[p.what].format(v), p.unit))
		}
		parts = append(parts, p.title+": "+strings.Join(figures, ", "))
	}
	return strings.Join(parts, ". ") + "."
}
