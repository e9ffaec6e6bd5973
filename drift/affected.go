package drift

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/overlay"
)

// affected finds what of ours a finding bears on: the line in our document,
// the actions of overlays there, and the Go files that mention the operation.
type affected struct {
	config   *Config
	ours     *document.Document
	graph    *graph.Graph
	actions  []overlay.Action
	code     map[string]string   // text by file
	mentions map[string][]string // files by the operationIds that they mention, as far as asked for
}

func (a *affected) load() error {
	for _, dir := range a.config.Affected.Overlays {
		overlays, err := overlay.Load(os.DirFS(a.config.dir), dir)
		if err != nil {
			return err
		}
		for _, o := range overlays {
			a.actions = append(a.actions, o.Actions()...)
		}
	}
	a.code, a.mentions = map[string]string{}, map[string][]string{}
	for _, dir := range a.config.Affected.Code {
		files, err := filepath.Glob(filepath.Join(a.config.Path(dir), "*.go"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("affected: %s holds no Go file", dir)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			a.code[path.Join(dir, filepath.Base(file))] = string(text)
		}
	}
	return nil
}

func (a *affected) files(f *Finding) []string {
	var lines, actions, code []string
	for _, pointer := range f.Old {
		if n, err := a.ours.At(document.PointerSteps(pointer)); err == nil && n != nil && n.Line > 0 {
			lines = append(lines, fmt.Sprintf("%s:%d", a.config.Spec, n.Line))
		}
		for _, action := range a.actions {
			if coversPointer(action.Target, pointer) {
				actions = append(actions, fmt.Sprintf("%s action %d", action.File, action.Index))
			}
		}
	}
	for _, id := range a.operationIDs(f) {
		code = append(code, a.mention(id)...)
	}
	return slices.Concat(document.SortedSet(lines), document.SortedSet(actions), document.SortedSet(code))
}

// mention returns the Go files that mention an operationId.
func (a *affected) mention(id string) []string {
	files, ok := a.mentions[id]
	if !ok {
		for file, text := range a.code {
			if hasWord(text, id) {
				files = append(files, file)
			}
		}
		a.mentions[id] = files
	}
	return files
}

// hasWord reports whether a text has a word, not only as a part of a longer one.
func hasWord(text, word string) bool {
	inWord := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || text[i] >= '0' && text[i] <= '9' || text[i] >= 'A' && text[i] <= 'Z' || text[i] >= 'a' && text[i] <= 'z')
	}
	for from := 0; word != ""; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if end := i + len(word); !inWord(i-1) && !inWord(end) {
			return true
		}
		from = i + 1
	}
	return false
}

func (a *affected) operationIDs(f *Finding) []string {
	var out []string
	for _, w := range f.found.Where {
		for _, wire := range w.Wire {
			if op := a.graph.Root.Edge(wire); op != nil && op.Value("operationId") != "" {
				out = append(out, op.Value("operationId"))
			}
		}
	}
	return document.SortedSet(out)
}

var pathStep = regexp.MustCompile(`^(?:\.([A-Za-z_][\w-]*|\*)|\[(?:'([^']*)'|"([^"]*)"|(\*))\])`)

// coversPointer reports whether a target made of plain steps is the place of a
// pointer, or holds it, or is held by it. Of other targets nothing is known.
func coversPointer(target, pointer string) bool {
	rest, ok := strings.CutPrefix(target, "$")
	var steps []string
	for rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return false
		}
		steps = append(steps, m[1]+m[2]+m[3]+m[4])
		rest = rest[len(m[0]):]
	}
	at := document.PointerSteps(pointer)
	common := min(len(steps), len(at))
	if !ok || common == 0 {
		return false
	}
	return slices.EqualFunc(steps[:common], at[:common], func(a, b string) bool { return a == b || a == "*" })
}
