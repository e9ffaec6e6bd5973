package nightly

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/prism"
	"github.com/originpull/originpull-go/internal/upgrade"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestUpstreamThatCannotBeRead: what could not be read is never in step.
func TestUpstreamThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for name, source := range map[string]string{
		"fetch fails":  strings.Replace(server.URL, "http:", "https:", 1),
		"no such file": filepath.Join(dir, "none"),
		"empty":        write("empty.json", ""),
		"no paths":     write("nopaths.json", `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{}}`),
		"cut short":    write("cut.json", `{"openapi":"3.0.3","paths":{"/a":{`),
		"a page":       write("page.json", "<html>Not found</html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := checkDrift(t.Context(), &Night{Upstream: source})
			if part.Outcome != Inconclusive || part.Reason == "" {
				t.Errorf("have %s (%s), want it to be inconclusive", part.Outcome, part.Reason)
			}
		})
	}
	if part := checkDrift(t.Context(), &Night{}); part.Outcome != Skipped || !strings.Contains(part.Reason, "UPSTREAM") {
		t.Errorf("no document named: have %s (%s), want it to be skipped", part.Outcome, part.Reason)
	}
}

func TestSkipsWhatIsMissing(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "CONTRACT_ZONE_ID"} {
		t.Setenv(name, "")
	}
	t.Setenv("PATH", t.TempDir())
	if part := checkLive(t.Context(), &Night{}); part.Outcome != Skipped || !strings.Contains(part.Reason, "CLOUDFLARE_API_TOKEN") {
		t.Errorf("no token: have %s (%s)", part.Outcome, part.Reason)
	}
	if part := ofPrism(prism.OurContract(t.Context())); part.Outcome != Skipped || !strings.Contains(part.Reason, "npx") {
		t.Errorf("no npx: have %s (%s)", part.Outcome, part.Reason)
	}
	if part := ofPrism(contract.Report{}, errors.New("it ended")); part.Outcome != Inconclusive {
		t.Errorf("a Prism that breaks: have %s (%s), want it to be inconclusive", part.Outcome, part.Reason)
	}
	if part := checkForeign(t.Context(), &Night{}); part.Outcome != Inconclusive {
		t.Errorf("no make: have %s (%s)", part.Outcome, part.Reason)
	}
}

// failing responds to the first requests with 500, and the examples to the others.
type failing struct {
	next http.RoundTripper
	left *int
}

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(r)
	if err == nil && *f.left > 0 {
		*f.left--
		resp.StatusCode = http.StatusInternalServerError
	}
	return resp, err
}

// TestFlakyAndFailing: a case that fails once is flaky, never hidden; one that
// fails always is failed.
func TestFlakyAndFailing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		failures int
		outcome  Outcome
		flaky    bool
	}{"once": {1, Passed, true}, "always": {1000, Failed, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, err := contract.DocumentExamples()
			if err != nil {
				t.Fatal(err)
			}
			target.RetryFailed, target.Transport = true, failing{target.Transport, &test.failures}
			target.Only = func(c contract.Case) bool { return c.Name == "list" }
			check := Check{"contract", func(ctx context.Context, _ *Night) Part { return ofContract(contract.Run(ctx, target)) }}
			r := Run(t.Context(), []Check{check}, &Night{}, filepath.Join(t.TempDir(), "history.json"))
			if r.Outcome != test.outcome || r.Parts[0].Cases[0].Flaky != test.flaky || warns(r, "flaky") != test.flaky {
				t.Errorf("have %s, %+v, warnings %q", r.Outcome, r.Parts[0].Cases, r.Warnings)
			}
			var page strings.Builder
			if err := r.writeHTML(&page); err != nil {
				t.Fatal(err)
			}
			if shown := strings.Contains(page.String(), `<i class="flaky" title="flaky">`); shown != test.flaky {
				t.Errorf("the strip shows a flaky night: %t, want %t", shown, test.flaky)
			}
		})
	}
}

// TestNewestGeneratorNeverFails: what others release is reported, and fails no night.
func TestNewestGeneratorNeverFails(t *testing.T) {
	t.Parallel()
	changed := upgrade.Report{Modules: []upgrade.Module{{Path: "a"}}, Together: &upgrade.Result{Versions: []string{"a@v2"}, Failure: "the tests fail", Diff: "+new line\n"}}
	for name, test := range map[string]struct {
		report  upgrade.Report
		err     error
		outcome Outcome
		warns   bool
	}{
		"unreachable":   {upgrade.Report{}, upgrade.ErrUnreachable, Skipped, false},
		"nothing newer": {upgrade.Report{Modules: []upgrade.Module{{Path: "a"}}}, nil, Passed, false},
		"not good":      {changed, nil, Passed, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			check := Check{"newest generator", func(context.Context, *Night) Part { return ofUpgrade(test.report, test.err) }}
			r := Run(t.Context(), []Check{check, one("another", Passed)}, &Night{}, filepath.Join(dir, "history.json"))
			if r.Outcome != test.outcome || r.Status() != 0 || r.Parts[0].Reason == "" {
				t.Errorf("have %s with status %d: %q", r.Outcome, r.Status(), r.Parts[0].Reason)
			}
			if err := r.Write(dir); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, "report.md"))
			if err != nil {
				t.Fatal(err)
			}
			if warns(r, "newest generator: ") != test.warns || strings.Contains(string(text), "+new line") != test.warns {
				t.Errorf("warnings %q, want one that shows the difference: %t; the report:\n%s", r.Warnings, test.warns, text)
			}
		})
	}
}

// TestCommand: a test that fails is a failure, though it mentions a network; a
// command that finds none is inconclusive.
func TestCommand(t *testing.T) {
	t.Parallel()
	one := func([]byte) (int, string) { return 1, "" }
	for name, test := range map[string]struct {
		script string
		want   Outcome
	}{
		"it passes":      {"echo dial tcp: i/o timeout", Passed},
		"it fails":       {"echo not as it should be; exit 1", Failed},
		"no network":     {"echo 'go: dial tcp: lookup proxy: no such host'; exit 1", Inconclusive},
		"a test fails":   {"printf -- '--- FAIL: TestUpload (0.00s)\\n    upload_test.go:7: dial tcp 127.0.0.1:1: connect: connection refused\\n'; exit 1", Failed},
		"a subtest does": {"printf -- '    --- FAIL: TestUpload/twice (0.00s)\\n  i/o timeout\\n'; exit 1", Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if part := command(t.Context(), one, "sh", "-c", test.script); part.Outcome != test.want {
				t.Errorf("have %s (%s), want %s", part.Outcome, part.Reason, test.want)
			}
		})
	}
}

// TestCommandGetsNoCredentials: the token of a zone is for the live contract alone, not for
// the code of others that the other parts run.
func TestCommandGetsNoCredentials(t *testing.T) {
	t.Setenv("CLOUDFLARE_API_TOKEN", "given")
	one := func([]byte) (int, string) { return 1, "" }
	if part := command(t.Context(), one, "sh", "-c", "echo ${CLOUDFLARE_API_TOKEN:-missing}"); part.Detail != "missing\n" {
		t.Errorf("the token is %q to a command, want it missing", part.Detail)
	}
}

// TestPartTellsDriftAndKnownFailures: neither fails a night, and both are reported.
func TestPartTellsDriftAndKnownFailures(t *testing.T) {
	t.Parallel()
	target, err := contract.DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	next := target.Transport
	target.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		resp.Header.Set("Cf-New", "1")
		resp.Header.Set("Mock", "1")
		if r.Method == http.MethodPut {
			resp.StatusCode = http.StatusAccepted
		}
		return resp, nil
	})
	target.KnownFailures, target.ExtraHeaders = []string{"enable"}, []string{"mock"}
	target.Only = func(c contract.Case) bool { return c.Name == "list" || c.Name == "enable" }
	check := Check{"contract", func(ctx context.Context, _ *Night) Part { return ofContract(contract.Run(ctx, target)) }}
	r := Run(t.Context(), []Check{check}, &Night{}, filepath.Join(t.TempDir(), "history.json"))
	part := r.Parts[0]
	if part.Outcome != Passed || !strings.Contains(part.Reason, "1 known failure") || !strings.Contains(part.Reason, "1 kind of drift") || !warns(r, "contract: 1 kind of drift at run time") {
		t.Errorf("have %s (%s), warnings %q", part.Outcome, part.Reason, r.Warnings)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestLiveThatIsStopped: a limit that is reached, or a token that is refused, is held
// against no side; what failed before it is.
func TestLiveThatIsStopped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token, spoils string
		want          Outcome
		says          string
	}{
		"a limit":                 {"", "", Inconclusive, "429"},
		"a limit after a failure": {"", `"errors":[]`, Failed, "429"},
		"another token":           {"another", "", Inconclusive, "credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{RateLimit: 20})
				l := contract.Live{Token: cmp.Or(test.token, sim.Token()), ZoneID: sim.ZoneID(), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					resp, err := sim.Transport().RoundTrip(r)
					if err != nil || test.spoils == "" {
						return resp, err
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), test.spoils, `"errors":null`)))
					resp.ContentLength = -1
					return resp, err
				})}
				part := ofContract(contract.RunLive(t.Context(), l))
				if part.Outcome != test.want || !strings.Contains(part.Reason, test.says) {
					t.Errorf("have %s (%s), want %s that speaks of %s", part.Outcome, part.Reason, test.want, test.says)
				}
			})
		})
	}
}
