package propose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// exported gives a document an operation at a path that ours has not.
func exported(d drifttest.Tree, path, id string) {
	var parameters []any
	for _, name := range mustTemplate(path) {
		parameters = append(parameters, drifttest.Tree{"name": name, "in": "path", "required": true, "schema": drifttest.Tree{"type": "string", "maxLength": 9}})
	}
	drifttest.Dig(d, "paths", path)["get"] = drifttest.Tree{"operationId": id, "parameters": parameters, "responses": drifttest.Clone(drifttest.Dig(drifttest.Op(d, drifttest.SettingsPath, "get"), "responses"))}
}

func mustTemplate(path string) []string {
	t, err := document.ParseTemplate(path)
	if err != nil {
		panic(err)
	}
	return t.Names
}

func parameterCalled(name string) func(drifttest.Tree) {
	return func(d drifttest.Tree) { exported(d, drifttest.ZonePath+"/export/{"+name+"}", "getExport") }
}

func operationCalled(id string) func(drifttest.Tree) {
	return func(d drifttest.Tree) { exported(d, drifttest.ZonePath+"/export", id) }
}

func closedSet(values ...any) func(drifttest.Tree) {
	return func(d drifttest.Tree) {
		upload(d)["kind"] = drifttest.Tree{"type": "string", "maxLength": 64, "enum": values}
	}
}

func newStatus(value string) func(drifttest.Tree) {
	return func(d drifttest.Tree) {
		status := drifttest.Dig(d, "components", "schemas", "CertificateStatus")
		status[graph.OpenSet] = append(status[graph.OpenSet].([]any), value)
	}
}

// What generated code could not be made of is left to a person, with the reason,
// and what we name ourselves gets a name that nothing has.
func TestProposeNames(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := drifttest.ReadTree(t, ourSpec)
	const hides, nameless = "as something in Go or in the generated code is", "has no letter or digit"
	tests := map[string]struct {
		change func(doc drifttest.Tree)
		open   string // what the reason says
		says   string // what the overlay says, where nothing is open
	}{
		"a parameter, as the context":       {parameterCalled("ctx"), hides, ""},
		"a parameter, in capitals":          {parameterCalled("Ctx"), hides, ""},
		"a parameter, as the body":          {parameterCalled("body"), hides, ""},
		"a parameter, as the caller":        {parameterCalled("c"), hides, ""},
		"a parameter, as a keyword":         {parameterCalled("func"), hides, ""},
		"a parameter, as a type":            {parameterCalled("string"), hides, ""},
		"a parameter, as nil":               {parameterCalled("nil"), hides, ""},
		"a parameter, as a package":         {parameterCalled("http"), hides, ""},
		"a parameter, as the request":       {parameterCalled("request"), hides, ""},
		"a parameter, as the operation":     {parameterCalled("op_get_export"), hides, ""},
		"a parameter, as no other is":       {parameterCalled("name"), "", "name: name"},
		"a parameter, as one of ours":       {func(d drifttest.Tree) { exported(d, "/zones/{z}/origin_tls_client_auth/export/{zoneId}", "getExport") }, `"zone_id" and "zoneId" of the path are one name in Go`, ""},
		"an operation, as a component":      {operationCalled("certificate"), "", "operationId: GetExport"},
		"an operation, as the type of code": {operationCalled("caller"), "", "operationId: GetExport"},
		"an operation, as one of ours":      {operationCalled("get-settings"), "", "operationId: GetExport"},
		"an operation, as a constant":       {operationCalled("statusActive"), "", "operationId: GetExport"},
		"an operation, as no other is":      {operationCalled("exportAll"), "", "operationId: ExportAll"},
		"a value that is a sign":            {closedSet("a", "+"), nameless, ""},
		"values that are signs":             {closedSet("+", "-"), nameless, ""},
		"an empty value":                    {closedSet("a", ""), nameless, ""},
		"a status that is a sign":           {newStatus("-"), nameless, ""},
		"an empty status":                   {newStatus(""), nameless, ""},
		"a status, as a constant":           {newStatus("timed_out"), `the values "deployment_timed_out" and "timed_out" are one name in Go`, ""},
		"a status, as no other is":          {newStatus("expired"), "", "- expired"},
		"a set, as a component": {func(d drifttest.Tree) {
			upload(d)["form"] = drifttest.Tree{"type": "string", "maxLength": 9, "enum": []any{"a"}}
		}, "the type of the set would be called as a component is", ""},
		"a value, as the type of code": {closedSet("caller"), `the constant of "caller" would be called as the generated code itself is`, ""},
		"a value, as an operation":     {closedSet("get_settings"), `the constant of "get_settings" would be called as get ` + drifttest.SettingsPath + " is", ""},
		"a value, as a constant":       {closedSet("status_active"), `the constant of "status_active" would be called as a constant is`, ""},
		"a value, as a component":      {closedSet("certificate"), "", "- certificate"}, // gets a prefix
		"a property, as one that is gone": {func(d drifttest.Tree) {
			drifttest.Property(d, "documentNumber", drifttest.Tree{"type": "string", "maxLength": 9})
		}, `"document_number" and "documentNumber" are one name in Go`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := drifttest.Clone(ours)
			drifttest.Property(before, "document_number", drifttest.Tree{"type": "string", "maxLength": 9})
			drifttest.Dig(before, "components", "schemas")["CertificateUploadForm"] = drifttest.Tree{"type": "string", "maxLength": 9}
			c := ourHouse(t, before)
			c.Affected.Overlays = []string{"go"}
			if err := os.Mkdir(c.Path("go"), 0o700); err != nil {
				t.Fatal(err)
			}
			drifttest.WriteFile(t, filepath.Join(c.Path("go"), "constants.yaml"), `overlay: 1.1.0
info: {title: Constants, version: 1.0.0}
actions:
  - target: $.components.schemas.CertificateStatus
    description: Name one of them otherwise.
    update: {x-go-constants: {prefix: Status, names: {deployment_timed_out: TimedOut}}}
`)
			theirs := drifttest.Clone(ours) // document_number is gone, and that is accepted
			accept(t, c, theirs)
			test.change(theirs)
			p := mustPropose(t, c, parseTree(t, theirs))
			if len(p.Ignored) == 1 {
				p = mustPropose(t, c, parseTree(t, theirs), p.Ignored[0].ID)
			}
			if test.open != "" {
				if len(p.Undecided) != 1 || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, test.open) {
					t.Errorf("it is not left open with a reason that says %q: %s", test.open, p.text())
				}
				return
			}
			if len(p.Undecided) > 0 || !strings.Contains(string(p.Overlay), test.says) {
				t.Errorf("it is not adopted as %q: %s", test.says, p.text())
			}
		})
	}
}

// A secret of ours comes in nowhere else, whoever sends it and by what name.
func TestProposeSecrets(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	text := drifttest.Tree{"type": "string", "maxLength": 9}
	tests := map[string]struct {
		change func(doc drifttest.Tree)
		secret string
	}{
		"a property":                  {func(d drifttest.Tree) { drifttest.Property(d, "private_key", text) }, "private_key"},
		"a property, named otherwise": {func(d drifttest.Tree) { drifttest.Property(d, "privateKey", text) }, "private_key"},
		"a property inside": {func(d drifttest.Tree) {
			drifttest.Property(d, "more", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"private-key": text}})
		}, "private_key"},
		"a property of a body": {func(d drifttest.Tree) {
			drifttest.Dig(d, "components", "schemas", "Settings", "properties")["private_key"] = text
		}, "private_key"},
		"a parameter":                {drifttest.Parameter(drifttest.Tree{"name": "private_key", "in": "query", "schema": text}), "private_key"},
		"a header":                   {func(d drifttest.Tree) { drifttest.HeadersOf(d)["Private-Key"] = drifttest.Tree{"schema": text} }, "private_key"},
		"a parameter of credentials": {drifttest.Parameter(drifttest.Tree{"name": "x_auth_key", "in": "query", "schema": text}), "X-Auth-Key"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			if len(p.Undecided) == 0 || p.Overlay != nil {
				t.Errorf("it would be plain text: %s", p.text())
			}
			if !slices.ContainsFunc(p.Undecided, func(o Undecided) bool {
				return strings.Contains(o.Question, `"`+test.secret+`" is a secret in our document`)
			}) {
				t.Errorf("nobody is told why: %s", p.text())
			}
		})
	}
}

// What theirs marks as a secret, or calls as one is called, is left open as well,
// whatever formats are left out.
func TestProposeNewSecrets(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	text := drifttest.Tree{"type": "string", "maxLength": 9}
	pin := drifttest.Tree{"type": "string", "format": "password", "maxLength": 9}
	for name, test := range map[string]struct {
		change func(doc drifttest.Tree)
		says   string // nothing, if it is none
	}{
		"a password": {func(d drifttest.Tree) { drifttest.Property(d, "pin", pin) }, "marked as a secret"},
		"a password that is there": {func(d drifttest.Tree) {
			drifttest.Dig(drifttest.Certificate(d), "properties", "issuer")["format"] = "password"
		}, "marked as a secret"},
		"what is never returned": {func(d drifttest.Tree) {
			upload(d)["pin"] = drifttest.Tree{"type": "string", "maxLength": 9, "writeOnly": true}
		}, "marked as a secret"},
		"a body of a new operation": {func(d drifttest.Tree) {
			exported(d, drifttest.ZonePath+"/export", "export")
			drifttest.Dig(d, "paths", drifttest.ZonePath+"/export", "get")["requestBody"] = drifttest.Tree{"content": drifttest.Tree{"application/json": drifttest.Tree{"schema": drifttest.Tree{"type": "object", "properties": drifttest.Tree{"pin": pin}}}}}
		}, "marked as a secret"},
		"by name":            {func(d drifttest.Tree) { drifttest.Property(d, "key_password", text) }, `"key_password" reads like the name of a secret`},
		"by name, in a body": {func(d drifttest.Tree) { upload(d)["apiKey"] = text }, `"apiKey" reads like the name of a secret`},
		"by name, a list": {func(d drifttest.Tree) {
			drifttest.Property(d, "API-Tokens", drifttest.Tree{"type": "array", "items": text})
		}, `"API-Tokens" reads like the name of a secret`},
		"a number of secrets":         {func(d drifttest.Tree) { drifttest.Property(d, "secrets", drifttest.Tree{"type": "integer"}) }, ""},
		"a name with a like syllable": {func(d drifttest.Tree) { drifttest.Property(d, "secretary", text) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, c := drifttest.Clone(ours), ourHouse(t, ours)
			test.change(theirs)
			c.Propose.Formats = []string{"date-time", "int32"}
			p := mustPropose(t, c, parseTree(t, theirs), "all")
			if test.says == "" {
				if len(p.Undecided) > 0 || p.Overlay == nil {
					t.Errorf("it is taken for a secret: %s", p.text())
				}
				return
			}
			if len(p.Undecided) != 1 || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, test.says) || !strings.Contains(p.Undecided[0].Question, "would be plain text") {
				t.Errorf("it is not left open as %q: %s", test.says, p.text())
			}
		})
	}
}

func TestReadsSecret(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"password": true, "keyPassword": true, "PrivateKeyPEM": true, "APIKey": true, "api-keys": true, "X-Auth-Token": true, "clientSECRET": true,
		"public_key": false, "key": false, "private": false, "keyApi": false, "tokenizer": false, "": false,
	} {
		if got := readsSecret(name); got != want {
			t.Errorf("%q reads like the name of a secret: %v, want %v", name, got, want)
		}
	}
}

// Nor does it come in by a copy that is made of a component for one of its uses.
func TestProposeCopiesNoSecret(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	drifttest.Dig(drifttest.Op(ours, drifttest.SettingsPath, "put"), "requestBody", "content", "application/json")["schema"] = drifttest.Tree{"$ref": "#/components/schemas/CertificateUpload"}
	theirs := drifttest.Clone(ours)
	upload := drifttest.Clone(drifttest.Dig(theirs, "components", "schemas", "CertificateUpload"))
	drifttest.Dig(upload, "properties", "certificate")["maxLength"] = 70000
	drifttest.Dig(drifttest.Op(theirs, drifttest.ZonePath, "post"), "requestBody", "content", "application/json")["schema"] = upload
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	if len(p.Undecided) != 1 || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, `"private_key" is a secret in our document`) {
		t.Errorf("a copy would show it: %s", p.text())
	}
}

// TestOwnNames holds what is known of the names in generated code to the code.
func TestOwnNames(t *testing.T) {
	t.Parallel()
	p := &proposer{config: mustLoad(t, "../../drift.yaml"), out: &Proposal{original: &yaml.Node{}}}
	if err := yaml.Unmarshal([]byte(drifttest.ReadFile(t, ourSpec)), p.out.original); err != nil {
		t.Fatal(err)
	}
	if err := p.loadConstants(); err != nil {
		t.Fatal(err)
	}
	taken := p.goNames(p.out.original)
	variables := []string{"zoneid", "certificateid"} // of the paths themselves
	fset := token.NewFileSet()
	for _, name := range []string{"../../gen/api/api.gen.go", "../../gen/server/server.gen.go"} {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range topNames(file) {
			if taken[goKey(name)] == "" {
				t.Errorf("%s: nothing is known of %s, which an operation or a component could be called", fset.Position(file.Pos()).Filename, name)
			}
		}
		for _, name := range innerNames(file) {
			if !reserved(name, "") && taken[goKey(name)] == "" && !slices.Contains(variables, goKey(name)) {
				t.Errorf("%s: nothing is known of %s, which a parameter of a path could be called", fset.Position(file.Pos()).Filename, name)
			}
		}
	}
}

// topNames returns what a file declares.
func topNames(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				names = append(names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// innerNames returns what functions that have a parameter of a path call by a small
// letter, imports included.
func innerNames(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		var inner []string
		var visit func(ast.Node) bool
		visit = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr: // what is selected hides nothing
				ast.Inspect(n.X, visit)
				return false
			case *ast.Ident:
				inner = append(inner, n.Name)
			}
			return true
		}
		ast.Inspect(function, visit)
		if slices.Contains(inner, "zoneID") {
			names = append(names, inner...)
		}
	}
	return slices.DeleteFunc(document.SortedSet(names), func(name string) bool {
		return name == "_" || ast.IsExported(name) || types.Universe.Lookup(name) != nil
	})
}
