package compare

import (
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// below appends what a label adds to a place.
func (p place) below(label string, v *graph.Vertex) place {
	word, rest, _ := strings.Cut(label, " ")
	add := ""
	switch word {
	case "", "schema", "choice", "if", "then", "else", "not":
	case "property":
		add = "." + oneStep(rest)
	case "items", "contains":
		add = "[]"
	case "prefixItems":
		add = "[" + rest + "]"
	case "additionalProperties":
		add = ".*"
	case "pattern":
		add = "./" + rest + "/"
	case "mapping":
		add = "(" + oneStep(rest) + ")"
	case "branch":
		return p.then(place{"<" + branchName(v) + ">", "<" + alternative(v) + ">"})
	case "media":
		if rest != "application/json" {
			add = " " + rest
		}
	case "parameter":
		number := strings.TrimPrefix(rest, "path ")
		if number != rest {
			title := "path parameter " + number
			if v != nil {
				title = v.Title
			}
			return place{p.key + " path parameter " + number, p.text + " " + title}
		}
		in, name, _ := strings.Cut(rest, " ")
		add = " " + in + " parameter " + oneStep(name)
	default:
		add = " " + label
	}
	return p.then(place{add, add})
}

// then appends one step to a place. The first property after a status or a media type
// stands apart.
func (p place) then(step place) place {
	if inSchema(step.key) && !inSchema(p.key[strings.LastIndexByte(p.key, ' ')+1:]) {
		step = place{" " + step.key, " " + step.text}
	}
	return place{p.key + step.key, p.text + step.text}
}

// oneStep quotes a name that reads as something else: as another step, as
// several, or as none.
func oneStep(name string) string {
	if name != "" && !strings.ContainsAny(name, " .[](){}<>*,/\"\\") {
		return name
	}
	return strings.ReplaceAll(document.QuoteJSON(name), " ", `\u0020`)
}

// branchName describes an alternative by its type and what it has. Ids are made of it.
func branchName(v *graph.Vertex) string {
	var names []string
	for _, e := range v.Edges {
		if p, ok := strings.CutPrefix(e.Label, "property "); ok {
			names = append(names, oneStep(p))
		}
	}
	return withType(v, names)
}

// alternative describes an alternative for people: the properties that have one value in
// it, which is what it is known by, come first.
func alternative(v *graph.Vertex) string {
	var fixed, others []string
	for _, e := range v.Edges {
		p, ok := strings.CutPrefix(e.Label, "property ")
		switch value := onlyValue(e.To); {
		case !ok:
		case value != "":
			fixed = append(fixed, oneStep(p)+"="+value)
		default:
			others = append(others, oneStep(p))
		}
	}
	return withType(v, append(fixed, others...))
}

// withType puts the first of some names to the type of a schema.
func withType(v *graph.Vertex, names []string) string {
	const most = 3
	text := v.Value("type")
	if text == "" {
		text = "any"
	}
	if len(names) > 0 {
		text += "{" + strings.Join(names[:min(most, len(names))], ",") + "}"
	}
	return text
}

// onlyValue returns the one value that a schema allows, "" if it allows others.
func onlyValue(v *graph.Vertex) string {
	const most = 40 // in bytes, of what is read at a glance
	values := v.Fact("enum").List()
	if len(values) != 1 || len(values[0]) > most || v.OpenValues() || strings.HasPrefix(values[0], graph.Contradiction) {
		return ""
	}
	return values[0]
}

// tail returns what a place names below its status and media type.
func tail(key string) string {
	if _, rest, ok := strings.Cut(key, "header "); ok && strings.HasPrefix(key, "response ") {
		return "header " + rest
	}
	if i := strings.LastIndexByte(key, ' '); i >= 0 && strings.HasPrefix(key, "response ") && inSchema(key[i+1:]) {
		return key[i+1:]
	}
	return key
}

// lastName returns the property that a place names, or its tail if it names
// none.
func lastName(key string) string {
	t := tail(strings.TrimSpace(key))
	if i := strings.LastIndex(t, `."`); i >= 0 && strings.HasSuffix(t, `"`) { // one that is quoted
		return t[i:]
	}
	if i := strings.LastIndexByte(t, '.'); i >= 0 && inSchema(t[strings.LastIndexByte(t, ' ')+1:]) {
		return t[i:]
	}
	return t
}

// inSchema reports whether a step of a place leads into a value.
func inSchema(step string) bool {
	return step != "" && strings.IndexByte(".[<(", step[0]) >= 0
}
