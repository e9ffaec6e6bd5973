package overlay

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/theory/jsonpath/spec"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// Reach knows which places of a document actions can look at or change, whatever the
// document is. So a document can be written in which those places are written out, and
// everything else refers to what it shares with other places.
type Reach struct {
	tracks []*track
	states map[string]state     // by JSON pointers
	shown  map[string][2]string // what At returns, by JSON pointers
}

// track is a target of an action, or what it copies.
type track struct {
	action   Action
	segments []*spec.Segment
	update   *yaml.Node                     // what is merged into what is selected
	levels   int                            // of what is selected, how many levels are read
	filters  map[*spec.FilterSelector]state // what its filters read at what they may select
}

// all is the number of levels of a whole tree.
const all = math.MaxInt

// step is how far an action has come at a place: it has matched some segments, it
// reads some levels, or it merges an update.
type step struct {
	track   *track
	matched int
	levels  int
	update  *yaml.Node
}

// state is where actions have come at a place.
type state []step

// NewReach returns what the actions of some overlays can reach. An action whose path is
// malformed reaches nothing: applying it fails.
func NewReach(overlays []*Overlay) *Reach {
	r := &Reach{states: map[string]state{}, shown: map[string][2]string{}}
	for _, o := range overlays {
		for i, action := range o.Actions() {
			written := o.doc.Actions[i]
			target := &track{action: action}
			switch {
			case written.Copy != "":
				target.levels = all
				r.add(&track{action: action, levels: all}, written.Copy)
			case !written.Remove:
				target.update = &written.Update
			}
			r.add(target, written.Target)
		}
	}
	return r
}

// add adds a track that follows a path.
func (r *Reach) add(t *track, text string) {
	path, err := parsePath(text)
	if err != nil {
		return
	}
	t.segments, t.filters = path.Query().Segments(), map[*spec.FilterSelector]state{}
	r.tracks = append(r.tracks, t)
	root := t.arrive(0)
	for _, segment := range t.segments {
		for _, selector := range segment.Selectors() {
			filter, ok := selector.(*spec.FilterSelector)
			if !ok {
				continue
			}
			if readsRoot(filter) {
				root = append(root, step{track: t, levels: all})
			}
			t.filters[filter] = r.readBy(filter, t)
		}
	}
	r.states[""] = append(r.states[""], root...)
}

// unescaper undoes the escapes of a JSON pointer.
var unescaper = strings.NewReplacer("~1", "/", "~0", "~")

// At returns what actions look at or change at a JSON pointer and below: a key that is
// the same for places where the same is looked at, empty if nothing is, and the action
// that looks at it, the one that looks at most if there are several.
func (r *Reach) At(pointer string) (key, action string) {
	at := r.state(pointer)
	if len(at) == 0 {
		return "", ""
	}
	if shown, ok := r.shown[pointer]; ok {
		return shown[0], shown[1]
	}
	widest := at[0]
	var b strings.Builder
	for _, p := range at {
		if p.width() > widest.width() {
			widest = p
		}
		fmt.Fprintf(&b, "%d %d %d %p;", slices.Index(r.tracks, p.track), p.matched, p.levels, p.update)
	}
	r.shown[pointer] = [2]string{b.String(), widest.track.action.String()}
	return r.shown[pointer][0], r.shown[pointer][1]
}

// width says how much a position looks at.
func (p step) width() int {
	if p.levels == 0 && p.update == nil && p.track.segments[p.matched].IsDescendant() {
		return all
	}
	return p.levels
}

func (r *Reach) state(pointer string) state {
	if at, known := r.states[pointer]; known || pointer == "" {
		return at
	}
	last := strings.LastIndexByte(pointer, '/')
	if last < 0 {
		return nil
	}
	around := r.state(pointer[:last])
	if len(around) == 0 {
		return nil
	}
	key := unescaper.Replace(pointer[last+1:])
	var at state
	for _, p := range around {
		for _, next := range p.child(key) {
			if !slices.Contains(at, next) {
				at = append(at, next)
			}
		}
	}
	r.states[pointer] = at
	return at
}

// arrive returns the position of a track at a place up to which it has matched.
func (t *track) arrive(matched int) state {
	switch {
	case matched < len(t.segments):
		return state{{track: t, matched: matched}}
	case t.update != nil:
		return state{{track: t, matched: matched, update: t.update}}
	case t.levels > 0:
		return state{{track: t, matched: matched, levels: t.levels}}
	}
	return nil // it is removed, whatever it is
}

// child returns the positions at a member of a place, or at an element: a pointer does not
// say which of these it is.
func (p step) child(key string) state {
	switch {
	case p.update != nil:
		return p.merged(key)
	case p.levels == all:
		return state{p}
	case p.levels > 1:
		p.levels--
		return state{p}
	case p.levels > 0:
		return nil
	}
	var out state
	segment := p.track.segments[p.matched]
	for _, selector := range segment.Selectors() {
		switch selector := selector.(type) {
		case spec.Name:
			if key == string(selector) {
				out = append(out, p.track.arrive(p.matched+1)...)
			}
		case *spec.FilterSelector:
			out = append(out, p.track.filters[selector]...)
			out = append(out, p.track.arrive(p.matched+1)...)
		default:
			out = append(out, p.track.arrive(p.matched+1)...)
		}
	}
	if segment.IsDescendant() {
		out = append(out, p)
	}
	return out
}

// merged returns the positions at a child of what an update is merged into: at what the
// update has too, and at elements, to which it is compared before it is appended.
func (p step) merged(key string) state {
	var out state
	if value := yamlnode.Field(p.update, key); value != nil {
		out = append(out, step{track: p.track, update: value})
	}
	if _, err := strconv.Atoi(key); err == nil {
		levels := height(p.update) + 1
		if p.update.Kind == yaml.SequenceNode {
			levels-- // each of its elements is compared
		}
		out = append(out, step{track: p.track, levels: max(levels, 1)})
	}
	return out
}

// height returns how many levels are below a value.
func height(n *yaml.Node) int {
	most := 0
	for _, child := range n.Content {
		most = max(most, height(child)+1)
	}
	return most
}

// compared matches each comparison, and simple those with a number, a text, true, false or
// null on the right.
var (
	compared = regexp.MustCompile(`(?:[=!<>]=|<|>) `)
	simple   = regexp.MustCompile(`(?:[=!<>]=|<|>) (?:""|-?\d|true\b|false\b|null\b)`)
)

// queries matches each text in a filter, and each query below what the filter may select:
// one without unions and filters of its own as a whole, and as its group.
var queries = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|@((?:\[(?:"(?:[^"\\]|\\.)*"|\*)\])*)(\[)?`)

// readBy returns what a filter of a track reads at what it may select: where its queries
// lead, or, if they are not simple, as many levels as it has segments, and all to
// compare lists and objects.
func (r *Reach) readBy(filter *spec.FilterSelector, t *track) state {
	form := formOf(filter)
	if strings.Contains(form, "..") || len(compared.FindAllString(form, -1)) != len(simple.FindAllString(form, -1)) {
		return state{{track: t, levels: all}}
	}
	out := state{{track: t, levels: 1}}
	for _, query := range queries.FindAllStringSubmatch(filter.String(), -1) {
		if query[1] == "" && query[2] == "" {
			continue
		}
		path, err := parsePath("$" + query[1])
		if err != nil || query[2] != "" {
			return state{{track: t, levels: strings.Count(form, "[") + 1}}
		}
		below := &track{action: t.action, segments: path.Query().Segments(), levels: 1}
		r.tracks = append(r.tracks, below)
		out = append(out, below.arrive(0)...)
	}
	return out
}
