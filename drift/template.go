package drift

import (
	"fmt"
	"strings"
)

// template is the pattern of a path. On the wire only its fixed text and the
// places of its parameters are seen, not what the parameters are called.
type template struct {
	text  string   // as written
	wire  string   // with {} for each parameter
	names []string // of the parameters, in order
}

func parseTemplate(text string) (template, error) {
	t := template{text: text}
	if !strings.HasPrefix(text, "/") {
		return t, fmt.Errorf("path %.200q does not begin with a slash", text)
	}
	var wire strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, "{")
		wire.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || name == "" {
			return t, fmt.Errorf("path %.200q has a malformed parameter", text)
		}
		t.names = append(t.names, name)
		wire.WriteString("{}")
		rest = tail
	}
	t.wire = wire.String()
	return t, nil
}

// under tells whether the path is the prefix or continues it by a segment.
func (t template) under(prefix template) bool {
	rest, ok := strings.CutPrefix(t.wire, strings.TrimSuffix(prefix.wire, "/"))
	return ok && (rest == "" || rest[0] == '/')
}
