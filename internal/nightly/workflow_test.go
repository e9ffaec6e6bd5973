package nightly

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestWorkflowRemembersBadNights: the history is saved whatever became of the night,
// and after it; every action is pinned by its commit.
func TestWorkflowRemembersBadNights(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.github/workflows/nightly.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type step struct{ Uses, Run, If string }
	var workflow struct {
		Jobs map[string]struct{ Steps []step }
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs["nightly"].Steps
	uses := func(action string) int {
		return slices.IndexFunc(steps, func(s step) bool { return strings.HasPrefix(s.Uses, action+"@") })
	}
	run := slices.IndexFunc(steps, func(s step) bool { return s.Run == "make nightly" })
	restore, save := uses("actions/cache/restore"), uses("actions/cache/save")
	if restore < 0 || run < restore || save < run || steps[save].If != "always()" || uses("actions/cache") >= 0 {
		t.Errorf("want the history restored (%d) before the night (%d) and always saved after it (%d)", restore, run, save)
	}
	pinned := regexp.MustCompile(`^[a-z-]+(/[a-z-]+)+@[0-9a-f]{40}$`)
	for name, job := range workflow.Jobs {
		for _, s := range job.Steps {
			if s.Uses != "" && !pinned.MatchString(s.Uses) {
				t.Errorf("%s: %s is not pinned by its commit", name, s.Uses)
			}
		}
	}
}
