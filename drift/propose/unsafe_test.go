package propose

import (
	"errors"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// hostile is what a document could hold to get at the code made from it. Each
// is put into a copy of our own.
var hostile = map[string]struct {
	spoil func(doc drifttest.Tree)
	says  string
}{
	// As in the advisories GHSA-9c2f-gr95-7wqw and GHSA-rjwr-m7qx-3fjr on oapi-codegen.
	"an import": {func(d drifttest.Tree) {
		drifttest.Certificate(d)["x-go-type-import"] = drifttest.Tree{"path": "os/exec", "name": "x\"\n)\nfunc init() { panic(1) }\n//"}
	}, "it instructs a code generator"},
	"the name of a server":        {func(d drifttest.Tree) { server(d)["x-go-name"] = "X = 1\nfunc init() {}" }, "/servers/0/x-go-name: it instructs"},
	"the description of a server": {func(d drifttest.Tree) { server(d)["description"] = "benign\nfunc init() { panic(1) }\n//" }, "description of a server holds a control character"},
	"the address of a server": {func(d drifttest.Tree) {
		server(d)["url"] = `https://api.cloudflare.com/client/v4"; var x = 1; var _ = "`
	}, "address of a server holds a quote"},
	"the variable of a server": {func(d drifttest.Tree) {
		server(d)["variables"] = drifttest.Tree{"v": drifttest.Tree{"default": `v2"; var x = 1; var _ = "`}}
	}, "value of a server variable holds a quote"},
	"an operationId": {func(d drifttest.Tree) {
		drifttest.Op(d, drifttest.SettingsPath, "get")["operationId"] = `x"]...); panic("x"); //`
	}, "operationId holds a quote"},
	"a media type": {func(d drifttest.Tree) { media(d)[`application/json; x="+targetURL+"`] = drifttest.Tree{} }, "media type holds a quote"},
	"a text in a set of numbers": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "integer", "enum": []any{1, "2 + 0; func f() {}"}})
	}, "where no string is allowed"},
	"a scope": {func(d drifttest.Tree) { scopes(d, `a\`, ",os.Exit(1)//") }, "a scope holds a backslash"},
	"a status": {func(d drifttest.Tree) {
		drifttest.Dig(drifttest.Op(d, drifttest.SettingsPath, "get"), "responses")["200 || true"] = drifttest.Tree{"description": ""}
	}, "is not a status"},
	"a discriminator": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "object", "discriminator": drifttest.Tree{"propertyName": `a"b`}})
	}, "discriminator holds a quote"},
	"another instruction": {func(d drifttest.Tree) {
		drifttest.Certificate(d)["x-oapi-codegen-extra-tags"] = drifttest.Tree{"a": "b"}
	}, "it instructs a code generator"},
	"an instruction, in capitals":    {func(d drifttest.Tree) { drifttest.Certificate(d)["X-Go-Type"] = "int" }, "it instructs a code generator"},
	"an instruction in the info":     {func(d drifttest.Tree) { drifttest.Dig(d, "info")["x-go-package"] = "p" }, "it instructs a code generator"},
	"an instruction at the top":      {func(d drifttest.Tree) { d["x-go-package"] = "p" }, "it instructs a code generator"},
	"an instruction in credentials":  {func(d drifttest.Tree) { drifttest.Dig(d, "components", "securitySchemes", "token")["x-go-name"] = "T" }, "it instructs a code generator"},
	"a server elsewhere":             {func(d drifttest.Tree) { server(d)["url"] = "https://api.example.net/client/v4" }, "a server of another host than ours"},
	"a server with a user":           {func(d drifttest.Tree) { server(d)["url"] = "https://evil@api.cloudflare.com/client/v4" }, "a server of another host than ours"},
	"a server at another port":       {func(d drifttest.Tree) { server(d)["url"] = "https://api.cloudflare.com:8443/client/v4" }, "a server of another host than ours"},
	"the token's address, elsewhere": {scheme(drifttest.Tree{"type": "oauth2", "flows": drifttest.Tree{"clientCredentials": drifttest.Tree{"tokenUrl": "https://example.net/t", "scopes": drifttest.Tree{}}}}), "leads to another host than ours"},
	"the address of an identity":     {scheme(drifttest.Tree{"type": "openIdConnect", "openIdConnectUrl": "//example.net"}), "leads to another host than ours"},
	"how credentials are sent":       {scheme(drifttest.Tree{"type": "http", "scheme": "x`"}), "security scheme holds a quote"},
	"where credentials are sent":     {scheme(drifttest.Tree{"type": "apiKey", "in": "header */", "name": "X"}), "security scheme holds the end of a comment"},
	"what a bearer is":               {scheme(drifttest.Tree{"type": "http", "scheme": "bearer", "bearerFormat": "a\nb"}), "security scheme holds a control character"},
	"a server without TLS":           {func(d drifttest.Tree) { server(d)["url"] = "http://api.cloudflare.com/client/v4" }, "a server of another host than ours"},
	"a property, end of a tag":       {func(d drifttest.Tree) { drifttest.Property(d, "a`b", drifttest.Tree{}) }, "property holds a quote"},
	"a property, end of a string":    {func(d drifttest.Tree) { drifttest.Property(d, `a"b`, drifttest.Tree{}) }, "property holds a quote"},
	"a property, end of a line":      {func(d drifttest.Tree) { drifttest.Property(d, "a\nb", drifttest.Tree{}) }, "property holds a control character"},
	"a property, end of a comment":   {func(d drifttest.Tree) { drifttest.Property(d, "a*/b", drifttest.Tree{}) }, "property holds the end of a comment"},
	"a property, read backwards":     {func(d drifttest.Tree) { drifttest.Property(d, "a\u202eb", drifttest.Tree{}) }, "property holds a character that is not seen"},
	"a property, overlong":           {func(d drifttest.Tree) { drifttest.Property(d, strings.Repeat("a", 200), drifttest.Tree{}) }, "is longer than 128 bytes"},
	"a property with an option":      {func(d drifttest.Tree) { drifttest.Property(d, "id,omitempty", drifttest.Tree{}) }, "holds more than letters"},
	"a property without capitals":    {func(d drifttest.Tree) { drifttest.Property(d, "日本", drifttest.Tree{}) }, "holds more than letters"},
	"a property without a letter":    {func(d drifttest.Tree) { drifttest.Property(d, "$$", drifttest.Tree{}) }, "has no letter"},
	"a property with an escape":      {func(d drifttest.Tree) { drifttest.Property(d, `a\`, drifttest.Tree{}) }, "property holds a backslash"},
	"a value of a set": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "enum": []any{`a" + b + "`}})
	}, "an enum value holds a quote"},
	"a value of an open set": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "x-extensible-enum": []any{"a\nb"}})
	}, "an enum value holds a control character"},
	"a pattern": {func(d drifttest.Tree) { drifttest.Property(d, "n", drifttest.Tree{"type": "string", "pattern": "^`$"}) }, "a pattern holds a quote"},
	"a format": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "format": "date\n"})
	}, "the format is not a name"},
	"a format of several words": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "format": "a {b}"})
	}, "the format is not a name"},
	"a format that is a path": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "format": "os/exec"})
	}, "the format is not a name"},
	"a default": {func(d drifttest.Tree) { drifttest.Property(d, "n", drifttest.Tree{"type": "string", "default": "`"}) }, "the default holds a quote"},
	"a value that is long": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "string", "default": strings.Repeat("a", 2000)})
	}, "more than 1024 bytes"},
	"a header": {func(d drifttest.Tree) {
		drifttest.Header(drifttest.Tree{"schema": drifttest.Tree{}})(d)
		drifttest.HeadersOf(d)["X-\"A"] = drifttest.Tree{"schema": drifttest.Tree{}}
	}, "header holds a quote"},
	"a parameter": {drifttest.Parameter(drifttest.Tree{"name": "a`b", "in": "query", "schema": drifttest.Tree{}}), "parameter holds a quote"},
	"a path": {func(d drifttest.Tree) {
		drifttest.Dig(d, "paths", drifttest.ZonePath+"/a\"b", "get")["responses"] = drifttest.Tree{}
	}, "a path holds a quote"},
	"a callback":                  {callbackAt("a`b"), "a callback holds a quote"},
	"the header of credentials":   {func(d drifttest.Tree) { drifttest.Dig(d, "components", "securitySchemes", "key")["name"] = "X\r\nY" }, "security scheme holds a control character"},
	"a keyword that no one knows": {func(d drifttest.Tree) { drifttest.Property(d, "n", drifttest.Tree{"type": "string", "foo": "a`b"}) }, "keyword holds a quote"},
	"something in a form":         {drifttest.Form(drifttest.Tree{"contentType": "image/\"png"}), "contentType holds a quote"},
	"a name under another's property": {func(d drifttest.Tree) {
		drifttest.Property(d, "n", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a`b": drifttest.Tree{}}})
	}, "property holds a quote"},
}

func server(d drifttest.Tree) drifttest.Tree { return d["servers"].([]any)[0].(drifttest.Tree) }
func media(d drifttest.Tree) drifttest.Tree {
	return drifttest.Dig(drifttest.Op(d, drifttest.SettingsPath, "get"), "responses", "200", "content")
}

func scopes(d drifttest.Tree, list ...any) {
	drifttest.Dig(d, "components", "securitySchemes")["oauth"] = drifttest.Tree{"type": "openIdConnect", "openIdConnectUrl": "https://api.cloudflare.com"}
	d["security"] = []any{drifttest.Tree{"oauth": list}}
}

func scheme(s drifttest.Tree) func(drifttest.Tree) {
	return func(d drifttest.Tree) {
		drifttest.Dig(d, "components", "securitySchemes")["fresh"] = s
		d["security"] = append(d["security"].([]any), drifttest.Tree{"fresh": []any{}})
	}
}

func callbackAt(expression string) func(drifttest.Tree) {
	return func(d drifttest.Tree) {
		drifttest.Op(d, drifttest.SettingsPath, "put")["callbacks"] = drifttest.Tree{"done": drifttest.Tree{expression: drifttest.Tree{"post": drifttest.Seen(nil)}}}
	}
}

// What could get at the code is refused, with its place, whatever else the
// document says and whoever asks to follow it.
func TestHostileIsRefused(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	c := ourHouse(t, ours)
	for name, h := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := drifttest.Clone(ours)
			h.spoil(doc)
			p, err := Propose(t.Context(), parseTree(t, doc), c, drifttest.SomeDay, nil)
			var refused *UnsafeDocumentError
			if !errors.As(err, &refused) {
				t.Fatalf("not refused: %v, %v", p != nil, err)
			}
			if !strings.Contains(err.Error(), h.says) || !strings.Contains(err.Error(), "/") {
				t.Errorf("it does not say %q and where: %v", h.says, err)
			}
			if strings.ContainsAny(strings.ReplaceAll(err.Error(), "\n  ", ""), "\n\r\x1b\u202e") {
				t.Errorf("what it says could act on a terminal: %q", err.Error())
			}
		})
	}
}

// What only looks odd is not refused: other parts of the same document have it.
func TestOddIsNotHostile(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	c := ourHouse(t, ours)
	doc := drifttest.Clone(ours)
	drifttest.Property(doc, "odd", drifttest.Tree{
		"type": "string", "pattern": `^[^\s<>']+\d$`, "default": "it's", "enum": []any{"a/b", "it's", "*", "", "2"},
		"description": "Ends a */ comment,\nand more.",
	})
	drifttest.Property(doc, "@type", drifttest.Tree{"type": "string", "maxLength": 9})
	drifttest.Property(doc, "1st per-page[a].b $c", drifttest.Tree{"type": "integer", "enum": []any{-1, 1}})
	if _, err := Propose(t.Context(), parseTree(t, doc), c, drifttest.SomeDay, nil); err != nil {
		t.Error(err)
	}
}
