package contract

import "testing"

// Test runs the cases against a target, with a subtest for each.
func Test(t *testing.T, target Target) {
	t.Helper()
	reportSubtests(t, Run(t.Context(), target))
}

// reportSubtests reports the results of a run as subtests.
func reportSubtests(t *testing.T, r Report) {
	t.Helper()
	for _, result := range r.Results {
		t.Run(result.Case, func(t *testing.T) {
			switch result.Outcome {
			case Skipped, KnownFailure:
				t.Skipf("%s: %s", result.Outcome, result.Reason)
			case Passed:
			default:
				t.Errorf("claim: %s [%s]\n%s", result.Claim, result.Source, result.Reason)
				for _, violation := range result.Violations {
					t.Error(violation)
				}
			}
		})
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}
