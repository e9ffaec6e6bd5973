package document

import (
	"fmt"
	"strings"
)

// Template is the pattern of a path. On the wire only its fixed text and the
// places of its parameters are seen, not what the parameters are called.
type Template struct {
	Text  string   // as written
	Wire  string   // with {} for each parameter
	Names []string // of the parameters, in order
}

// ParseTemplate reads the pattern of a path.
func ParseTemplate(text string) (Template, error) {
	t := Template{Text: text}
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
		t.Names = append(t.Names, name)
		wire.WriteString("{}")
		rest = tail
	}
	t.Wire = wire.String()
	return t, nil
}

// Under reports whether the path is the prefix or continues it by a segment.
func (t Template) Under(prefix Template) bool {
	rest, ok := strings.CutPrefix(t.Wire, strings.TrimSuffix(prefix.Wire, "/"))
	return ok && (rest == "" || rest[0] == '/')
}
