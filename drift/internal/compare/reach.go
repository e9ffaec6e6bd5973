package compare

import (
	"context"
	"fmt"
	"slices"
)

// maxReach bounds how many parts are visited, operation by operation, to find
// out what operations share.
const maxReach = 20_000_000

// operations is a list of operations that many findings can share.
type operations struct {
	pairs         []*operationPair
	titles, wires []string // in order, once asked for
}

// reachAll notes on all that is below an operation that it is.
func (w *Walk) reachAll(ctx context.Context) error {
	steps := 0
	for _, g := range w.meetings {
		if g.op == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if steps += g.reach(g.op); steps > maxReach {
			return fmt.Errorf("what %d parts share between operations takes more than %d steps to find: too much to compare", len(w.meetings), maxReach)
		}
	}
	return nil
}

func (g *meeting) reach(op *operationPair) int {
	steps := 0
	for todo := []*meeting{g}; len(todo) > 0; steps++ {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if at.last == op || at.op != nil && at != g {
			continue
		}
		at.last = op
		if len(at.in) != 1 || at.op != nil {
			at.ops.pairs = append(at.ops.pairs, op)
		}
		for next := range at.out {
			todo = append(todo, next)
		}
	}
	return steps
}

// operations returns those from which a meeting is reached.
func (g *meeting) operations() *operations {
	for g.op == nil && len(g.in) == 1 {
		for only := range g.in {
			g = only
		}
	}
	return &g.ops
}

// list returns the operations in order, for people and on the wire. Neither
// list may be changed.
func (o *operations) list() (titles, wires []string) {
	if o.titles == nil {
		for _, op := range o.pairs {
			o.titles = append(o.titles, op.title)
			o.wires = append(o.wires, op.wire)
		}
		slices.Sort(o.titles)
		slices.Sort(o.wires)
		o.titles, o.wires = slices.Clip(o.titles), slices.Clip(o.wires)
	}
	return o.titles, o.wires
}
