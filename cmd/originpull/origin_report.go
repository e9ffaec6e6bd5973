package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull/probe"
)

// originRow is what origin check prints.
type originRow struct {
	Time string `json:"time,omitempty"` // of --watch, in RFC 3339
	probe.Result
	Remedy string `json:"remedy,omitempty"`
}

var originColumns = []operator.Column[originRow]{
	{Name: "ADDRESS", Text: func(r originRow) string { return r.Address }, Wrap: 15},
	{Name: "NAME", Text: func(r originRow) string { return r.ServerName }, Wrap: 12},
	{Name: "TLS", Text: func(r originRow) string { return r.TLS }},
	{Name: "VERDICT", Text: verdictWords, Color: verdictColor},
	{Name: "REASON", Text: func(r originRow) string { return r.Reason }, Wrap: 20},
	{Name: "WITHOUT", Text: ending(probe.NoCertificate), Wide: true, Wrap: 12},
	{Name: "STRANGER", Text: ending(probe.Stranger), Wide: true, Wrap: 12},
	{Name: "YOURS", Text: ending(probe.New), Wide: true, Wrap: 12},
	{Name: "CAS", Text: caWords, Wide: true, Wrap: 12},
	{Name: "VERIFIED", Text: func(r originRow) string { return strconv.FormatBool(r.Verified) }, Wide: true},
	{Name: "SERVER", Text: serverWords, Wide: true, Wrap: 8},
}

func verdictWords(r originRow) string {
	if r.Verdict == probe.Refused {
		return "refuses yours"
	}
	return string(r.Verdict)
}

func verdictColor(r originRow) operator.Color {
	switch r.Verdict {
	case probe.Enforced:
		return operator.Green
	case probe.NotOffered:
		return ""
	case probe.Unknown:
		return operator.Yellow
	default:
		return operator.Red
	}
}

// ending returns what happened to the request with a certificate.
func ending(presented probe.Presented) func(originRow) string {
	return func(r originRow) string {
		for _, o := range r.Observations {
			if o.Certificate == presented {
				_, text, _ := strings.Cut(o.String(), ": ")
				return text
			}
		}
		return "-"
	}
}

func serverWords(r originRow) string {
	for _, o := range r.Observations {
		if o.Server != "" {
			return o.Server
		}
	}
	return "-"
}

// caWords says whose CAs the origin names as acceptable.
func caWords(r originRow) string {
	requested := slices.ContainsFunc(r.Observations, func(o probe.Observation) bool { return o.Requested })
	switch {
	case !requested:
		return "-"
	case len(r.CAs) == 0:
		return "none named"
	}
	yours := slices.ContainsFunc(r.CAs, func(ca probe.CA) bool { return ca.Yours })
	shared := slices.ContainsFunc(r.CAs, func(ca probe.CA) bool { return ca.Shared })
	var words []string
	if yours {
		words = append(words, "yours")
	}
	if shared {
		words = append(words, "Cloudflare's shared")
	}
	if others := slices.DeleteFunc(slices.Clone(r.CAs), func(ca probe.CA) bool { return ca.Yours || ca.Shared }); len(others) > 0 {
		words = append(words, others[0].Subject)
		if len(others) > 1 {
			words = append(words, fmt.Sprintf("%d more", len(others)-1))
		}
	}
	return strings.Join(words, ", ")
}

// note is something to say about rows.
type note struct {
	text string // lines
	rows []originRow
}

// addNote says a text about a row, once for all rows that it is about.
func addNote(notes []note, row originRow, text string) []note {
	for i := range notes {
		if notes[i].text == text {
			notes[i].rows = append(notes[i].rows, row)
			return notes
		}
	}
	return append(notes, note{text, []originRow{row}})
}

// explain says in words what the table means, and what to do.
func (f *originCheck) explain(w io.Writer, rows []originRow) {
	var notes []note
	for _, r := range rows {
		for _, warning := range r.Warnings {
			notes = addNote(notes, r, "warning: "+warning)
		}
	}
	for _, r := range rows {
		if words := caWords(r); words != "-" {
			notes = addNote(notes, r, "hint: CAs that the origin names as acceptable, which proves nothing: "+words)
		}
		if responded := r.TLS != probe.PlainHTTP && r.Verdict != probe.Unknown && r.Verdict != probe.NotOffered; responded && !r.Verified {
			notes = addNote(notes, r, "note: the origin's own certificate was not verified, so another server may have responded: give --origin-ca")
		}
		if r.TLS != probe.PlainHTTP && f.certFile == "" {
			notes = addNote(notes, r, "note: without your certificate nothing is enforced: give --cert and --key")
		}
	}
	write(w, notes)
	conclude(w, rows)
}

// conclude says what to do, and what the exit status says.
func conclude(w io.Writer, rows []originRow) {
	var notes []note
	for _, r := range rows {
		if r.Remedy != "" {
			notes = addNote(notes, r, "to do: "+r.Remedy)
		}
	}
	write(w, notes)
	printable.Fprintf(w, "\n%s\n", conclusion(rows))
}

// write writes notes, each after an empty line.
func write(w io.Writer, notes []note) {
	for _, n := range notes {
		first, more, _ := strings.Cut(n.text, "\n")
		printable.Fprintf(w, "\n%s\n  (%s)\n", first, rowNames(n.rows))
		for line := range strings.Lines(more) {
			io.WriteString(w, "  "+strings.Repeat("  ", strings.Count(line, "\t")))
			printable.Fprintf(w, "%s\n", strings.TrimSpace(line))
		}
	}
}

// conclusion says what the exit status says.
func conclusion(rows []originRow) string {
	counts := map[probe.Verdict]int{}
	for _, r := range rows {
		counts[r.Verdict]++
	}
	known := len(rows) - counts[probe.Unknown] - counts[probe.NotOffered]
	switch open := known - counts[probe.Enforced]; {
	case open > 0:
		return "The origin does NOT enforce your certificate: " + printable.Count(open, "row") + " of " + strconv.Itoa(len(rows))
	case counts[probe.Unknown] > 0:
		return "It is NOT KNOWN whether the origin enforces your certificate: " + printable.Count(counts[probe.Unknown], "row") + " of " + strconv.Itoa(len(rows))
	default:
		return "The origin enforces your certificate."
	}
}

// rowNames returns the names of rows, the versions of an address and server name together.
func rowNames(rows []originRow) string {
	var names []string
	last := ""
	for _, r := range rows {
		name := r.Address + " " + r.ServerName
		switch {
		case name == last:
			names[len(names)-1] += " and " + r.TLS
		case r.TLS == probe.PlainHTTP:
			names = append(names, name+" plain HTTP")
		default:
			names = append(names, name+" TLS "+r.TLS)
		}
		last = name
	}
	return strings.Join(names, ", ")
}
