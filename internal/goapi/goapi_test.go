package goapi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

// module is a small module whose public packages hand out types of gen/api as
// aliases, in fields and in functions.
var module = map[string]string{
	"go.mod": "module example.com/m\n\ngo 1.26.0\n",
	"gen/api/api.go": `package api

type Certificate struct {
	ID     string
	Region *Region
	Status Status
	Extra  struct{ Note string }
	base
}

type base struct{ Made string }

type Region struct{ Name string }

type Status string

const (
	StatusActive Status = "active"
	StatusGone   Status = "gone"
)

type Apart struct{ Field string }

type Request struct{ Zone string }

func (Certificate) Short() string { return "" }

func Call(Apart) {}
`,
	"originpull/originpull.go": `package originpull

import "example.com/m/gen/api"

type (
	Certificate = api.Certificate
	State       = api.Status
	Client      struct{ hidden api.Apart }
)

const Active = api.StatusActive

func (*Client) Get() *Certificate { return nil }

func Send(api.Request) {}
`,
	"drift/drift.go": `package drift

import "example.com/m/drift/internal/graph"

func Check(deep bool) {}

func Graph() *graph.Graph { return nil }
`,
	"drift/internal/graph/graph.go": "package graph\n\ntype Graph struct{ Root string }\n",
}

// folder is where newFolder makes folders. It has the same name in each run: what one run has
// compiled there serves the next.
var folder *modcopy.Folder

func TestMain(m *testing.M) { os.Exit(inFolder(m)) }

func inFolder(m *testing.M) (status int) {
	var err error
	if folder, err = modcopy.NewFolder("goapi-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer folder.Remove()
	return m.Run()
}

// write makes a folder of the module with some texts in it replaced.
func write(t *testing.T, edits ...string) string {
	t.Helper()
	dir := newFolder(t)
	for name, text := range module {
		for i := 0; i < len(edits); i += 3 {
			if edits[i] != name {
				continue
			}
			if !strings.Contains(text, edits[i+1]) {
				t.Fatalf("%s does not hold %q", name, edits[i+1])
			}
			text = strings.Replace(text, edits[i+1], edits[i+2], 1)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// newFolder makes an empty folder, whose name is that of the test and a number.
func newFolder(t *testing.T) string {
	t.Helper()
	for n := 0; ; n++ {
		dir := filepath.Join(folder.Dir, fmt.Sprint(strings.ReplaceAll(t.Name(), "/", ","), n))
		if err := os.Mkdir(dir, 0o755); err == nil {
			return dir
		} else if !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, dir string) *API {
	t.Helper()
	api, err := Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const api, sdk = "gen/api/api.go", "originpull/originpull.go"
	old := load(t, write(t))
	tests := map[string]struct {
		edits []string
		want  []string // breaking ones marked by !
	}{
		"nothing":                          {nil, nil},
		"a field of an aliased type gone":  {[]string{api, "	ID     string\n", ""}, []string{"!originpull.Certificate.ID: removed"}},
		"a field of an aliased type added": {[]string{api, "	ID     string\n", "	ID, Kind string\n"}, []string{"originpull.Certificate.Kind: added"}},
		"a field of another type":          {[]string{api, "ID     string", "ID     []string"}, []string{"!originpull.Certificate.ID: changed from string to []string", "!originpull.Certificate: old is comparable, new is not"}},
		"a field becomes a pointer":        {[]string{api, "ID     string", "ID     *string"}, []string{"!originpull.Certificate.ID: changed from string to *string"}},
		"a type without an alias":          {[]string{api, "Region struct{ Name string }", "Region struct{ Name, Code string }"}, []string{"api.Region.Code: added"}},
		"a method of an aliased type gone": {[]string{api, "func (Certificate) Short() string { return \"\" }", ""}, []string{"!originpull.Certificate.Short: removed"}},
		"an aliased type of another kind":  {[]string{api, "type Status string", "type Status int", api, `"active"`, "1", api, `"gone"`, "2"}, []string{"!originpull.State: changed from string to int"}},
		"a type that only a func takes":    {[]string{api, "Request struct{ Zone string }", "Request struct{ Zone int }"}, []string{"!api.Request.Zone: changed from string to int"}},
		"a value that none names":          {[]string{api, "	StatusGone   Status = \"gone\"\n", ""}, nil},
		"a type that none leads to":        {[]string{api, "Apart struct{ Field string }", "Apart struct{}"}, nil},
		"an alias of another type":         {[]string{sdk, "Certificate = api.Certificate", "Certificate = api.Region"}, []string{"!originpull.Certificate: changed from example.com/m/gen/api.Certificate to example.com/m/gen/api.Region", "!originpull.Client.Get: changed from func() *Certificate to func() *Certificate"}},
		"an alias becomes a type":          {[]string{sdk, "State       = api.Status", "State       string"}, []string{"!originpull.State: changed from example.com/m/gen/api.Status to State"}},
		"an alias added":                   {[]string{sdk, "Client      struct", "Apart = api.Apart\n	Client      struct"}, []string{"originpull.Apart: added"}},
		"a parameter added":                {[]string{sdk, "Get()", "Get(id string)"}, []string{"!originpull.Client.Get: changed from func() *Certificate to func(string) *Certificate"}},
		"a field's name in JSON":           {[]string{api, "Region *Region", "Region *Region `json:\"area\"`"}, []string{"!originpull.Certificate.Region: tag changed from none to `json:\"area\"`"}},
		"in a struct without a name":       {[]string{api, "Note string }", "Note string `json:\"n\"` }"}, []string{"!originpull.Certificate.Extra: changed from struct{Note string} to struct{Note string \"json:\\\"n\\\"\"}"}},
		"what else a tag says":             {[]string{api, "ID     string", "ID     string `json:\",omitempty\"`"}, []string{"originpull.Certificate.ID: tag changed from none to `json:\",omitempty\"`"}},
		"in a struct that is embedded":     {[]string{api, "base struct{ Made string }", "base struct{ Made string `json:\"at\"` }"}, []string{"!api.base.Made: tag changed from none to `json:\"at\"`"}},
		"of what is embedded":              {[]string{api, "	base\n", "	base `json:\"base\"`\n"}, []string{"!originpull.Certificate.base: tag changed from none to `json:\"base\"`"}},
		"a tag of a hidden field":          {[]string{sdk, "hidden api.Apart", "hidden api.Apart `json:\"h\"`"}, nil},
		"a tag of a type none leads to":    {[]string{api, "Apart struct{ Field string }", "Apart struct{ Field string `json:\"f\"` }"}, nil},
		"a hidden field":                   {[]string{sdk, "hidden api.Apart", "other, hidden api.Apart"}, nil},
		"a type for this module alone":     {[]string{"drift/internal/graph/graph.go", "Root string", "Root int"}, nil},
		"a func of another package gone":   {[]string{"drift/drift.go", "Check(deep bool)", "check(deep bool)"}, []string{"!drift.Check: removed"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := marked(Compare(old, load(t, write(t, test.edits...)))); !slices.Equal(got, test.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestDescribe requires what a changelog says of a symbol: its type or value as
// programs write it, and its name on the wire.
func TestDescribe(t *testing.T) {
	t.Parallel()
	const api, sdk = "gen/api/api.go", "originpull/originpull.go"
	old := load(t, write(t))
	now := load(t, write(t,
		api, "	ID     string\n", "	ID     string\n	Since  Status `json:\"since,omitempty\"`\n	Count  map[string]*Region\n",
		sdk, "const Active = api.StatusActive\n", "const (\n	Active = api.StatusActive\n	Gone = api.StatusGone\n	Seven = 7\n)\n\nfunc Find(s State) error { return nil }\n\ntype New struct{}\n",
	))
	want := map[string][2]string{
		"originpull.Certificate.Since": {"originpull.State", "since"},
		"originpull.Certificate.Count": {"map[string]*api.Region", ""},
		"originpull.Gone":              {`"gone"`, "gone"},
		"originpull.Seven":             {"7", "7"},
		"originpull.Find":              {"func(s originpull.State) error", ""},
		"originpull.New":               {"type", ""},
	}
	for _, c := range Compare(old, now) {
		if w, ok := want[c.Symbol]; ok && w != [2]string{c.What, c.Wire} {
			t.Errorf("%s is described as %q, on the wire %q, want %q", c.Symbol, c.What, c.Wire, w)
		}
		delete(want, c.Symbol)
	}
	for symbol := range want {
		t.Errorf("%s is not found", symbol)
	}
	for _, c := range Compare(now, old) {
		if c.Symbol == "originpull.Certificate.Since" && c.Wire != "since" {
			t.Errorf("a field that is gone was %q on the wire", c.Wire)
		}
	}
}

func marked(changes []Change) []string {
	var all []string
	for _, c := range changes {
		mark := "!"
		if c.Compatible {
			mark = ""
		}
		all = append(all, fmt.Sprint(mark, c))
	}
	return all
}

func TestComparePackages(t *testing.T) {
	t.Parallel()
	without := write(t)
	if err := os.RemoveAll(filepath.Join(without, "drift")); err != nil {
		t.Fatal(err)
	}
	with, less := load(t, write(t)), load(t, without)
	if got := marked(Compare(with, less)); !slices.Equal(got, []string{"!drift: package removed"}) {
		t.Errorf("a package that is gone: %v", got)
	}
	if got := marked(Compare(less, with)); !slices.Equal(got, []string{"drift: package added"}) {
		t.Errorf("a package that is new: %v", got)
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	if _, err := Load(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "none of the packages") {
		t.Errorf("an empty folder: %v", err)
	}
	broken := write(t, "gen/api/api.go", "ID     string", "ID     Missing")
	if _, err := Load(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "do not compile") || !strings.Contains(err.Error(), "Missing") {
		t.Errorf("code that does not compile: %v", err)
	}
}

// TestLoadThisModule requires that what programs use of the generated code is
// found, and that what only the SDK itself uses is not.
func TestLoadThisModule(t *testing.T) {
	t.Parallel()
	api := load(t, "../..")
	const generated = "github.com/originpull/originpull-go/gen/api"
	for _, name := range []string{"Certificate", "CertificateStatus", "Settings", "Message", "ErrorCode"} {
		if !api.reached[generated][name] {
			t.Errorf("a change of api.%s would go unnoticed", name)
		}
	}
	for _, name := range []string{"CertificateEnvelope", "Operation"} {
		if api.reached[generated][name] {
			t.Errorf("api.%s counts as public, though no public package leads to it", name)
		}
	}
	if got := api.aliases[generated+".CertificateStatus"]; got != "originpull.Status" {
		t.Errorf("programs know api.CertificateStatus as %q", got)
	}
}
