package compare

import (
	"fmt"
	"testing"
)

// Whether there are too many ways does not depend on the order in which they are
// found, which is another one in each run.
func TestSitesInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, more := range []int{0, 1} {
		shared := &meeting{ways: map[step]bool{}}
		way := func(i, long int) { // takes a step and a label for each of long
			at := shared
			for n := range long - 1 {
				next := &meeting{ways: map[step]bool{}}
				at.ways[step{from: next, label: fmt.Sprint(i, n)}] = true
				at = next
			}
			at.ways[step{from: &meeting{op: &operationPair{wire: fmt.Sprint(i)}}, label: fmt.Sprint(i)}] = true
		}
		way(0, 60)
		for i := 1; i <= maxBack/2-60+more; i++ {
			way(i, 1)
		}
		for range 20 {
			s := search{walk: &Walk{}, on: map[*meeting]bool{}}
			if enough, err := s.back(shared); err != nil || enough != (more == 0) {
				t.Fatalf("%d ways beyond the limit: all are found %t after %d steps, %v", more, enough, s.steps, err)
			}
		}
	}
}
