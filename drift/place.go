package drift

import "strings"

// below appends what a label adds to a place.
func (p place) below(label string, v *vertex) place {
	word, rest, _ := strings.Cut(label, " ")
	add := ""
	switch word {
	case "schema", "choice", "if", "then", "else", "not":
	case "property":
		add = "." + rest
	case "items", "contains":
		add = "[]"
	case "prefixItems":
		add = "[" + rest + "]"
	case "additionalProperties":
		add = ".*"
	case "pattern":
		add = "./" + rest + "/"
	case "mapping":
		add = "(" + rest + ")"
	case "branch":
		add = "<" + branchName(v) + ">"
	case "media":
		if rest != "application/json" {
			add = " " + rest
		}
	case "parameter":
		number := strings.TrimPrefix(rest, "path ")
		if number != rest {
			return place{p.key + " path parameter " + number, p.text + " " + v.title}
		}
		add = " " + rest[:strings.IndexByte(rest, ' ')] + " parameter" + rest[strings.IndexByte(rest, ' '):]
	default:
		add = " " + label
	}
	// The first property after a status or a media type stands apart.
	if strings.HasPrefix(add, ".") || strings.HasPrefix(add, "[") || strings.HasPrefix(add, "<") || strings.HasPrefix(add, "(") {
		if last := p.key[strings.LastIndexByte(p.key, ' ')+1:]; !strings.ContainsAny(last[:min(1, len(last))], ".[<(") {
			add = " " + add
		}
	}
	return place{p.key + add, p.text + add}
}

// branchName describes an alternative by its type and what it has.
func branchName(v *vertex) string {
	name := v.value("type")
	if name == "" {
		name = "any"
	}
	var properties []string
	for _, e := range v.edges {
		if p, ok := strings.CutPrefix(e.label, "property "); ok && len(properties) < 3 {
			properties = append(properties, p)
		}
	}
	if len(properties) > 0 {
		name += "{" + strings.Join(properties, ",") + "}"
	}
	return name
}
