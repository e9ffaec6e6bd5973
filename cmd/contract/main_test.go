package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const zone = "0123456789abcdef0123456789abcdef"

// contractOf runs the command in process.
func contractOf(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := cli.Run(t.Context(), newRoot(), args, &out, &errs); got != want {
		t.Errorf("contract %s: status %d, want %d\n%.2000s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// targets are the names of the targets of a JSON output, which must be one array.
func targets(t *testing.T, output string) (names []string) {
	t.Helper()
	var reports []struct{ Target string }
	if err := json.Unmarshal([]byte(output), &reports); err != nil {
		t.Fatalf("--json prints no JSON array: %v\n%.300s", err, output)
	}
	for _, r := range reports {
		names = append(names, r.Target)
	}
	return names
}

// serve has a simulator listen on loopback, at once with everything.
func serve(t *testing.T, options originpulltest.Options) *originpulltest.Simulator {
	t.Helper()
	options.DeployDelay, options.DeleteDelay = -1, -1
	sim := originpulltest.NewServer(t, options)
	if err := sim.AddZone(zone); err != nil {
		t.Fatal(err)
	}
	return sim
}

// closedURL returns a URL where nothing listens.
func closedURL(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func environ(t *testing.T, token, zone, baseURL string) {
	t.Helper()
	for name, value := range map[string]string{
		"CLOUDFLARE_API_TOKEN": token, "CONTRACT_ZONE_ID": zone, "CLOUDFLARE_BASE_URL": baseURL, "UPSTREAM": "",
	} {
		t.Setenv(name, value)
	}
}

// TestUsage: what cannot be meant is refused, not passed over.
func TestUsage(t *testing.T) {
	sim := serve(t, originpulltest.Options{})
	environ(t, sim.Token(), zone, "")
	known := filepath.Join(t.TempDir(), "known.txt")
	if err := os.WriteFile(known, []byte("# ours\nuplaod\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args, says string
	}{
		{"unknown", "unknown command"},
		{"run --zone " + zone, "--zone"},
		{"run --known " + known, "--known"},
		{"run --can stateful", "--can needs --base-url"},
		{"run --other-zone " + zone, "--other-zone needs --base-url"},
		{"run --base-url " + sim.URL() + " --other-zone z", "zone"},
		{"run --base-url " + sim.URL() + " --other-zone " + zone, "not the same"},
		{"run --base-url " + sim.URL() + " --can stateful,other-zone", "zone"},
		{"run --base-url " + sim.URL() + " --can memry", `"memry"`},
		{"run --base-url " + sim.URL() + " --can stateful,faults", `"faults"`},
		{"run --base-url " + sim.URL() + " --can stateful,tokens,invalid-tokens", `"tokens"`},
		{"run --base-url " + sim.URL() + " --known " + known, `"uplaod"`},
		{"run --base-url " + sim.URL() + " --known " + known + ".none", "no such file"},
		{"run --base-url " + sim.URL() + " --zone z", "zone"},
		{"run --base-url nowhere", "nowhere"},
		{"clean --json", "--json"},
		{"clean --strict", "--strict"},
		{"replay", "FILE is missing"},
		{"run more", `unexpected argument "more"`},
		{"replay " + known, "known.txt"},
		{"live more", `unexpected argument "more"`},
		{"record", "FILE is missing"},
	} {
		if _, stderr := contractOf(t, cli.Error, strings.Fields(test.args)...); !strings.Contains(stderr, test.says) {
			t.Errorf("contract %s says %q, want %q in it", test.args, stderr, test.says)
		}
	}
	environ(t, "", "", "")
	for _, args := range [][]string{{"live"}, {"record", "file"}, {"clean"}, {"run", "--base-url", sim.URL()}} {
		if _, stderr := contractOf(t, cli.Error, args...); !strings.Contains(stderr, "CLOUDFLARE_API_TOKEN") {
			t.Errorf("contract %s without an environment says %q", args, stderr)
		}
	}
}

func TestRunOffline(t *testing.T) {
	environ(t, "", "", "")
	synctest.Test(t, func(t *testing.T) { // the simulator takes its time
		text, _ := contractOf(t, cli.Done, "run")
		if !strings.Contains(text, "contract with the document's examples: ") || !strings.Contains(text, "contract with the simulator: ") {
			t.Errorf("want two reports, have\n%.500s", text)
		}
		output, _ := contractOf(t, cli.Done, "run", "--json", "--strict")
		if names := targets(t, output); len(names) != 2 {
			t.Errorf("want two reports, have %q", names)
		}
	})
}

// TestRunAgainstAnother runs against simulators as "originpull serve" starts them,
// and against other servers.
func TestRunAgainstAnother(t *testing.T) {
	anyToken := serve(t, originpulltest.Options{AnyToken: true, AnyZone: true})
	oneToken := serve(t, originpulltest.Options{Token: "the-one", AnyZone: true})
	broken := serve(t, originpulltest.Options{AnyToken: true})
	broken.SetFaults(originpulltest.On("GetSettings", originpulltest.Always(originpulltest.Fault{Reject: true})))
	for _, test := range []struct {
		name, url, token string
		more             []string
		want             int
		says             string
	}{
		{"any token", anyToken.URL(), "any", nil, cli.Done, "lacks the capability validates-tokens"},
		{"one token", oneToken.URL(), "the-one", []string{"--can", "stateful,own-zone,settings,validates-tokens"}, cli.Done, " 0 failed"},
		{"a token that is none", oneToken.URL(), "another", nil, cli.Denied, "every request was refused"},
		{"a broken claim", broken.URL(), "any", nil, cli.Failed, "FAILED get the enablement"},
		{"no one", closedURL(t), "any", nil, cli.Error, "no response"},
		{"a second zone", anyToken.URL(), "any", []string{"--other-zone", "fedcba9876543210fedcba9876543210"}, cli.Done, " 0 failed"},
		{"nothing that it can do", anyToken.URL(), "any", []string{"--can", ""}, cli.Error, " 0 passed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			environ(t, test.token, zone, "")
			text, _ := contractOf(t, test.want, append([]string{"run", "--base-url", test.url}, test.more...)...)
			if !strings.Contains(text, test.says) {
				t.Errorf("want %q in the output, have\n%s", test.says, text)
			}
		})
	}
}

func TestRunWithKnownFailures(t *testing.T) {
	sim := serve(t, originpulltest.Options{AnyToken: true})
	sim.SetFaults(originpulltest.On("SetSettings", originpulltest.Always(originpulltest.Fault{Reject: true})))
	environ(t, "any", "", "")
	known := filepath.Join(t.TempDir(), "known.txt")
	names := "# it cannot enable\nenablement of an enabled zone\nenable\ndisable\nenable after the upload\na deletion leaves the enablement\nset the form of the enablement\nlifecycle\n"
	if err := os.WriteFile(known, []byte(names), 0o600); err != nil {
		t.Fatal(err)
	}
	text, _ := contractOf(t, cli.Done, "run", "--base-url", sim.URL(), "--zone", zone, "--known", known)
	if !strings.Contains(text, "7 known failures") {
		t.Errorf("want 7 known failures, have\n%.300s", text)
	}
}

// TestKnownFailuresProveNothing: a list of all that fails does not make a server good that
// is not the API at all.
func TestKnownFailuresProveNothing(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a page for everything": http.NotFound,
		"one response for everything": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cf-Ray", fmt.Sprintf("%016x-SIM", rand.Uint64()))
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"success":false,"errors":[{"code":1552,"message":"certificate not found"}],"messages":[]}`)
		},
		"a refusal for everything, in other words": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cf-Ray", fmt.Sprintf("%016x-SIM", rand.Uint64()))
			w.WriteHeader(http.StatusNotFound)
			code := map[string]int{http.MethodGet: 1551, http.MethodDelete: 1552}[r.Method]
			fmt.Fprintf(w, `{"success":false,"errors":[{"code":%d,"message":"nothing at %s"}],"messages":[]}`, code, r.URL.Path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			stub := httptest.NewServer(handler)
			defer stub.Close()
			environ(t, "any", zone, "")
			output, _ := contractOf(t, cli.Failed, "run", "--base-url", stub.URL, "--json")
			var reports []contract.Report
			if err := json.Unmarshal([]byte(output), &reports); err != nil {
				t.Fatal(err)
			}
			var failing strings.Builder
			for _, result := range reports[0].Results {
				if result.Outcome == contract.Failed {
					failing.WriteString(result.Case + "\n")
				}
			}
			known := filepath.Join(t.TempDir(), "known.txt")
			if err := os.WriteFile(known, []byte(failing.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			text, stderr := contractOf(t, cli.Error, "run", "--base-url", stub.URL, "--known", known)
			if !strings.Contains(stderr, "nothing was verified") || !strings.Contains(text, "more nothing is known") {
				t.Errorf("want to read that nothing was verified, have %q and\n%.600s", stderr, text)
			}
		})
	}
}

func TestReplay(t *testing.T) {
	v0, v7 := "../../contract_test/testdata/recordings/cloudflare-go-v0.json", "../../contract_test/testdata/recordings/cloudflare-go-v7.json"
	output, _ := contractOf(t, cli.Done, "replay", "--json", v0, v7)
	if names := targets(t, output); len(names) != 2 {
		t.Errorf("want two reports, have %q", names)
	}
	text, err := os.ReadFile(v7)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "edited.json")
	if err := os.WriteFile(edited, bytes.ReplaceAll(text, []byte(`"issuer":`), []byte(`"issued_by":`)), 0o600); err != nil {
		t.Fatal(err)
	}
	output, stderr := contractOf(t, cli.Failed, "replay", "--json", "none.json", v0, edited, "neither.json")
	if names := targets(t, output); len(names) != 2 || !strings.Contains(stderr, "none.json") || !strings.Contains(stderr, "neither.json") {
		t.Errorf("want two reports and a word on the files that are not there, have %q, %q", names, stderr)
	}
}

// TestMakeContractShows: what go test is silent on, counts and coverage and what was
// skipped, make contract prints.
func TestMakeContractShows(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is missing")
	}
	asked := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-n", "contract")
	asked.Dir = "../.."
	commands, err := asked.CombinedOutput()
	if err != nil {
		t.Fatalf("make -n contract: %v\n%s", err, commands)
	}
	lines := strings.Split(string(commands), "\n")
	for _, want := range []string{"bin/contract run", "bin/contract replay contract_test/testdata/recordings/*.json"} {
		if !slices.Contains(lines, want) {
			t.Errorf("make contract does not run %q:\n%s", want, commands)
		}
	}
}

// TestNothingFromOutsideActs has a stub put line breaks and escape sequences into
// names and texts, and requires that none begins a line or reaches the terminal.
func TestNothingFromOutsideActs(t *testing.T) {
	const hostile = "ok\n::error::pwn \x1b[31m \u202e"
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := map[string]any{"id": "0b5a2f54-7c1e-4f6a-9f0e-6c2d1a7b8e90", "status": hostile, "enabled": true, hostile: hostile}
		body := map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result, hostile: 1}
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusBadRequest)
			body = map[string]any{"success": false, "errors": []any{map[string]any{"code": 1408, "message": hostile, hostile: 1}}, "messages": []any{}}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(body)
	}))
	defer stub.Close()
	environ(t, "a-token-of-a-test", zone, "")
	for _, args := range [][]string{nil, {"--json"}} {
		stdout, stderr := contractOf(t, cli.Failed, append([]string{"run", "--base-url", stub.URL}, args...)...)
		for what, text := range map[string]string{"standard output": stdout, "standard error": stderr} {
			if strings.Contains(text, "\n::error") || strings.ContainsAny(text, "\x1b\u202e") {
				t.Errorf("%q: %s holds what acts: %.300q", args, what, text)
			}
		}
		if !strings.Contains(stdout, `ok\n::error::pwn`) {
			t.Errorf("%q: the hostile name is not shown at all:\n%.500s", args, stdout)
		}
	}
}
