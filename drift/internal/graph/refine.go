package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
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
	var vertices []*Vertex
	size := 0
	for _, g := range graphs {
		for _, v := range g.Vertices {
			v.Index = len(vertices)
			vertices = append(vertices, v)
			size += 1 + len(v.Edges)
			for _, s := range v.Sets {
				size += len(s.Members)
			}
		}
	}
	own := make([]Class, len(vertices))
	var buf bytes.Buffer
	for i, v := range vertices {
		buf.Reset()
		v.writeOwn(&buf, whole)
		own[i] = Digest(buf.Bytes())
	}
	classes, count := slices.Clone(own), distinct(own)
	for rounds := 1; ; rounds++ {
		if rounds*size > maxWork {
			return nil, fmt.Errorf("%d parts that refer to one another in chains of over %d: too entangled to judge", len(vertices), rounds)
		}
		next := make([]Class, len(vertices))
		for i, v := range vertices {
			buf.Reset()
			buf.Write(own[i][:])
			v.writeLinks(&buf, whole, func(to *Vertex) []byte { return classes[to.Index][:] })
			next[i] = Digest(buf.Bytes())
		}
		n := distinct(next)
		classes = next
		if n == count {
			return classes, nil
		}
		count = n
	}
}

// Digest hashes what a vertex says.
func Digest(b []byte) Class {
	sum := sha256.Sum256(b)
	return Class(sum[:16])
}

func distinct(classes []Class) int {
	seen := make(map[Class]struct{}, len(classes))
	for _, c := range classes {
		seen[c] = struct{}{}
	}
	return len(seen)
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
	for e := range v.wireEdges(whole) {
		WriteText(b, e.Label)
	}
	b.WriteByte(0)
	for _, s := range v.Sets {
		WriteText(b, s.Label)
	}
}

// writeLinks writes where a vertex leads to. The order in a set means nothing.
func (v *Vertex) writeLinks(b *bytes.Buffer, whole bool, name func(*Vertex) []byte) {
	for e := range v.wireEdges(whole) {
		b.Write(name(e.To))
	}
	for _, s := range v.Sets {
		members := make([][]byte, len(s.Members))
		for i, to := range s.Members {
			members[i] = slices.Clone(name(to))
		}
		slices.SortFunc(members, bytes.Compare)
		if v.Value("choice") != "oneOf" { // a oneOf with a branch twice allows nothing
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
		v.writeLinks(&b, false, number)
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
