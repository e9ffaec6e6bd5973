package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/originpull/originpull-go/bench/responses"
)

// plan says how much is measured.
type plan struct {
	rounds int           // of each operation, all peers in turn
	batch  time.Duration // that raw takes for a round; long enough for what a client pools to pay off
	starts int           // of each plain program
	builds int           // of each plain program
}

var (
	short    = plan{rounds: 9, batch: 20 * time.Millisecond, starts: 11, builds: 2}
	thorough = plan{rounds: 25, batch: 50 * time.Millisecond, starts: 41, builds: 5}
)

// The wires and operations of a worker.
var (
	wires      = []string{"memory", "socket"}
	operations = []string{"get", "list", "upload", "delete", "settings", "enable"}
)

// sample is what a call cost: nanoseconds, bytes, allocations.
type sample [3]float64

// calls holds the samples of each peer, by what was measured. The samples of a
// round stand at the same index.
type calls map[string]map[string][]sample

// start is the measure of a program from its start to its end, one response between.
const start = "start"

// measureCalls has the peers call in turn, round by round, so that all meet the
// same noise.
func measureCalls(chosen []peer, builds map[string]build, plan plan) (calls, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	zone := responses.New()
	server := &http.Server{Handler: zone}
	go server.Serve(listener)
	defer server.Close()
	baseURL := "http://" + listener.Addr().String() + responses.BasePath

	measured := calls{}
	workers := map[string]*worker{}
	defer func() {
		for _, w := range workers {
			w.stop()
		}
	}()
	for _, p := range chosen {
		if workers[p.name], err = startWorker(builds[p.name].worker, baseURL); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	for _, wire := range wires {
		for _, operation := range operations {
			progress("  calling: %s, %s", operation, wire)
			if measured[wire+" "+operation], err = callInTurn(chosen, workers, wire, operation, plan); err != nil {
				return nil, err
			}
		}
	}
	progress("  starting")
	measured[start], err = startInTurn(chosen, builds, plan, baseURL, zone.IDs[0])
	return measured, err
}

func callInTurn(chosen []peer, workers map[string]*worker, wire, operation string, plan plan) (map[string][]sample, error) {
	count := 50
	for range 2 { // once cold, once to know how many fill a batch
		s, err := workers[chosen[0].name].call(wire, operation, count)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", chosen[0].name, err)
		}
		count = max(10, int(float64(plan.batch)/s[0]))
	}
	samples := map[string][]sample{}
	for round := range plan.rounds + 1 {
		for i := range chosen {
			p := chosen[(i+round)%len(chosen)]
			s, err := workers[p.name].call(wire, operation, count)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 { // the first is to warm up
				samples[p.name] = append(samples[p.name], s)
			}
		}
	}
	return samples, nil
}

func startInTurn(chosen []peer, builds map[string]build, plan plan, baseURL, id string) (map[string][]sample, error) {
	samples := map[string][]sample{}
	for round := range plan.starts + 1 {
		for i := range chosen {
			p := chosen[(i+round)%len(chosen)]
			cmd := exec.Command(builds[p.name].plain, baseURL, responses.ZoneID, "get", id)
			began := time.Now()
			out, err := cmd.Output()
			took := float64(time.Since(began))
			if err != nil || string(out) != id+"\n" {
				return nil, fmt.Errorf("%s: started, it printed %q, want the certificate's id: %v", p.name, out, err)
			}
			if round > 0 {
				samples[p.name] = append(samples[p.name], sample{took})
			}
		}
	}
	return samples, nil
}

// worker is a peer's program, waiting for the name of what to measure.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startWorker(program, baseURL string) (*worker, error) {
	cmd := exec.Command(program, baseURL)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &worker{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

// stop ends the worker: it does when its input does.
func (w *worker) stop() {
	w.in.Close()
	w.cmd.Wait()
}

// call has the worker make so many calls, and returns what each cost.
func (w *worker) call(wire, operation string, count int) (s sample, err error) {
	if _, err := fmt.Fprintln(w.in, wire, operation, count); err != nil {
		return s, err
	}
	line, err := w.out.ReadString('\n')
	if err != nil {
		return s, fmt.Errorf("%s %s: the worker ended: %w", wire, operation, err)
	}
	if _, err := fmt.Sscan(line, &s[0], &s[1], &s[2]); err != nil {
		return s, fmt.Errorf("%s %s: the worker printed %q: %w", wire, operation, line, err)
	}
	for i := range s {
		s[i] /= float64(count)
	}
	return s, nil
}

// ratio returns the median of what a peer's samples are to raw's of the same
// round, in one of the three measures.
func ratio(peer, raw []sample, measure int) float64 {
	ratios := make([]float64, len(peer))
	for i := range peer {
		ratios[i] = peer[i][measure] / raw[i][measure]
	}
	return median(ratios)
}

// values returns one of the three measures of samples.
func values(samples []sample, measure int) []float64 {
	v := make([]float64, len(samples))
	for i, s := range samples {
		v[i] = s[measure]
	}
	return v
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if len(v)%2 == 1 {
		return v[len(v)/2]
	}
	return (v[len(v)/2-1] + v[len(v)/2]) / 2
}
