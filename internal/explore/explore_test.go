package explore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/explore"
)

func name(choice int) string { return fmt.Sprint("choice ", choice) }

// tree is a program of three choices, of which the last depends on the first.
func tree(p *explore.Path) (a, b, c int) {
	a = p.Choose(2, name)
	b = p.Choose(3, name)
	if a == 1 {
		c = p.Choose(2, name)
	}
	return a, b, c
}

func TestAll(t *testing.T) {
	t.Parallel()
	var got []string
	report, err := explore.All(100, false, func(p *explore.Path) error {
		a, b, c := tree(p)
		got = append(got, fmt.Sprint(a, b, c))
		return nil
	})
	want := []string{"0 0 0", "0 1 0", "0 2 0", "1 0 0", "1 0 1", "1 1 0", "1 1 1", "1 2 0", "1 2 1"}
	if err != nil || report.Schedules != len(want) || !slices.Equal(got, want) {
		t.Errorf("%+v, error %v, it ran\n%q, want\n%q", report, err, got, want)
	}
	if _, err := explore.All(8, false, func(p *explore.Path) error { tree(p); return nil }); !errors.Is(err, explore.ErrLimit) {
		t.Errorf("with a limit of 8: the error is %v, want ErrLimit", err)
	}
}

// TestSeen cuts off what follows a state in every schedule but the first.
func TestSeen(t *testing.T) {
	t.Parallel()
	ends := 0
	report, err := explore.All(100, true, func(p *explore.Path) error {
		a, b := p.Choose(2, name), p.Choose(2, name)
		if p.Seen(fmt.Sprint("sum ", a+b)) {
			if !p.Cut() {
				t.Error("Cut is false after Seen has returned true")
			}
			return nil
		}
		p.Choose(2, name)
		ends++
		return nil
	})
	if err != nil || ends != 6 || report.States != 3 {
		t.Errorf("%+v, error %v, %d schedules ran to their end; want 3 states with 2 each", report, err, ends)
	}
}

func TestFailureIsShrunkAndReplayed(t *testing.T) {
	t.Parallel()
	errBad := errors.New("bad")
	run := func(p *explore.Path) error {
		var choices []int
		for range 4 {
			choices = append(choices, p.Choose(3, name))
		}
		if choices[0] == 1 && choices[2] == 2 { // choices[1] and [3] do not matter
			return fmt.Errorf("it is %w", errBad)
		}
		return nil
	}
	// The first that fails is 1,0,2: begin later, so that there is something to shrink.
	_, err := explore.All(1000, false, func(p *explore.Path) error {
		if err := run(p); err != nil && (strings.Count(p.Schedule(), ",") == 3 || strings.HasPrefix(p.Schedule(), "1,0,2")) {
			return err
		}
		return nil
	})
	var failure *explore.Failure
	if !errors.As(err, &failure) || !errors.Is(err, errBad) || failure.Schedule != "1,0,2" || failure.Changes != 2 {
		t.Fatalf("the failure is %v, want schedule 1,0,2", err)
	}
	schedule, err := explore.Parse(failure.Schedule)
	if err != nil {
		t.Fatal(err)
	}
	if err := explore.Replay(schedule, run); !errors.Is(err, errBad) || !strings.Contains(err.Error(), "3. choice 2") {
		t.Errorf("replayed: %v, want the same failure with its choices", err)
	}
	if _, err := explore.Parse("1,x"); err == nil {
		t.Error("a schedule that holds x was read")
	}
}

// TestUsual replays the schedule of which every choice is the usual one.
func TestUsual(t *testing.T) {
	t.Parallel()
	errBad := errors.New("bad")
	run := func(p *explore.Path) error { tree(p); return errBad }
	_, err := explore.All(1, false, run)
	var failure *explore.Failure
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	schedule, err := explore.Parse(failure.Schedule)
	if err != nil || !errors.Is(explore.Replay(schedule, run), errBad) {
		t.Errorf("the schedule is printed as %q, which cannot be replayed: %v", failure.Schedule, err)
	}
}

func TestRandom(t *testing.T) {
	t.Parallel()
	schedules := func(seed uint64) (all []string) {
		_, err := explore.Random(seed, 10_000, func(p *explore.Path) error {
			tree(p)
			all = append(all, p.Schedule())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := schedules(1)
	if !slices.Equal(first, schedules(1)) {
		t.Error("the same seed makes other choices")
	}
	if slices.Equal(first, schedules(2)) {
		t.Error("another seed makes the same choices")
	}
	slices.Sort(first)
	if different := slices.Compact(first); len(different) != 9 {
		t.Errorf("10,000 random schedules are %q, want all nine", different)
	}
	errBad := errors.New("bad")
	report, err := explore.Random(1, 10_000, func(p *explore.Path) error {
		if a, _, c := tree(p); a == 1 && c == 1 {
			return errBad
		}
		return nil
	})
	var failure *explore.Failure
	if !errors.As(err, &failure) || failure.Schedule != "1,0,1" || report.Schedules == 10_000 {
		t.Errorf("%+v, failure %v, want schedule 1,0,1", report, err)
	}
}
