package drift

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// countdown is a context that ends once it was looked at a number of times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancel ends the work early and late, as Ctrl-C does: what was found until then is
// never returned as if it were all.
func TestCancel(t *testing.T) {
	t.Parallel()
	ours := abridged(readTree(t, ourSpec))
	theirs := clone(ours)
	for i := range 5 {
		property(theirs, fmt.Sprintf("p%d", i), tree{"type": "boolean"})
	}
	c, doc, old := ourHouse(t, ours), parseTree(t, theirs), parseTree(t, ours)
	for name, work := range map[string]func(context.Context) (any, error){
		"check":   func(ctx context.Context) (any, error) { r, err := Check(ctx, doc, c, someDay); return r, err },
		"propose": func(ctx context.Context) (any, error) { p, err := Propose(ctx, doc, c, someDay, nil); return p, err },
		"diff":    func(ctx context.Context) (any, error) { r, err := DiffReport(ctx, old, doc, c); return r, err },
	} {
		t.Run(name, func(t *testing.T) {
			for looks := 0; ; looks = 2*looks + 1 {
				got, err := work(&countdown{t.Context(), looks})
				if err == nil {
					if looks < 15 {
						t.Errorf("the context is looked at less than %d times", looks)
					}
					return
				}
				if !errors.Is(err, context.Canceled) || !reflect.ValueOf(got).IsNil() {
					t.Fatalf("cancelled after %d looks: error %v, and the result %v", looks, err, got)
				}
			}
		})
	}
}
