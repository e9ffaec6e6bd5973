package drift

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/internal/overlay"
)

// toucher finds what of ours a finding bears on: the line in our document,
// the actions of overlays there, and the Go files that mention the operation.
type toucher struct {
	config   *Config
	ours     *Document
	graph    *graph
	actions  []overlay.Action
	code     map[string]string   // text by file
	mentions map[string][]string // files by the operationIds that they mention, as far as asked for
}

func (t *toucher) load() error {
	for _, dir := range t.config.Touches.Overlays {
		overlays, err := overlay.Load(os.DirFS(t.config.dir), dir)
		if err != nil {
			return err
		}
		for _, o := range overlays {
			t.actions = append(t.actions, o.Actions()...)
		}
	}
	t.code, t.mentions = map[string]string{}, map[string][]string{}
	for _, dir := range t.config.Touches.Code {
		files, err := filepath.Glob(filepath.Join(t.config.path(dir), "*.go"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("touches: %s holds no Go file", dir)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			t.code[path.Join(dir, filepath.Base(file))] = string(text)
		}
	}
	return nil
}

func (t *toucher) files(f *Finding) []string {
	var lines, actions, code []string
	for _, pointer := range f.Old {
		if n, err := t.ours.at(pointerSteps(pointer)); err == nil && n != nil && n.line > 0 {
			lines = append(lines, fmt.Sprintf("%s:%d", t.config.Spec, n.line))
		}
		for _, a := range t.actions {
			if touchesPointer(a.Target, pointer) {
				actions = append(actions, fmt.Sprintf("%s action %d", a.File, a.Index))
			}
		}
	}
	for _, id := range t.operationIDs(f) {
		code = append(code, t.mention(id)...)
	}
	return slices.Concat(sorted(lines), sorted(actions), sorted(code))
}

// mention returns the Go files that mention an operationId.
func (t *toucher) mention(id string) []string {
	files, ok := t.mentions[id]
	if !ok {
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(id) + `\b`)
		for file, text := range t.code {
			if word.MatchString(text) {
				files = append(files, file)
			}
		}
		t.mentions[id] = files
	}
	return files
}

func (t *toucher) operationIDs(f *Finding) []string {
	var out []string
	for _, w := range f.found.Where {
		for _, wire := range w.wire {
			if op := t.graph.root.edge(wire); op != nil && op.value("operationId") != "" {
				out = append(out, op.value("operationId"))
			}
		}
	}
	return sorted(out)
}

var pathStep = regexp.MustCompile(`^(?:\.([A-Za-z_][\w-]*|\*)|\[(?:'([^']*)'|"([^"]*)"|(\*))\])`)

// touchesPointer tells whether a target made of plain steps is the place of a
// pointer, or holds it, or is held by it. Of other targets nothing is known.
func touchesPointer(target, pointer string) bool {
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
	at := pointerSteps(pointer)
	common := min(len(steps), len(at))
	if !ok || common == 0 {
		return false
	}
	return slices.EqualFunc(steps[:common], at[:common], func(a, b string) bool { return a == b || a == "*" })
}
