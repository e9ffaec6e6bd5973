package compare

import (
	"slices"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// compareSecurity notes the alternatives of credentials that are new or gone. One that
// is gone authorises still if less than it is enough now.
func (w *Walk) compareSecurity(p *Pair, c Change, before, after []string) {
	c.exact = c.Fact
	var used []string
	for _, value := range before {
		if Has(after, value) {
			continue
		}
		enough := func(of func(string) bool) int {
			return slices.IndexFunc(after, func(a string) bool {
				return of(a) && holds(w.Old.Alternatives[value], w.New.Alternatives[a])
			})
		}
		at := enough(func(a string) bool { return !Has(before, a) })
		if at < 0 {
			at = enough(func(string) bool { return true })
		}
		c.kind, c.Before, c.After = "security-removed", value, ""
		if at >= 0 {
			c.kind, c.After = "security-loosened", after[at]
			used = append(used, after[at])
		}
		w.note(p, c)
	}
	for _, value := range after {
		if !Has(before, value) && !slices.Contains(used, value) {
			c.kind, c.Before, c.After = "security-added", "", value
			w.note(p, c)
		}
	}
}

// holds reports whether who has some credentials has all that are wanted.
func holds(have, wanted []graph.SchemeUse) bool {
	return !slices.ContainsFunc(wanted, func(want graph.SchemeUse) bool {
		return !slices.ContainsFunc(have, func(has graph.SchemeUse) bool {
			lacks := func(scope string) bool { return !slices.Contains(has.Scopes, scope) }
			return accepts(want.Scheme, has.Scheme) && !slices.ContainsFunc(want.Scopes, lacks)
		})
	})
}

// accepts reports whether a scheme takes the credentials of an older one: of OAuth those
// that each flow gives in the old way.
func accepts(scheme, old *document.Node) bool {
	if scheme.Get("flows") == nil || old.Get("flows") == nil {
		return graph.SchemeText(scheme, nil) == graph.SchemeText(old, nil)
	}
	return saysAll(graph.WithoutProse(scheme, nil), graph.WithoutProse(old, nil))
}

// saysAll reports whether an object has all that another one has, and in its objects too.
func saysAll(n, other *document.Node) bool {
	if n == nil || n.Kind != document.ObjectNode || other.Kind != document.ObjectNode {
		return n != nil && n.Canonical() == other.Canonical()
	}
	for i, key := range other.Keys {
		if !saysAll(n.Get(key), other.Kids[i]) {
			return false
		}
	}
	return true
}
