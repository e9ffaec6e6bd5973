package drift

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

// class names the vertices that nothing reachable from them tells apart.
type class [16]byte

// refine gives every vertex of the graphs its class by partition refinement:
// in each round a vertex is told apart by what it says and by the classes of
// what it leads to, until a round tells no more apart. So cycles need no care
// and shared parts are looked at once a round. With whole, also what is
// editorial counts.
func refine(whole bool, graphs ...*graph) ([]class, error) {
	var vertices []*vertex
	size := 0
	for _, g := range graphs {
		for _, v := range g.vertices {
			v.index = len(vertices)
			vertices = append(vertices, v)
			size += 1 + len(v.edges)
			for _, s := range v.sets {
				size += len(s.members)
			}
		}
	}
	own := make([]class, len(vertices))
	var buf bytes.Buffer
	for i, v := range vertices {
		buf.Reset()
		v.writeOwn(&buf, whole)
		own[i] = digest(buf.Bytes())
	}
	classes, count := slices.Clone(own), distinct(own)
	for rounds := 1; ; rounds++ {
		if rounds*size > maxWork {
			return nil, fmt.Errorf("%d parts that refer to one another in chains of over %d: too entangled to judge", len(vertices), rounds)
		}
		next := make([]class, len(vertices))
		for i, v := range vertices {
			buf.Reset()
			buf.Write(own[i][:])
			v.writeLinks(&buf, whole, func(to *vertex) []byte { return classes[to.index][:] })
			next[i] = digest(buf.Bytes())
		}
		n := distinct(next)
		classes = next
		if n == count {
			return classes, nil
		}
		count = n
	}
}

func digest(b []byte) class {
	sum := sha256.Sum256(b)
	return class(sum[:16])
}

func distinct(classes []class) int {
	seen := make(map[class]struct{}, len(classes))
	for _, c := range classes {
		seen[c] = struct{}{}
	}
	return len(seen)
}

// writeOwn writes what a vertex says of itself, each piece with its length so
// that no two vertices read alike.
func (v *vertex) writeOwn(b *bytes.Buffer, whole bool) {
	writeText(b, v.kind)
	writeText(b, string(v.dir))
	for _, f := range v.facts {
		if f.editorial && !whole {
			continue
		}
		writeText(b, f.name)
		writeNumber(b, len(f.values))
		for _, value := range f.values {
			writeText(b, value)
		}
	}
	b.WriteByte(0)
	for e := range v.wireEdges(whole) {
		writeText(b, e.label)
	}
	b.WriteByte(0)
	for _, s := range v.sets {
		writeText(b, s.label)
	}
}

// writeLinks writes where a vertex leads to. The order in a set means nothing.
func (v *vertex) writeLinks(b *bytes.Buffer, whole bool, name func(*vertex) []byte) {
	for e := range v.wireEdges(whole) {
		b.Write(name(e.to))
	}
	for _, s := range v.sets {
		members := make([][]byte, len(s.members))
		for i, to := range s.members {
			members[i] = slices.Clone(name(to))
		}
		slices.SortFunc(members, bytes.Compare)
		if v.value("choice") != "oneOf" { // a oneOf with a branch twice allows nothing
			members = slices.CompactFunc(members, bytes.Equal)
		}
		writeNumber(b, len(members))
		for _, m := range members {
			b.Write(m)
		}
	}
}

func writeText(b *bytes.Buffer, s string) {
	writeNumber(b, len(s))
	b.WriteString(s)
}

func writeNumber(b *bytes.Buffer, n int) {
	b.Write(binary.AppendUvarint(b.AvailableBuffer(), uint64(n)))
}

// fingerprint hashes the minimal graph: one entry for each class, numbered in
// the order in which they are met from the root.
func (g *graph) fingerprint() (string, error) {
	classes, err := refine(false, g)
	if err != nil {
		return "", err
	}
	numbers := map[class]int{classes[g.root.index]: 0}
	queue := []*vertex{g.root}
	var b bytes.Buffer
	number := func(to *vertex) []byte {
		n, ok := numbers[classes[to.index]]
		if !ok {
			n = len(numbers)
			numbers[classes[to.index]] = n
			queue = append(queue, to)
		}
		return binary.BigEndian.AppendUint32(nil, uint32(n))
	}
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		v.writeOwn(&b, false)
		for _, s := range v.sets { // number the members in an order of meaning
			for _, to := range byClass(s.members, classes) {
				number(to)
			}
		}
		v.writeLinks(&b, false, number)
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:16]), nil
}

// byClass returns the members of a set in the order of their classes.
func byClass(members []*vertex, classes []class) []*vertex {
	members = slices.Clone(members)
	slices.SortStableFunc(members, func(x, y *vertex) int {
		return bytes.Compare(classes[x.index][:], classes[y.index][:])
	})
	return members
}

// Fingerprint returns 32 hexadecimal digits that stand for the meaning of
// what is in scope: equal for two texts exactly if nothing on the wire differs.
func Fingerprint(doc *Document, scope Scope) (string, error) {
	g, err := build(doc, scope)
	if err != nil {
		return "", err
	}
	return g.fingerprint()
}
