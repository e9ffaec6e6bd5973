//go:build unix

// Command drift (of the module bench/drift) measures the drift command beside the
// oasdiff command, both as they are started from a shell: the best time and the most
// memory of some rounds, and how many changes each reports.
//
//	go run . OLD NEW [--prefix PATH] [--oasdiff FLAG]
//	go run . [DOC]
//
// The first form compares any two OpenAPI documents. Where one of the programs refuses
// them, its row has the error.
//
// The second one compares DOC, a large JSON document with paths under
// /zones/{zone_id}/origin_tls_client_auth such as the one that Cloudflare publishes, with
// the same document after two changes: under that path, and as a whole. The floor is
// reading both through the tokenizer once. It fails where drift is not at least 25 times
// faster under that path, or takes more than 48 MB.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/pflag"
)

const (
	wantTimes = 25
	wantMB    = 48
	prefix    = "/zones/{zone_id}/origin_tls_client_auth"
)

// options are the flags.
type options struct {
	prefix  string
	oasdiff []string
	rounds  int
}

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	// A process inherits its parent's peak of memory, so whatever takes memory
	// is done in a process of its own.
	if len(os.Args) == 4 && os.Args[1] == "floor" {
		return floor(os.Args[2:])
	}
	if len(os.Args) == 4 && os.Args[1] == "prepare" {
		return prepare(os.Args[2], os.Args[3])
	}
	o := options{}
	pflag.StringVar(&o.prefix, "prefix", "/", "compare what is under this `path` of OLD and NEW")
	pflag.StringArrayVar(&o.oasdiff, "oasdiff", nil, "pass this `flag` to oasdiff, such as --oasdiff=--include-path-params (can be repeated)")
	pflag.IntVar(&o.rounds, "rounds", 5, "run each program this often, in turns")
	pflag.Parse()
	args := pflag.Args()
	if len(args) == 0 {
		args = []string{"../../../shared/upstream/2024-07-31.openapi.json"}
	}
	if len(args) > 2 || o.rounds < 1 {
		return errors.New("want OLD and NEW, or one document, and at least one round: see the documentation of this command")
	}
	dir, err := os.MkdirTemp("", "bench-drift-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir, drift: filepath.Join(dir, "drift"), oasdiff: filepath.Join(dir, "oasdiff")}
	if err := execute("go", "build", "-C", "../..", "-o", b.drift, "./cmd/drift"); err != nil {
		return err
	}
	if err := execute("go", "build", "-o", b.oasdiff, "github.com/oasdiff/oasdiff"); err != nil {
		return err
	}
	if len(args) == 2 {
		return b.pair(args[0], args[1])
	}
	return b.check(args[0])
}

func execute(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// bench is where the programs are.
type bench struct {
	options
	dir, drift, oasdiff string
}

// pair measures both programs on any two documents.
func (b *bench) pair(old, new string) error {
	rows := []*row{b.driftRow("drift diff", old, new, b.prefix), b.oasdiffRow("oasdiff changelog", old, new, b.prefix, b.options.oasdiff...)}
	if err := b.measure(rows); err != nil {
		return err
	}
	if rows[0].failed != "" || rows[1].failed != "" {
		return errors.New("there is no ratio, since not both compare the documents")
	}
	fmt.Println("\n" + ratio(rows[0], rows[1]))
	return nil
}

// check measures both programs, and the floor, on pairs that are made of a document.
func (b *bench) check(doc string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := execute(self, "prepare", doc, b.dir); err != nil {
		return err
	}
	file := func(name string) string { return filepath.Join(b.dir, name+".json") }
	old, new := file("whole-old"), file("whole-new")
	drift, oasdiff := b.driftRow("drift diff, under the prefix", old, new, prefix), b.oasdiffRow("oasdiff changelog, under the prefix", old, new, prefix)
	driftAll, oasdiffAll := b.driftRow("drift diff, all paths", old, new, "/"), b.oasdiffRow("oasdiff changelog, all paths", old, new, "/", "--include-path-params")
	rows := []*row{
		{name: "floor: tokenizer, whole document", args: []string{self, "floor", old, new}},
		drift, oasdiff, driftAll, oasdiffAll,
		b.driftRow("drift diff, slice of the document", file("slice-old"), file("slice-new"), prefix),
		b.driftRow("drift diff, twice the document", file("twice-old"), file("twice-new"), prefix),
	}
	if err := b.measure(rows); err != nil {
		return err
	}
	for _, r := range rows {
		if r.failed != "" {
			return fmt.Errorf("%s: %s", r.name, r.failed)
		}
	}
	fmt.Printf("\nunder the prefix %s\nall paths:       %s\n", ratio(drift, oasdiff), ratio(driftAll, oasdiffAll))
	if float64(oasdiff.time) < wantTimes*float64(drift.time) {
		err = fmt.Errorf("want at least %d times faster under the prefix", wantTimes)
	}
	if drift.memory > wantMB<<20 {
		err = errors.Join(err, fmt.Errorf("want at most %d MB under the prefix", wantMB))
	}
	return err
}

func (b *bench) driftRow(name, old, new, prefix string) *row {
	return &row{name: name, count: driftCount, args: []string{b.drift, "diff", old, new, "--prefix", prefix, "--fail-on", "none", "-o", "json"}}
}

func (b *bench) oasdiffRow(name, old, new, prefix string, flags ...string) *row {
	args := []string{b.oasdiff, "changelog", old, new, "-f", "json"}
	if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" {
		args = append(args, "--match-path", "^"+regexp.QuoteMeta(prefix)+"(/|$)")
	}
	return &row{name: name, count: oasdiffCount, args: append(args, flags...)}
}
