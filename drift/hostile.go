package drift

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// HostileError lists what in a document must not reach a code generator.
type HostileError struct {
	// Refused names each thing with its place and what is wrong with it.
	Refused []string
}

// Error implements error.
func (e *HostileError) Error() string {
	const most = 20
	list := e.Refused
	more := ""
	if len(list) > most {
		list, more = list[:most], fmt.Sprintf("\n  and %d more", len(e.Refused)-most)
	}
	return "refused, it must not reach a code generator:\n  " + strings.Join(list, "\n  ") + more
}

// Lengths, in bytes, that real documents stay far below.
const (
	maxNameLength  = 128
	maxValueLength = 1024
)

// refusal looks through a document for what must not reach a code generator.
type refusal struct {
	refused []string
}

// refuseHostile fails with a [*HostileError] if a document, in what ours could
// come to hold of it, would instruct a code generator or could leave the
// comment, the string or the name that it is written into.
func refuseHostile(doc *Document, theirs, ours *graph) error {
	r := &refusal{}
	if err := r.extensions(doc); err != nil {
		return err
	}
	r.servers(theirs, ours)
	r.schemes(theirs, ours)
	for _, v := range theirs.vertices {
		r.vertex(v)
	}
	if len(r.refused) == 0 {
		return nil
	}
	return &HostileError{Refused: sorted(r.refused)}
}

func (r *refusal) add(at, format string, args ...any) {
	r.refused = append(r.refused, fmt.Sprintf("%s: ", printable(at))+fmt.Sprintf(format, args...))
}

// extensions refuses instructions to a code generator in all that was read of
// the document, and in what always is.
func (r *refusal) extensions(doc *Document) error {
	for _, key := range []string{"info", "servers", "tags"} {
		if _, err := doc.member(key); err != nil {
			return err
		}
	}
	for _, scheme := range doc.top.member("components").member("securitySchemes").list() {
		if _, err := doc.parsed(scheme); err != nil {
			return err
		}
	}
	var parts func(p *part)
	parts = func(p *part) {
		if p.opened {
			if instructs(p.key) {
				r.add(p.node.pointer(), "it instructs a code generator")
			}
			for _, member := range p.members {
				if instructs(member.key) {
					r.add(p.node.pointer()+"/"+escapePointer(member.key), "it instructs a code generator")
				}
				parts(member)
			}
			return
		}
		if p.node != nil {
			r.instructions(p.node)
		}
	}
	parts(doc.top)
	return nil
}

// instructs tells whether a key is an instruction to a code generator.
func instructs(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "x-go-") || strings.HasPrefix(key, "x-oapi-")
}

// instructions looks through a value for instructions, and for what the
// generator writes as comments beside the addresses of servers.
func (r *refusal) instructions(n *node) {
	if n.key == "servers" && n.kind == arrayNode {
		for _, server := range n.kids {
			r.text(server.pointer(), "the description of a server", server.get("description").str(), lines)
		}
	}
	for i, kid := range n.kids {
		if n.kind == objectNode && instructs(n.keys[i]) {
			r.add(kid.pointer(), "it instructs a code generator")
		}
		r.instructions(kid)
	}
}

// vertex looks at what a vertex says, and at the names of what it leads to.
func (r *refusal) vertex(v *vertex) {
	at := v.pointer()
	goNames := map[string]string{}
	for _, e := range v.edges {
		word, name, _ := strings.Cut(e.label, " ")
		switch word {
		case "property", "header", "encoding", "dependent":
			r.name(e.to, at, "the name of a "+word, name, word, goNames)
		case "parameter":
			in, called, _ := strings.Cut(name, " ")
			if path := e.to.value("name"); in == "path" && path != "" {
				called = path
			}
			among := "parameter" // all but those of the path become one struct
			if in == "path" {
				among = in
			}
			r.name(e.to, at, "the name of a "+in+" parameter", called, among, goNames)
		case "media":
			if !mediaName.MatchString(name) {
				r.add(at, "%.100q is no media type", name)
			}
			r.text(at, "a media type", name, quotes)
		case "response":
			if !statusName.MatchString(name) {
				r.add(at, "%.100q is no status", name)
			}
		case "mapping", "link":
			r.text(at, "the name of a "+word, name, quotes)
		case "callback":
			r.text(at, "a callback", name, quotes)
		}
	}
	if v.kind == "operation" {
		_, path, _ := strings.Cut(v.title, " ")
		r.text(at, "a path", path, quotes)
	}
	for _, f := range v.facts {
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

// name looks at a name that becomes one of Go, and whether another one among
// those beside it becomes the same.
func (r *refusal) name(v *vertex, at, what, name, among string, beside map[string]string) {
	if v.pointer() != "" {
		at = v.pointer()
	}
	why := leaves(name, quotes)
	switch key := goKey(name); {
	case why != "":
		r.add(at, "%s holds %s: %.100q", what, why, name)
	case len(name) > maxNameLength:
		r.add(at, "%s is longer than %d bytes", what, maxNameLength)
	case !tagName.MatchString(name):
		r.add(at, "%s, %.100q, holds more than letters and digits of English, blanks and _.$@[]-", what, name)
	case !strings.ContainsFunc(key, func(c rune) bool { return c >= 'a' && c <= 'z' }):
		r.add(at, "%s has no letter: %.100q is no name", what, name)
	default:
		r.alike(at, what, name, among+" "+key, beside)
	}
}

// alike refuses what would be one name in Go with another, and notes it.
func (r *refusal) alike(at, what, name, key string, beside map[string]string) {
	if other, ok := beside[key]; ok {
		r.add(at, "%s, %.100q, and another, %.100q, are one name in Go", what, name, other)
	}
	beside[key] = name
}

// goKey is the same for any two names that a code generator could make one of,
// however it writes capitals and what stands between words.
func goKey(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, name)
}

func (r *refusal) fact(at string, v *vertex, f fact) {
	word, rest, _ := strings.Cut(f.name, " ")
	constants := map[string]string{}
	for _, value := range f.values {
		switch word {
		case "operationId": // made a name of Go before it is written
			r.text(at, "the operationId", value, quotes&^apostrophe)
		case "format":
			if !formatName.MatchString(value) {
				r.add(at, "the format is no name: %.100q", value)
			}
		case "discriminator", "contentType", "contentEncoding", "contentMediaType", "dependentRequired", "style":
			r.text(at, "the "+word, value, quotes)
			r.text(at, "the "+word, rest, quotes)
		case "pattern":
			r.text(at, "a pattern", value, quotes&^backslash&^apostrophe)
		case "enum":
			r.value(at, "a value of a set", value)
			if !strings.HasPrefix(value, `"`) {
				continue
			}
			if v.types()&stringType == 0 {
				r.add(at, "a value of a set is a text, %.100s, where no text is allowed", value)
			}
			if key := goKey(value); key != "" {
				r.alike(at, "a value of a set", value, key, constants)
			}
		case "default", "keyword", "link", "multipleOf":
			r.value(at, "the "+word, value)
			r.text(at, "the "+word, rest, quotes)
		}
	}
}

// value looks at every text in a JSON value.
func (r *refusal) value(at, what, canonical string) {
	var decoded any
	if strings.HasPrefix(canonical, contradiction) || json.Unmarshal([]byte(canonical), &decoded) != nil {
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
func (r *refusal) text(at, what, s string, not forbidden) {
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
