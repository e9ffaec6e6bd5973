package module_test

import (
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is what a package may import besides the standard library. Its tests may import
// more. DESIGN.md has the same table.
type room struct {
	own     []string // packages of this module
	foreign []string // packages of others
	all     bool     // everything
}

var rooms = map[string]room{
	"internal/printable":        {},
	"internal/secret":           {},
	"internal/testpki":          {},
	"gen/api":                   {own: []string{"internal/secret"}},
	"gen/server":                {own: []string{"gen/api"}, foreign: []string{"github.com/oapi-codegen/runtime"}},
	"originpull":                {own: []string{"gen/api", "internal/printable", "internal/secret"}},
	"originpull/origin":         {},
	"originpull/probe":          {},
	"internal/originconfig":     {},
	"internal/testorigin":       {own: []string{"originpull/probe"}},
	"originpull/originpulltest": {own: []string{"gen/api", "gen/server", "internal/printable", "internal/secret", "internal/testpki"}},
	"originpull/rotate":         {own: []string{"originpull", "originpull/probe"}},
	"internal/yamlnode":         {foreign: []string{"gopkg.in/yaml.v3"}},
	"internal/overlay":          {own: []string{"internal/printable", "internal/yamlnode"}, foreign: []string{"github.com/speakeasy-api/openapi/overlay", "github.com/speakeasy-api/openapi/yml", "github.com/theory/jsonpath", "github.com/theory/jsonpath/registry", "github.com/theory/jsonpath/spec", "gopkg.in/yaml.v3"}},
	"internal/certs":            {},
	"internal/changelog":        {},
	"internal/goapi":            {foreign: []string{"golang.org/x/exp/apidiff", "golang.org/x/tools/go/packages"}},
	"internal/cmd/fakeupstream": {own: []string{"internal/overlay"}, foreign: []string{"gopkg.in/yaml.v3"}},
	"internal/modcopy":          {foreign: []string{"github.com/gofrs/flock"}},
	"internal/network":          {},
	"internal/explore":          {},
	"internal/atomicfile":       {},
	"internal/cmd/generate":     {own: []string{"internal/atomicfile", "internal/overlay", "internal/yamlnode"}, foreign: []string{"github.com/getkin/kin-openapi/openapi3", "gopkg.in/yaml.v3"}},
	"internal/upgrade":          {own: []string{"internal/goapi", "internal/modcopy"}, foreign: []string{"golang.org/x/mod/semver"}},
	"drift/internal/document":   {own: []string{"internal/printable", "internal/yamlnode"}, foreign: []string{"github.com/go-json-experiment/json/jsontext", "gopkg.in/yaml.v3"}},
	"drift/internal/graph":      {own: []string{"drift/internal/document"}},
	"drift/internal/compare":    {own: []string{"drift/internal/document", "drift/internal/graph"}},
	"drift/internal/slice":      {own: []string{"drift/internal/document", "drift/internal/graph", "internal/yamlnode"}, foreign: []string{"github.com/go-json-experiment/json/jsontext", "gopkg.in/yaml.v3"}},
	"drift/internal/handover":   {own: []string{"drift/internal/document", "drift/internal/graph", "drift/internal/compare"}},
	"drift/internal/refusal":    {own: []string{"drift/internal/document", "drift/internal/graph"}},
	"drift/internal/drifttest":  {foreign: []string{"gopkg.in/yaml.v3"}},
	"drift": {
		own:     []string{"drift/internal/document", "drift/internal/graph", "drift/internal/compare", "drift/internal/slice", "drift/internal/handover", "internal/atomicfile", "internal/overlay", "internal/printable"},
		foreign: []string{"gopkg.in/yaml.v3"},
	},
	"drift/propose": {
		own:     []string{"drift", "drift/internal/document", "drift/internal/graph", "drift/internal/compare", "drift/internal/slice", "drift/internal/handover", "drift/internal/refusal", "internal/atomicfile", "internal/overlay", "internal/printable", "internal/yamlnode"},
		foreign: []string{"gopkg.in/yaml.v3"},
	},
	"drift/try": {own: []string{"drift", "drift/propose", "internal/changelog", "internal/goapi", "internal/atomicfile", "internal/modcopy", "internal/network", "internal/printable"}},
	"spec":      {},
	"contract_test": {
		own:     []string{"gen/api", "originpull", "originpull/originpulltest", "internal/printable", "internal/testpki", "spec"},
		foreign: []string{"github.com/getkin/kin-openapi/openapi3", "github.com/getkin/kin-openapi/openapi3filter", "github.com/getkin/kin-openapi/routers", "github.com/getkin/kin-openapi/routers/legacy", "github.com/jarcoal/httpmock"},
	},
	"internal/cmd/apidiff":      {all: true},
	"internal/cmd/leakscan":     {all: true},
	"internal/cmd/release":      {all: true},
	"internal/cmd/termcast":     {all: true},
	"internal/cmd/upgradecheck": {all: true},
	"internal/cmd/upstreampr":   {own: []string{"drift", "drift/try", "internal/cli", "internal/printable"}, foreign: []string{"github.com/spf13/cobra"}},
	"internal/cli":              {all: true},
	"internal/nightly":          {all: true},
	"internal/prism":            {all: true},
	"cmd/contract":              {all: true},
	"cmd/nightly":               {all: true},
	"internal/demo":             {all: true},
	"internal/operator":         {all: true},
	"internal/zonewatch":        {all: true},
	"internal/rotation":         {all: true},
	"cmd/drift":                 {all: true},
	"cmd/drift-try":             {all: true},
	"cmd/originpull":            {all: true},
	"examples/rotation":         {own: []string{"originpull", "originpull/probe", "originpull/rotate"}},
	".":                         {foreign: []string{"github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", "github.com/rhysd/actionlint/cmd/actionlint", "golang.org/x/vuln/cmd/govulncheck", "honnef.co/go/tools/cmd/staticcheck"}}, // tools.go, never built
}

// forbids returns those of the imports that the room may not have.
func (r room) forbids(imports []string) []string {
	return slices.DeleteFunc(slices.Clone(imports), func(name string) bool {
		if own, ok := strings.CutPrefix(name, modulePath+"/"); ok {
			return r.all || slices.Contains(r.own, own)
		}
		first, _, _ := strings.Cut(name, "/")
		return r.all || !strings.Contains(first, ".") || slices.Contains(r.foreign, name)
	})
}

// TestImports holds every package to the table, under all build tags.
func TestImports(t *testing.T) {
	t.Parallel()
	found := packageImports(t)
	for dir, imports := range found {
		r, ok := rooms[dir]
		if !ok {
			t.Errorf("%s is not in the table of rooms: say there, and in DESIGN.md, what it may import", dir)
			continue
		}
		for _, name := range r.forbids(imports) {
			t.Errorf("%s imports %s: the table of rooms does not allow that", dir, name)
		}
	}
	for dir := range rooms {
		if found[dir] == nil {
			t.Errorf("the table of rooms has %s, which holds no code", dir)
		}
	}
}

// packageImports returns what the Go files of each folder import, tests and test
// data left out.
func packageImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for _, file := range trackedFiles(t) {
		name := file.Path()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(name)
		if imports[dir] == nil {
			imports[dir] = []string{}
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports[dir] = append(imports[dir], imported)
		}
	}
	return imports
}

func TestRoomsForbid(t *testing.T) {
	t.Parallel()
	const own = modulePath + "/"
	tests := map[string]struct {
		room    string
		imports []string
		want    []string
	}{
		"standard library":      {"originpull", []string{"context", "encoding/json/v2"}, nil},
		"an allowed room":       {"originpull", []string{own + "gen/api"}, nil},
		"SDK of the server":     {"originpull", []string{own + "gen/server"}, []string{own + "gen/server"}},
		"SDK of others":         {"originpull", []string{"context", "golang.org/x/time/rate"}, []string{"golang.org/x/time/rate"}},
		"probe of the SDK":      {"originpull/probe", []string{"crypto/tls", own + "originpull"}, []string{own + "originpull"}},
		"origin of the probe":   {"originpull/origin", []string{"crypto/tls", own + "originpull/probe"}, []string{own + "originpull/probe"}},
		"simulator of the SDK":  {"originpull/originpulltest", []string{own + "originpull"}, []string{own + "originpull"}},
		"api of runtime":        {"gen/api", []string{"github.com/oapi-codegen/runtime"}, []string{"github.com/oapi-codegen/runtime"}},
		"a package below one":   {"gen/server", []string{"github.com/oapi-codegen/runtime/strictmiddleware"}, []string{"github.com/oapi-codegen/runtime/strictmiddleware"}},
		"a program of anything": {"cmd/originpull", []string{own + "originpull", "github.com/spf13/cobra"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rooms[test.room].forbids(test.imports); !slices.Equal(got, test.want) {
				t.Errorf("%s may not import %v, want %v", test.room, got, test.want)
			}
		})
	}
}

// TestDesignTable compares the table in DESIGN.md with the one above.
func TestDesignTable(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(design), "\n| package | may import |\n|---|---|\n")
	if !found {
		t.Fatal("DESIGN.md has no table of packages and what they may import")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	quoted := regexp.MustCompile("`([^`]+)`")
	listed := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		allowed, _, _ := strings.Cut(cells[2], ";") // after it stands what is never imported
		var own []string
		for _, name := range quoted.FindAllStringSubmatch(allowed, -1) {
			own = append(own, name[1])
		}
		for _, name := range quoted.FindAllStringSubmatch(cells[1], -1) {
			dir := strings.Replace(name[1], "cmd/…", "cmd/originpull", 1)
			if listed[dir] {
				t.Errorf("the table in DESIGN.md lists %s twice", dir)
			}
			listed[dir] = true
			if r := rooms[dir]; !slices.Equal(own, r.own) || r.all != strings.Contains(allowed, "all of the above") {
				t.Errorf("DESIGN.md lets %s import%s, the table of this test %v", dir, cells[2], r.own)
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(rooms)) {
		if dir != "." && !listed[dir] {
			t.Errorf("the table in DESIGN.md leaves out %s", dir)
		}
	}
}

// TestSDKDependsOnStandardLibrary asks the go command for all that is compiled into a
// service with each of the packages that services import.
func TestSDKDependsOnStandardLibrary(t *testing.T) {
	t.Parallel()
	sdk := []string{"gen/api", "internal/printable", "internal/secret", "originpull"}
	for name, own := range map[string][]string{
		"originpull":        sdk,
		"originpull/origin": {"originpull/origin"},
		"originpull/probe":  {"originpull/probe"},
		"originpull/rotate": append(slices.Clone(sdk), "originpull/probe", "originpull/rotate"),
	} {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+name).Output()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Fields(string(out))
		slices.Sort(got)
		var want []string
		for _, p := range own {
			want = append(want, modulePath+"/"+p)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s depends on %v, want %v and the standard library alone", name, got, want)
		}
	}
}
