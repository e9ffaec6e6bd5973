// Bench compares the SDK with other clients of the same API: what a call costs, in
// memory and over a socket, and what a program that uses the client costs to build,
// to ship and to start. All is measured in one run and given in relation to raw
// net/http with encoding/json, since the machine's speed is not a property of a
// client.
//
// The full run writes RESULTS.md and the table in ../README.md, and draws ../docs/bench.svg; it takes about
// a quarter of an hour, most of it to compile two of the peers. With -quick it
// leaves those out, takes under two minutes, or a little more for the first time,
// when it compiles the standard libraries, and prints the table only.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// peer is a client that is compared.
type peer struct {
	name    string // in the table
	program string // its folder below peer
	module  string // that holds the client, empty where it is part of the program
	slow    bool   // takes minutes to compile
}

// peers begins with the one that all are compared with, and ends with ours.
var peers = []peer{
	{name: "raw", program: "raw"},
	{name: "oapi-codegen", program: "oapicodegen"},
	{name: "cloudflare-go v0", program: "cloudflarev0", module: "github.com/cloudflare/cloudflare-go"},
	{name: "v6", program: "cloudflarev6", module: "github.com/cloudflare/cloudflare-go/v6", slow: true},
	{name: "v7", program: "cloudflarev7", module: "github.com/cloudflare/cloudflare-go/v7", slow: true},
	{name: "originpull", program: "originpull", module: "github.com/originpull/originpull-go"},
}

// newest is the Go that is measured beside the one installed here.
const newest = "go1.27.3"

func main() {
	quick := flag.Bool("quick", false, "leave out the peers that take minutes to compile, and write no files")
	flag.Parse()
	if err := run(*quick); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(quick bool) error {
	kept, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	kept = filepath.Join(kept, "originpull-bench")
	temp := filepath.Join(kept, "run")         // beside the caches, which are linked into it
	if err := os.RemoveAll(temp); err != nil { // of a run that was interrupted
		return err
	}
	defer os.RemoveAll(temp)
	chosen, plan := peers, thorough
	if quick {
		chosen, plan = nil, short
		for _, p := range peers {
			if !p.slow {
				chosen = append(chosen, p)
			}
		}
	}
	t := table{peers: chosen}
	for _, toolchain := range []string{"local", newest} {
		rows, err := measure(golang{toolchain, filepath.Join(temp, toolchain), kept}, chosen, plan)
		if err != nil {
			return fmt.Errorf("toolchain %s: %w", toolchain, err)
		}
		t.rows = append(t.rows, rows...)
	}
	fmt.Println()
	if err := t.write(os.Stdout); err != nil || quick {
		return err
	}
	return t.save("RESULTS.md", filepath.Join("..", "docs", "bench.svg"), filepath.Join("..", "README.md"))
}

// measure takes all measures with one Go.
func measure(g golang, chosen []peer, plan plan) ([]row, error) {
	if err := os.MkdirAll(g.temp, 0o755); err != nil {
		return nil, err
	}
	version, err := g.output("env", "GOVERSION")
	if err != nil {
		return nil, err
	}
	version = strings.TrimSpace(version)
	progress("%s on %s/%s, %d CPUs", version, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	builds, err := g.buildAll(chosen, plan, filepath.Join(g.kept, version))
	if err != nil {
		return nil, err
	}
	calls, err := measureCalls(chosen, builds, plan)
	if err != nil {
		return nil, err
	}
	rows := append(callRows(chosen, calls), buildRows(chosen, builds)...)
	for i := range rows {
		rows[i].goVersion = version
		rows[i].target = target(version, rows[i].what)
	}
	return rows, nil
}

// golang runs the go command of a toolchain.
type golang struct {
	toolchain string
	temp      string // folder of this run
	kept      string // folder of what is kept for the next: compiled standard libraries
}

func (g golang) command(cache string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+g.toolchain, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	cmd.Stderr = os.Stderr
	return cmd
}

func (g golang) output(args ...string) (string, error) {
	out, err := g.command("", args...).Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
