// Package refusal finds what in a document must not reach a code generator.
package refusal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Lengths, in bytes, that real documents stay far below.
const (
	maxNameLength  = 128
	maxValueLength = 1024
)

// refusal looks through a document for what must not reach a code generator.
type refusal struct {
	refused []string
	origin  func(string) string // of a JSON pointer
	said    map[string]bool     // what is refused of the graph, without its place
	known   map[string]bool     // of it, what ours says too
}

// Of lists, in what ours could come to hold of a document, whatever would instruct a
// code generator or could leave the comment, the string or the name that it is
// written into, each with its place. The graphs are of theirs and of ours; origin returns
// where in the document stands what is at a JSON pointer in theirs. What ours says
// too, word for word, is no danger: it has reached the generator before.
func Of(doc *document.Document, theirs, ours *graph.Graph, origin func(string) string) ([]string, error) {
	r := &refusal{origin: func(pointer string) string { return pointer }}
	if err := r.extensions(doc); err != nil {
		return nil, err
	}
	r.origin = origin
	r.servers(theirs, ours)
	r.schemes(theirs, ours)
	r.known = sayings(ours)
	for _, v := range theirs.Vertices {
		r.vertex(v)
	}
	return document.SortedSet(r.refused), nil
}

// sayings returns what would be refused of ours, without the places.
func sayings(ours *graph.Graph) map[string]bool {
	r := &refusal{said: map[string]bool{}}
	for _, v := range ours.Vertices {
		r.vertex(v)
	}
	return r.said
}

// place returns the JSON pointer of what is looked at. It is asked only where there is
// something to refuse: of a large document it takes longer than to look.
type place func() string

func (r *refusal) add(at place, format string, args ...any) {
	saying := fmt.Sprintf("%q %q", format, args)
	if r.said != nil {
		r.said[saying] = true
		return
	}
	if r.known[saying] {
		return
	}
	r.refused = append(r.refused, fmt.Sprintf("%s: ", document.Line(r.origin(at())))+fmt.Sprintf(format, args...))
}

// extensions refuses instructions to a code generator in all that was read of
// the document, and in what always is.
func (r *refusal) extensions(doc *document.Document) error {
	for _, key := range []string{"info", "servers", "tags"} {
		if _, err := doc.Member(key); err != nil {
			return err
		}
	}
	for _, scheme := range doc.Top.Member("components").Member("securitySchemes").List() {
		if _, err := doc.Parsed(scheme); err != nil {
			return err
		}
	}
	var parts func(p *document.Part)
	parts = func(p *document.Part) {
		if p.Opened {
			if instructs(p.Key) {
				r.add(p.Node.Pointer, "it instructs a code generator")
			}
			for _, member := range p.Members {
				if instructs(member.Key) {
					at := func() string { return p.Node.Pointer() + "/" + document.EscapePointer(member.Key) }
					r.add(at, "it instructs a code generator")
				}
				parts(member)
			}
			return
		}
		if p.Node != nil {
			r.instructions(p.Node)
		}
	}
	parts(doc.Top)
	return nil
}

// instructs reports whether a key is an instruction to a code generator.
func instructs(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "x-go-") || strings.HasPrefix(key, "x-oapi-")
}

// instructions looks through a value for instructions, and for what the
// generator writes as comments beside the addresses of servers.
func (r *refusal) instructions(n *document.Node) {
	if n.Key == "servers" && n.Kind == document.ArrayNode {
		for _, server := range n.Kids {
			r.text(server.Pointer, "the description of a server", server.Get("description").Str(), lines)
		}
	}
	for i, kid := range n.Kids {
		if n.Kind == document.ObjectNode && instructs(n.Keys[i]) {
			r.add(kid.Pointer, "it instructs a code generator")
		}
		r.instructions(kid)
	}
}

// vertex looks at what a vertex says, and at the names of what it leads to.
func (r *refusal) vertex(v *graph.Vertex) {
	at := v.Pointer
	for _, e := range v.Edges {
		word, name, _ := strings.Cut(e.Label, " ")
		switch word {
		case "property", "header", "encoding", "dependent":
			r.name(e.To, at, "the name of a "+word, name)
		case "parameter":
			in, called, _ := strings.Cut(name, " ")
			if path := e.To.Value("name"); in == "path" && path != "" {
				called = path
			}
			r.name(e.To, at, "the name of a "+in+" parameter", called)
		case "media":
			if !mediaName.MatchString(name) {
				r.add(at, "%.100q is not a media type", name)
			}
			r.text(at, "a media type", name, quotes)
		case "response":
			if !statusName.MatchString(name) {
				r.add(at, "%.100q is not a status", name)
			}
		case "mapping", "link":
			r.text(at, "the name of a "+word, name, quotes)
		case "callback":
			r.text(at, "a callback", name, quotes)
		}
	}
	if v.Kind == "operation" {
		_, path, _ := strings.Cut(v.Title, " ")
		r.text(at, "a path", path, quotes)
	}
	for _, f := range v.Facts {
		r.fact(at, v, f)
	}
}

var (
	mediaName  = regexp.MustCompile(`^[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+(; [^\s].*)?$`)
	statusName = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]XX|default)$`)
)

// tagName is what a name may be of which a code generator makes a field and its
// tag, where a comma would begin an option.
var tagName = regexp.MustCompile(`^[A-Za-z0-9_.$@ \[\]-]+$`)

var hasLetter = regexp.MustCompile("[A-Za-z]")

// name looks at a name that becomes one of Go.
func (r *refusal) name(v *graph.Vertex, at place, what, name string) {
	if len(v.At) > 0 {
		at = v.Pointer
	}
	switch why := leaves(name, quotes); {
	case why != "":
		r.add(at, "%s holds %s: %.100q", what, why, name)
	case len(name) > maxNameLength:
		r.add(at, "%s is longer than %d bytes: %.100q", what, maxNameLength, name)
	case !tagName.MatchString(name):
		r.add(at, "%s, %.100q, holds more than letters and digits of English, blanks and _.$@[]-", what, name)
	case !hasLetter.MatchString(name):
		r.add(at, "%s has no letter: %.100q is not a name", what, name)
	}
}

func (r *refusal) fact(at place, v *graph.Vertex, f graph.Fact) {
	word, rest, _ := strings.Cut(f.Name, " ")
	for _, value := range f.Values {
		switch word {
		case "operationId": // made a name of Go before it is written
			r.text(at, "the operationId", value, quotes&^apostrophe)
		case "format":
			if !graph.FormatName.MatchString(value) {
				r.add(at, "the format is not a name: %.100q", value)
			}
		case "discriminator", "contentType", "contentEncoding", "contentMediaType", "dependentRequired", "style":
			r.text(at, "the "+word, value, quotes)
			r.text(at, "the "+word, rest, quotes)
		case "pattern":
			r.text(at, "a pattern", value, quotes&^backslash&^apostrophe)
		case "enum":
			r.value(at, "an enum value", value)
			if !strings.HasPrefix(value, `"`) {
				continue
			}
			if v.Types()&graph.StringType == 0 {
				r.add(at, "an enum value is a string, %.100s, where no string is allowed", value)
			}
		case "default", "keyword", "link", "multipleOf":
			r.value(at, "the "+word, value)
			r.text(at, "the "+word, rest, quotes)
		}
	}
}

// value looks at every text in a JSON value.
func (r *refusal) value(at place, what, canonical string) {
	var decoded any
	if strings.HasPrefix(canonical, graph.Contradiction) || json.Unmarshal([]byte(canonical), &decoded) != nil {
		r.text(at, what, canonical, lines)
		return
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			r.text(at, what, v, quotes&^apostrophe)
		case []any:
			for _, kid := range v {
				walk(kid)
			}
		case map[string]any:
			for key, kid := range v {
				walk(key)
				walk(kid)
			}
		}
	}
	walk(decoded)
}

// forbidden is what a text must not hold.
type forbidden byte

const (
	lines forbidden = 1 << iota // what ends a line or a comment, or is not seen
	apostrophe
	backslash
	otherQuotes
	quotes = lines | apostrophe | backslash | otherQuotes
)

// text refuses a text that could leave what it is written into.
func (r *refusal) text(at place, what, s string, not forbidden) {
	if why := leaves(s, not); why != "" {
		r.add(at, "%s holds %s: %.100q", what, why, s)
	}
}

func leaves(s string, not forbidden) string {
	switch {
	case len(s) > maxValueLength:
		return fmt.Sprintf("more than %d bytes", maxValueLength)
	case strings.Contains(s, "*/"):
		return "the end of a comment"
	}
	for _, c := range s {
		switch {
		case unicode.IsControl(c) || c == '\u2028' || c == '\u2029':
			return "a control character"
		case unicode.Is(unicode.Cf, c):
			return "a character that is not seen"
		case c == '`' || c == '"' && not&otherQuotes != 0:
			return "a quote"
		case c == '\'' && not&apostrophe != 0:
			return "a quote"
		case c == '\\' && not&backslash != 0:
			return "a backslash"
		}
	}
	return ""
}
