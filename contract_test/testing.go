package contract

import "testing"

// Test runs the cases against a target, and has a subtest for each.
func Test(t *testing.T, target Target) {
	t.Helper()
	tell(t, Run(t.Context(), target))
}

// tell reports the results of a run as subtests.
func tell(t *testing.T, r Report) {
	t.Helper()
	for _, result := range r.Results {
		t.Run(result.Case, func(t *testing.T) {
			switch result.Outcome {
			case Skipped, KnownFailure:
				t.Skipf("%s: %s", result.Outcome, result.Reason)
			case Passed:
			default:
				t.Errorf("promised: %s [%s]\n%s", result.Promise, result.Seen, result.Reason)
				for _, finding := range result.Findings {
					t.Error(finding)
				}
			}
		})
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}
