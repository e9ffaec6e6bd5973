package graph

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
)

// maxWork bounds rounds times size of a refinement, to about two seconds of a slow
// processor. Real documents settle in some twenty rounds; a chain of thousands of
// schemas would take as many.
const maxWork = 8_000_000

// Class names the vertices that nothing reachable from them distinguishes.
type Class [16]byte

// Refine gives every vertex of the graphs its class by partition refinement:
// in each round a vertex is distinguished by what it says and by the classes of
// what it leads to, until a round distinguishes no more. So cycles need no care
// and shared parts are looked at once a round. With whole, also what is
// editorial counts.
func Refine(whole bool, graphs ...*Graph) ([]Class, error) {
	return refine(whole, number(graphs))
}

// RefineBoth gives every vertex of the graphs its class with what is editorial, and
// without it. The two are made at the same time.
func RefineBoth(graphs ...*Graph) (whole, wire []Class, err error) {
	vertices := number(graphs)
	var wireErr error
	var wait sync.WaitGroup
	wait.Go(func() { wire, wireErr = refine(false, vertices) })
	whole, err = refine(true, vertices)
	wait.Wait()
	return whole, wire, cmp.Or(err, wireErr)
}

// number gives the vertices of the graphs their indices, and returns them.
func number(graphs []*Graph) []*Vertex {
	var vertices []*Vertex
	for _, g := range graphs {
		vertices = slices.Grow(vertices, len(g.Vertices))
		for _, v := range g.Vertices {
			v.Index = len(vertices)
			vertices = append(vertices, v)
		}
	}
	return vertices
}

func refine(whole bool, vertices []*Vertex) ([]Class, error) {
	size := 0
	for _, v := range vertices {
		size += 1 + len(v.Edges)
		for _, s := range v.Sets {
			size += len(s.Members)
		}
	}
	r := newRefinement(whole, vertices)
	for count := r.distinct(); ; {
		if r.rounds++; r.rounds*size > maxWork {
			return nil, fmt.Errorf("%d parts that refer to one another in chains of over %d: too entangled to judge", len(vertices), r.rounds)
		}
		n := r.round()
		if n == count {
			return r.classes, nil
		}
		count = n
	}
}

// refinement is the state between two rounds.
type refinement struct {
	rounds  int
	own     []Class // by what the vertices say of themselves
	links   []links
	classes []Class // after the last round
	moving  []int   // whose class the last round changed
	moved   []bool  // the same
	next    []Class // of those moving
	// A vertex whose class a round leaves as it was leads only to such vertices:
	// that class is final, and no vertex that still moves has it.
	final, open map[Class]struct{}
	buf         bytes.Buffer
}

func newRefinement(whole bool, vertices []*Vertex) *refinement {
	n := len(vertices)
	r := &refinement{
		own: make([]Class, n), links: make([]links, n), moving: make([]int, n), moved: make([]bool, n), next: make([]Class, n),
		final: make(map[Class]struct{}, n/2), open: make(map[Class]struct{}, n/2),
	}
	for i, v := range vertices {
		r.buf.Reset()
		v.writeOwn(&r.buf, whole)
		r.own[i] = Digest(r.buf.Bytes())
		r.links[i] = v.links(whole)
		r.moving[i], r.moved[i] = i, true
	}
	r.classes = slices.Clone(r.own)
	return r
}

// distinct returns how many classes there are before the first round.
func (r *refinement) distinct() int {
	for _, c := range r.own {
		r.open[c] = struct{}{}
	}
	return len(r.open)
}

// round refines once, and returns how many classes there are then.
func (r *refinement) round() int {
	name := func(to *Vertex) []byte { return r.classes[to.Index][:] }
	for at, i := range r.moving {
		r.next[at] = r.classes[i]
		if r.mayMove(i) {
			r.buf.Reset()
			r.buf.Write(r.own[i][:])
			r.links[i].write(&r.buf, name)
			r.next[at] = Digest(r.buf.Bytes())
		}
	}
	clear(r.open)
	still := r.moving[:0]
	for at, i := range r.moving {
		c := r.next[at]
		if r.moved[i] = c != r.classes[i]; r.moved[i] {
			r.open[c] = struct{}{}
			still = append(still, i)
		} else {
			r.final[c] = struct{}{}
		}
		r.classes[i] = c
	}
	r.moving = still
	return len(r.final) + len(r.open)
}

// mayMove reports whether a round can change the class of a vertex.
func (r *refinement) mayMove(i int) bool {
	moved := func(to *Vertex) bool { return r.moved[to.Index] }
	return r.rounds == 1 || slices.ContainsFunc(r.links[i].edges, func(e Edge) bool { return moved(e.To) }) ||
		slices.ContainsFunc(r.links[i].sets, func(s set) bool { return slices.ContainsFunc(s.Members, moved) })
}

// Digest hashes what a vertex says.
func Digest(b []byte) Class {
	sum := sha256.Sum256(b)
	return Class(sum[:16])
}

// writeOwn writes what a vertex says of itself, each piece with its length so
// that no two vertices read alike.
func (v *Vertex) writeOwn(b *bytes.Buffer, whole bool) {
	WriteText(b, v.Kind)
	WriteText(b, string(v.Dir))
	for _, f := range v.Facts {
		if f.editorial && !whole {
			continue
		}
		WriteText(b, f.Name)
		writeNumber(b, len(f.Values))
		for _, value := range f.Values {
			WriteText(b, value)
		}
	}
	b.WriteByte(0)
	for _, e := range v.sentEdges(whole) {
		WriteText(b, e.Label)
	}
	b.WriteByte(0)
	for _, s := range v.Sets {
		WriteText(b, s.Label)
	}
}

// links is where a vertex leads to.
type links struct {
	edges []Edge
	sets  []set
	once  bool // a set that holds a class twice says no more than one that holds it once
}

func (v *Vertex) links(whole bool) links {
	// A oneOf with a branch twice allows nothing.
	return links{edges: v.sentEdges(whole), sets: v.Sets, once: v.Value("choice") != "oneOf"}
}

// write writes them by the names of the vertices. The order in a set means nothing.
func (l links) write(b *bytes.Buffer, name func(*Vertex) []byte) {
	for _, e := range l.edges {
		b.Write(name(e.To))
	}
	for _, s := range l.sets {
		members := make([][]byte, len(s.Members))
		for i, to := range s.Members {
			members[i] = name(to)
		}
		slices.SortFunc(members, bytes.Compare)
		if l.once {
			members = slices.CompactFunc(members, bytes.Equal)
		}
		writeNumber(b, len(members))
		for _, m := range members {
			b.Write(m)
		}
	}
}

// WriteText writes a text with its length, so that no two lists read alike.
func WriteText(b *bytes.Buffer, s string) {
	writeNumber(b, len(s))
	b.WriteString(s)
}

func writeNumber(b *bytes.Buffer, n int) {
	b.Write(binary.AppendUvarint(b.AvailableBuffer(), uint64(n)))
}

// Fingerprint hashes the minimal graph: one entry for each class, numbered in
// the order in which they are met from the root.
func (g *Graph) Fingerprint() (string, error) {
	classes, err := Refine(false, g)
	if err != nil {
		return "", err
	}
	numbers := map[Class]int{classes[g.Root.Index]: 0}
	queue := []*Vertex{g.Root}
	var b bytes.Buffer
	number := func(to *Vertex) []byte {
		n, ok := numbers[classes[to.Index]]
		if !ok {
			n = len(numbers)
			numbers[classes[to.Index]] = n
			queue = append(queue, to)
		}
		return binary.BigEndian.AppendUint32(nil, uint32(n))
	}
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		v.writeOwn(&b, false)
		for _, s := range v.Sets { // number the members in an order of meaning
			for _, to := range ByClass(s.Members, classes) {
				number(to)
			}
		}
		v.links(false).write(&b, number)
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:16]), nil
}

// ByClass returns the members of a set in the order of their classes.
func ByClass(members []*Vertex, classes []Class) []*Vertex {
	members = slices.Clone(members)
	slices.SortStableFunc(members, func(x, y *Vertex) int {
		return bytes.Compare(classes[x.Index][:], classes[y.Index][:])
	})
	return members
}
