package compare

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Site is a place of a finding as it counts for an acceptance: an operation and
// all labels that lead from it to what differs. [Where] is for people, and names
// of what is shared in an operation the shortest way alone.
type Site struct {
	Op   string
	Head string // the first label
	rest string // the others, each with its length
	what string // what stands there, if that is shown to no one but makes it another place
}

// below returns the site that some labels lead to.
func (s Site) below(labels ...string) Site {
	var b strings.Builder
	b.WriteString(s.rest)
	for _, label := range labels {
		switch {
		case label == "":
		case s.Head == "":
			s.Head = label
		default:
			b.WriteString(strconv.Itoa(len(label)))
			b.WriteByte(' ')
			b.WriteString(label)
		}
	}
	s.rest = b.String()
	return s
}

// Hash is a hash of a site, for a lock.
func (s Site) Hash() string { return LongHash(s.Op, s.Head, s.rest, s.what) }

func sortedSites(list []Site) []Site {
	slices.SortFunc(list, func(a, b Site) int {
		return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.Head, b.Head), cmp.Compare(a.rest, b.rest), cmp.Compare(a.what, b.what))
	})
	return slices.Compact(list)
}

// maxBack bounds the steps of finding all ways to one meeting.
const maxBack = 10_000

// sitesOf returns the sites of a meeting: all ways that lead to it from an
// operation and pass nothing twice. Where they are too many to be listed, one
// site stands for all of them, for what meets there and for all that both
// documents say, so that nothing that was accepted there holds for others.
func (w *Walk) sitesOf(m *meeting) ([]Site, error) {
	if sites, ok := w.sites[m]; ok {
		return sites, nil
	}
	s := search{walk: w, on: map[*meeting]bool{}}
	enough, err := s.back(m)
	if err != nil {
		return nil, err
	}
	if !enough {
		everywhere := Site{Head: "everywhere"}
		for _, c := range slices.Concat(w.roots[:], m.what[:]) {
			print, err := w.print(c)
			if err != nil {
				return nil, err
			}
			everywhere = everywhere.below(print)
		}
		s.found = []Site{everywhere}
	}
	w.sites[m] = s.found
	return s.found, nil
}

// sitesBelow returns those that a step, and the label of a finding, lead to.
func (w *Walk) sitesBelow(s step, finding string) ([]Site, error) {
	from, err := w.sitesOf(s.from)
	if err != nil {
		return nil, err
	}
	label, err := w.labelOf(s)
	if err != nil {
		return nil, err
	}
	out := make([]Site, len(from))
	for i, at := range from {
		out[i] = at.below(label, finding)
	}
	return out, nil
}

// search goes from a meeting back to the operations.
type search struct {
	walk   *Walk
	labels []string // of the way so far, the last first
	on     map[*meeting]bool
	found  []Site
	steps  int
}

// back reports whether the limit lets it find all ways, in whatever order it meets
// them.
func (s *search) back(m *meeting) (bool, error) {
	if m.op != nil {
		way := slices.Clone(s.labels)
		slices.Reverse(way)
		s.found = append(s.found, Site{Op: m.op.wire}.below(way...))
		s.steps += len(s.labels)
		return s.steps <= maxBack, nil
	}
	s.on[m] = true
	for step := range m.ways {
		if s.steps++; s.steps > maxBack {
			return false, nil
		}
		if s.on[step.from] {
			continue
		}
		label, err := s.walk.labelOf(step)
		if err != nil {
			return false, err
		}
		s.labels = append(s.labels, label)
		enough, err := s.back(step.from)
		s.labels = s.labels[:len(s.labels)-1]
		if !enough || err != nil {
			return false, err
		}
	}
	delete(s.on, m)
	return true, nil
}

// labelOf names a step so that no two are named alike.
func (w *Walk) labelOf(s step) (string, error) {
	if s.which == (graph.Class{}) {
		return s.label, nil
	}
	which, err := w.print(s.which)
	return s.label + " " + which, err
}

// mark returns the class of a vertex, of which a fingerprint is wanted when the
// walk is over: making one gives the vertices other classes.
func (w *Walk) mark(v *graph.Vertex) graph.Class {
	if v == nil {
		return graph.Class{}
	}
	c := w.wire[v.Index]
	w.marked[c] = v
	return c
}

// print returns the fingerprint of what was marked, the same for every vertex
// of the class, and none for none.
func (w *Walk) print(c graph.Class) (string, error) {
	if c == (graph.Class{}) {
		return "", nil
	}
	if print, ok := w.prints[c]; ok {
		return print, nil
	}
	print, err := graph.Subgraph(w.marked[c]).Fingerprint()
	w.prints[c] = print
	return print, err
}

// printBoth returns the fingerprints of two, of the one that is there, or none.
func (w *Walk) printBoth(classes [2]graph.Class) (string, error) {
	if classes == ([2]graph.Class{}) {
		return "", nil
	}
	old, err := w.print(classes[0])
	if err != nil {
		return "", err
	}
	new, err := w.print(classes[1])
	return old + " " + new, err
}
