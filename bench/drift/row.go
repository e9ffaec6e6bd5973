//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// row is what one command takes: the best time and the most memory.
type row struct {
	name   string
	args   []string
	time   time.Duration
	memory int64
	failed string // why the command did, if it did
	count  func(output []byte) (string, error)
	found  string // what count makes of the output
}

// measure runs the commands and prints the table.
func (b *bench) measure(rows []*row) error {
	output := func(i int) string { return filepath.Join(b.dir, fmt.Sprintf("output-%d", i)) }
	for range b.rounds { // in turns, so that a busy machine is busy for all
		for i, r := range rows {
			if r.failed != "" {
				continue
			}
			if err := r.run(output(i)); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%-36s %10s %9s  %s\n", "", "time", "memory", "changes")
	for i, r := range rows {
		if r.failed != "" {
			fmt.Printf("%-36s %10s %9s  %s\n", r.name, "-", "-", r.failed)
			continue
		}
		if r.count != nil { // only now, since it takes memory
			text, err := os.ReadFile(output(i))
			if err != nil {
				return err
			}
			if r.found, err = r.count(text); err != nil {
				return fmt.Errorf("%s: the output: %w", r.name, err)
			}
		}
		fmt.Printf("%-36s %10s %6d MB  %s\n", r.name, r.time.Round(100*time.Microsecond), r.memory>>20, r.found)
	}
	return nil
}

// run runs the command once, and keeps its output.
func (r *row) run(output string) error {
	f, err := os.Create(output)
	if err != nil {
		return err
	}
	defer f.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(r.args[0], r.args[1:]...)
	cmd.Stdout, cmd.Stderr = f, &stderr
	begin := time.Now()
	err = cmd.Run()
	took := time.Since(begin)
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		r.failed = fmt.Sprintf("%v: %.200s", err, first)
		return nil
	}
	if err != nil {
		return err
	}
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

// ratio says how much less drift takes than oasdiff.
func ratio(drift, oasdiff *row) string {
	return fmt.Sprintf("drift is %.1f times faster than oasdiff and takes %.1f times less memory",
		float64(oasdiff.time)/float64(drift.time), float64(oasdiff.memory)/float64(drift.memory))
}

func driftCount(output []byte) (string, error) {
	var report struct {
		Findings []struct{ Class string }
	}
	err := json.Unmarshal(output, &report)
	count := map[string]int{}
	for _, f := range report.Findings {
		count[f.Class]++
	}
	return fmt.Sprintf("%d breaking, %d additive, %d editorial", count["breaking"], count["additive"], count["editorial"]), err
}

func oasdiffCount(output []byte) (string, error) {
	var changes []struct{ Level int }
	err := json.Unmarshal(output, &changes)
	count := map[int]int{}
	for _, c := range changes {
		count[c.Level]++
	}
	return fmt.Sprintf("%d error, %d warning, %d info", count[3], count[2], count[1]), err
}
