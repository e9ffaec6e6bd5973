package nightly

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// workflow is what of a workflow file decides who may do what.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Needs       any
		If          string
		Permissions map[string]string
		Env         map[string]string
		Steps       []struct {
			Uses, Run string
			With, Env map[string]string
		}
	}
}

func readWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	text, err := os.ReadFile("../../.github/workflows/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWhoMayWrite: the job that follows upstream's document has neither rights nor
// secrets; the one that may write runs one program of the default branch, and reads
// nothing that code made of the document could have written, but for the report and the patch.
func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t, "nightly.yaml")
	read := map[string]string{"contents": "read"}
	for name, want := range map[string]map[string]string{
		"nightly": read, "try": read,
		"follow": {"contents": "write", "pull-requests": "write", "issues": "write", "actions": "write"},
		"tell":   {"issues": "write"},
	} {
		if got := w.Jobs[name].Permissions; !maps.Equal(got, want) {
			t.Errorf("the job %s may %v, want %v", name, got, want)
		}
	}
	if len(w.Permissions) > 0 || len(w.Jobs) != 4 {
		t.Errorf("there are %d jobs, want 4, and all may %v", len(w.Jobs), w.Permissions)
	}
	for _, name := range []string{"try", "follow"} {
		for _, s := range w.Jobs[name].Steps {
			if strings.HasPrefix(s.Uses, "actions/setup-go@") && s.With["cache"] != "false" || strings.HasPrefix(s.Uses, "actions/cache") {
				t.Errorf("%s: %s: code made of the document could write to a cache that others read", name, s.Uses)
			}
			for key, value := range s.Env {
				if strings.Contains(value, "secrets.") || name == "try" && strings.Contains(value, "token") {
					t.Errorf("%s has %s: %s", name, key, value)
				}
			}
			if name == "try" && strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != "false" {
				t.Error("try keeps the token of the checkout, where code made of the document runs")
			}
		}
	}
	follow := w.Jobs["follow"]
	if follow.Needs != "try" || follow.If != "github.event_name == 'schedule' || github.ref_name == github.event.repository.default_branch" {
		t.Errorf("follow needs %v, if %q: want it after try alone, on the default branch", follow.Needs, follow.If)
	}
	var does []string
	for _, s := range follow.Steps {
		action, _, _ := strings.Cut(s.Uses, "@")
		does = append(does, action+strings.Join(strings.Fields(s.Run), " "))
	}
	want := []string{"actions/checkout", "actions/setup-go", "actions/download-artifact",
		`go run ./internal/cmd/upstreampr --base "$GITHUB_REF_NAME" --report "$RUNNER_TEMP/upstream/report.json" --patch "$RUNNER_TEMP/upstream/follow.patch"`}
	if !slices.Equal(does, want) {
		t.Errorf("follow may write, and does %q, want %q", does, want)
	}
	if path := follow.Steps[2].With["path"]; path != "${{ runner.temp }}/upstream" {
		t.Errorf("what comes from the document is put at %q, where the program is compiled", path)
	}
	if ref := follow.Steps[0].With["ref"]; ref != "" {
		t.Errorf("follow checks out %q, want the commit of the run, on which the document was tried", ref)
	}
}

// TestCommandsAreFixed: no expression is pasted into a command, where what it holds would be
// commands too.
func TestCommandsAreFixed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nightly.yaml", "ci.yaml"} {
		for job, j := range readWorkflow(t, name).Jobs {
			for _, s := range j.Steps {
				if strings.Contains(s.Run, "${{") {
					t.Errorf("%s: %s runs %q: pass it as a variable of the environment", name, job, s.Run)
				}
			}
		}
	}
}

// TestDispatchedCI: the pull request of the nightly run gets the checks of any other, and
// shows how they ended.
func TestDispatchedCI(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t, "ci.yaml")
	if w.Jobs["ci"].If != "" || w.Jobs["api"].If != "github.event_name == 'pull_request' || github.event_name == 'workflow_dispatch'" {
		t.Errorf("ci runs if %q, api if %q: want both when CI is started on a branch", w.Jobs["ci"].If, w.Jobs["api"].If)
	}
	status := w.Jobs["status"]
	if status.If != "always() && github.event_name == 'workflow_dispatch'" || fmt.Sprint(status.Needs) != "[ci api archives]" || !maps.Equal(status.Permissions, map[string]string{"statuses": "write"}) {
		t.Errorf("status runs if %q, after %v, and may %v", status.If, status.Needs, status.Permissions)
	}
	if len(status.Steps) != 1 || !strings.HasPrefix(status.Steps[0].Run, "gh api ") {
		t.Errorf("status may write, and does more than that: %v", status.Steps)
	}
	text, err := os.ReadFile("../../.github/workflows/ci.yaml")
	if err != nil || !strings.Contains(string(text), "\n  workflow_dispatch:\n") {
		t.Errorf("CI cannot be started on a branch: %v", err)
	}
}

// TestUnknownBase: the Go API is compared with what the branch comes from, or with nothing:
// never with another revision since that is not known.
func TestUnknownBase(t *testing.T) {
	t.Parallel()
	steps := readWorkflow(t, "ci.yaml").Jobs["api"].Steps
	run := func(base string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", `make() { echo "$@"; }; `+steps[len(steps)-1].Run)
		cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "DEFAULT=main", "BASE="+base, "GIT_DIR=none")
		output, err := cmd.Output()
		return string(output), err
	}
	if output, err := run("0a1b"); output != "api-diff BASE=0a1b\n" || err != nil {
		t.Errorf("on a pull request the job runs make %q, %v", output, err)
	}
	if output, err := run(""); output != "" || err == nil {
		t.Errorf("git does not know where the branch comes from, and the job runs make %q, %v", output, err)
	}
}

// TestNightIsMissed: a person hears of a night that has failed, and of one that has come
// to no end: GitHub calls a job that takes too long cancelled, not failed.
func TestNightIsMissed(t *testing.T) {
	t.Parallel()
	const want = "!cancelled() && (needs.nightly.result != 'success' && needs.nightly.outputs.document_only != 'true' || " +
		"needs.try.result != 'success' || needs.follow.result == 'failure' || needs.follow.result == 'cancelled')"
	tell := readWorkflow(t, "nightly.yaml").Jobs["tell"]
	if tell.If != want || fmt.Sprint(tell.Needs) != "[nightly try follow]" {
		t.Errorf("an issue is opened after %v if %q, want it if %q", tell.Needs, tell.If, want)
	}
}

// TestDocumentOnly: a night on which only upstream's document is wrong is not reported
// twice; anything else is.
func TestDocumentOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parts []Part
		want  bool
	}{
		"all is good":           {[]Part{{Name: driftPart, Outcome: Passed}, {Name: "x", Outcome: Skipped}}, false},
		"it breaks":             {[]Part{{Name: driftPart, Outcome: Failed}, {Name: "x", Outcome: Passed}}, true},
		"it breaks Prism too":   {[]Part{{Name: driftPart, Outcome: Failed}, {Name: prismUpstreamPart, Outcome: Failed}}, true},
		"it breaks Prism alone": {[]Part{{Name: driftPart, Outcome: Passed}, {Name: prismUpstreamPart, Outcome: Failed}}, false},
		"it cannot be read":     {[]Part{{Name: driftPart, Outcome: Inconclusive}}, false},
		"another part fails":    {[]Part{{Name: driftPart, Outcome: Failed}, {Name: "x", Outcome: Failed}}, false},
		"another is unknown":    {[]Part{{Name: driftPart, Outcome: Failed}, {Name: "x", Outcome: Inconclusive}}, false},
		"Prism is unknown":      {[]Part{{Name: driftPart, Outcome: Failed}, {Name: prismUpstreamPart, Outcome: Inconclusive}}, false},
	} {
		var r Report
		for _, p := range test.parts {
			p.Verified = 1
			r.add(p)
		}
		if r.DocumentOnly != test.want {
			t.Errorf("%s: the document alone is wrong: %t, want %t", name, r.DocumentOnly, test.want)
		}
	}
}
