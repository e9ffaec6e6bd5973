package propose

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
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
	ours := drifttest.Abridged(ourTree(t))
	theirs := drifttest.Clone(ours)
	for i := range 5 {
		drifttest.Property(theirs, fmt.Sprintf("p%d", i), drifttest.Tree{"type": "boolean"})
	}
	c, doc, old := ourHouse(t, ours), parseTree(t, theirs), parseTree(t, ours)
	for name, work := range map[string]func(context.Context) (any, error){
		"check": func(ctx context.Context) (any, error) {
			r, err := drift.Check(ctx, doc, c, drifttest.SomeDay)
			return r, err
		},
		"propose": func(ctx context.Context) (any, error) {
			p, err := Propose(ctx, doc, c, drifttest.SomeDay, nil)
			return p, err
		},
		"diff": func(ctx context.Context) (any, error) { r, err := drift.DiffReport(ctx, old, doc, c); return r, err },
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
