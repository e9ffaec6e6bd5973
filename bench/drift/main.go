//go:build unix

// Command drift (of the module bench/drift) measures the drift command beside
// the oasdiff command on the same pair of documents, and beside the floor:
// reading both through the tokenizer once. It fails where drift is not at
// least 20 times faster, or takes more than 48 MB.
//
//	go run . [DOC]
//
// DOC is a large document with paths under /zones/{zone_id}/origin_tls_client_auth,
// such as the one that Cloudflare publishes.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	wantTimes = 20
	wantMB    = 48
	rounds    = 5
	prefix    = "/zones/{zone_id}/origin_tls_client_auth"
	match     = `^/zones/\{zone_id\}/origin_tls_client_auth`
)

func main() {
	log.SetFlags(0)
	doc := "../../../shared/upstream/2024-07-31.openapi.json"
	if len(os.Args) > 1 {
		doc = os.Args[1]
	}
	// A process inherits its parent's peak of memory, so whatever takes memory
	// is done in a process of its own.
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "floor":
		err = floor(os.Args[2:])
	case len(os.Args) == 4 && os.Args[1] == "prepare":
		err = prepare(os.Args[2], os.Args[3])
	default:
		err = compare(doc)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func compare(doc string) error {
	dir, err := os.MkdirTemp("", "bench-drift-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	drift, oasdiff := filepath.Join(dir, "drift"), filepath.Join(dir, "oasdiff")
	for _, args := range [][]string{
		{"go", "build", "-C", "../..", "-o", drift, "./cmd/drift"},
		{"go", "build", "-o", oasdiff, "github.com/oasdiff/oasdiff"},
		{self, "prepare", doc, dir},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	old, new := filepath.Join(dir, "whole-old.json"), filepath.Join(dir, "whole-new.json")
	rows := []*row{
		{name: "floor: tokenizer, whole document", args: []string{self, "floor", old, new}},
		{name: "drift diff, whole document", args: driftArgs(drift, old, new)},
		{name: "oasdiff changelog, whole document", args: []string{oasdiff, "changelog", old, new, "--match-path", match}},
		{name: "drift diff, slice of it", args: driftArgs(drift, filepath.Join(dir, "slice-old.json"), filepath.Join(dir, "slice-new.json"))},
		{name: "drift diff, twice the document", args: driftArgs(drift, filepath.Join(dir, "twice-old.json"), filepath.Join(dir, "twice-new.json"))},
	}
	for range rounds { // in turns, so that a busy machine is busy for all
		for _, r := range rows {
			if err := r.run(); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%-36s %10s %8s\n", "", "time", "memory")
	for _, r := range rows {
		fmt.Printf("%-36s %10s %5d MB\n", r.name, r.time.Round(100*time.Microsecond), r.memory>>20)
	}
	return verdict(rows[1], rows[2], rows[0])
}

func driftArgs(drift, old, new string) []string {
	return []string{drift, "diff", old, new, "--prefix", prefix, "--fail-on", "none"}
}

func verdict(drift, oasdiff, floor *row) error {
	times := float64(oasdiff.time) / float64(drift.time)
	fmt.Printf("\ndrift is %.0f times faster than oasdiff, takes %.1f times less memory, and %.1f times as long as the floor\n",
		times, float64(oasdiff.memory)/float64(drift.memory), float64(drift.time)/float64(floor.time))
	var err error
	if times < wantTimes {
		err = fmt.Errorf("want at least %d times faster", wantTimes)
	}
	if drift.memory > wantMB<<20 {
		err = errors.Join(err, fmt.Errorf("want at most %d MB", wantMB))
	}
	return err
}

// row is what one command takes: the best time and the most memory.
type row struct {
	name   string
	args   []string
	time   time.Duration
	memory int64
}

func (r *row) run() error {
	cmd := exec.Command(r.args[0], r.args[1:]...)
	cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v: %w", r.args, err)
	}
	took := time.Since(begin)
	if r.time == 0 || took < r.time {
		r.time = took
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system does not report how much memory a process took")
	}
	r.memory = max(r.memory, int64(usage.Maxrss)*maxrssUnit)
	return nil
}
