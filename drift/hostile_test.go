package drift

import (
	"errors"
	"strings"
	"testing"
)

// hostile is what a document could hold to get at the code made from it. Each
// is put into a copy of our own.
var hostile = map[string]struct {
	spoil func(doc tree)
	says  string
}{
	// As in the advisories GHSA-9c2f-gr95-7wqw and GHSA-rjwr-m7qx-3fjr on oapi-codegen.
	"an import": {func(d tree) {
		certificate(d)["x-go-type-import"] = tree{"path": "os/exec", "name": "x\"\n)\nfunc init() { panic(1) }\n//"}
	}, "it instructs a code generator"},
	"the name of a server":              {func(d tree) { server(d)["x-go-name"] = "X = 1\nfunc init() {}" }, "/servers/0/x-go-name: it instructs"},
	"the description of a server":       {func(d tree) { server(d)["description"] = "benign\nfunc init() { panic(1) }\n//" }, "description of a server holds a control character"},
	"the address of a server":           {func(d tree) { server(d)["url"] = `https://api.cloudflare.com/client/v4"; var x = 1; var _ = "` }, "address of a server holds a quote"},
	"the variable of a server":          {func(d tree) { server(d)["variables"] = tree{"v": tree{"default": `v2"; var x = 1; var _ = "`}} }, "value of a server variable holds a quote"},
	"an operationId":                    {func(d tree) { op(d, settingsPath, "get")["operationId"] = `x"]...); panic("x"); //` }, "operationId holds a quote"},
	"a media type":                      {func(d tree) { media(d)[`application/json; x="+targetURL+"`] = tree{} }, "media type holds a quote"},
	"a text in a set of numbers":        {func(d tree) { property(d, "n", tree{"type": "integer", "enum": []any{1, "2 + 0; func f() {}"}}) }, "where no text is allowed"},
	"a scope":                           {func(d tree) { scopes(d, `a\`, ",os.Exit(1)//") }, "a scope holds a backslash"},
	"a status":                          {func(d tree) { dig(op(d, settingsPath, "get"), "responses")["200 || true"] = tree{"description": ""} }, "is no status"},
	"a discriminator":                   {func(d tree) { property(d, "n", tree{"type": "object", "discriminator": tree{"propertyName": `a"b`}}) }, "discriminator holds a quote"},
	"another instruction":               {func(d tree) { certificate(d)["x-oapi-codegen-extra-tags"] = tree{"a": "b"} }, "it instructs a code generator"},
	"an instruction, in capitals":       {func(d tree) { certificate(d)["X-Go-Type"] = "int" }, "it instructs a code generator"},
	"an instruction in the info":        {func(d tree) { dig(d, "info")["x-go-package"] = "p" }, "it instructs a code generator"},
	"an instruction at the top":         {func(d tree) { d["x-go-package"] = "p" }, "it instructs a code generator"},
	"an instruction in credentials":     {func(d tree) { dig(d, "components", "securitySchemes", "token")["x-go-name"] = "T" }, "it instructs a code generator"},
	"a server elsewhere":                {func(d tree) { server(d)["url"] = "https://api.example.net/client/v4" }, "a server of another host than ours"},
	"a server with a user":              {func(d tree) { server(d)["url"] = "https://evil@api.cloudflare.com/client/v4" }, "a server of another host than ours"},
	"a server at another port":          {func(d tree) { server(d)["url"] = "https://api.cloudflare.com:8443/client/v4" }, "a server of another host than ours"},
	"the token's address, elsewhere":    {scheme(tree{"type": "oauth2", "flows": tree{"clientCredentials": tree{"tokenUrl": "https://example.net/t", "scopes": tree{}}}}), "leads to another host than ours"},
	"the address of an identity":        {scheme(tree{"type": "openIdConnect", "openIdConnectUrl": "//example.net"}), "leads to another host than ours"},
	"how credentials are sent":          {scheme(tree{"type": "http", "scheme": "x`"}), "security scheme holds a quote"},
	"where credentials are sent":        {scheme(tree{"type": "apiKey", "in": "header */", "name": "X"}), "security scheme holds the end of a comment"},
	"what a bearer is":                  {scheme(tree{"type": "http", "scheme": "bearer", "bearerFormat": "a\nb"}), "security scheme holds a control character"},
	"a server without TLS":              {func(d tree) { server(d)["url"] = "http://api.cloudflare.com/client/v4" }, "a server of another host than ours"},
	"a property, end of a tag":          {func(d tree) { property(d, "a`b", tree{}) }, "property holds a quote"},
	"a property, end of a string":       {func(d tree) { property(d, `a"b`, tree{}) }, "property holds a quote"},
	"a property, end of a line":         {func(d tree) { property(d, "a\nb", tree{}) }, "property holds a control character"},
	"a property, end of a comment":      {func(d tree) { property(d, "a*/b", tree{}) }, "property holds the end of a comment"},
	"a property, read backwards":        {func(d tree) { property(d, "a\u202eb", tree{}) }, "property holds a character that is not seen"},
	"a property, overlong":              {func(d tree) { property(d, strings.Repeat("a", 200), tree{}) }, "is longer than 128 bytes"},
	"a property with an option":         {func(d tree) { property(d, "id,omitempty", tree{}) }, "holds more than letters"},
	"a property without capitals":       {func(d tree) { property(d, "日本", tree{}) }, "holds more than letters"},
	"two properties, one but a capital": {func(d tree) { property(d, "serialNumber", tree{}) }, "are one name in Go"},
	"two parameters of one struct": {func(d tree) {
		op(d, settingsPath, "get")["parameters"] = []any{tree{"name": "x-page", "in": "query", "schema": tree{}}, tree{"name": "X-Page", "in": "header", "schema": tree{}}}
	}, "are one name in Go"},
	"two values, one constant":        {func(d tree) { property(d, "n", tree{"type": "string", "enum": []any{"rotating", "Rotating"}}) }, "are one name in Go"},
	"two values of an open set":       {func(d tree) { property(d, "n", tree{"type": "string", "x-extensible-enum": []any{"in_use", "in-use"}}) }, "are one name in Go"},
	"a property without a letter":     {func(d tree) { property(d, "$$", tree{}) }, "has no letter"},
	"two properties, one name in Go":  {func(d tree) { property(d, "serial-number", tree{}) }, "are one name in Go"},
	"a property with an escape":       {func(d tree) { property(d, `a\`, tree{}) }, "property holds a backslash"},
	"a value of a set":                {func(d tree) { property(d, "n", tree{"type": "string", "enum": []any{`a" + b + "`}}) }, "a value of a set holds a quote"},
	"a value of an open set":          {func(d tree) { property(d, "n", tree{"type": "string", "x-extensible-enum": []any{"a\nb"}}) }, "a value of a set holds a control character"},
	"a pattern":                       {func(d tree) { property(d, "n", tree{"type": "string", "pattern": "^`$"}) }, "a pattern holds a quote"},
	"a format":                        {func(d tree) { property(d, "n", tree{"type": "string", "format": "date\n"}) }, "the format is no name"},
	"a format of several words":       {func(d tree) { property(d, "n", tree{"type": "string", "format": "a {b}"}) }, "the format is no name"},
	"a format that is a path":         {func(d tree) { property(d, "n", tree{"type": "string", "format": "os/exec"}) }, "the format is no name"},
	"a default":                       {func(d tree) { property(d, "n", tree{"type": "string", "default": "`"}) }, "the default holds a quote"},
	"a value that is long":            {func(d tree) { property(d, "n", tree{"type": "string", "default": strings.Repeat("a", 2000)}) }, "more than 1024 bytes"},
	"a header":                        {func(d tree) { header(tree{"schema": tree{}})(d); headersOf(d)["X-\"A"] = tree{"schema": tree{}} }, "header holds a quote"},
	"a parameter":                     {parameter(tree{"name": "a`b", "in": "query", "schema": tree{}}), "parameter holds a quote"},
	"a path":                          {func(d tree) { dig(d, "paths", zonePath+"/a\"b", "get")["responses"] = tree{} }, "a path holds a quote"},
	"a callback":                      {callbackAt("a`b"), "a callback holds a quote"},
	"the header of credentials":       {func(d tree) { dig(d, "components", "securitySchemes", "key")["name"] = "X\r\nY" }, "security scheme holds a control character"},
	"a keyword that nobody knows":     {func(d tree) { property(d, "n", tree{"type": "string", "foo": "a`b"}) }, "keyword holds a quote"},
	"something in a form":             {form(tree{"contentType": "image/\"png"}), "contentType holds a quote"},
	"a name under another's property": {func(d tree) { property(d, "n", tree{"type": "object", "properties": tree{"a`b": tree{}}}) }, "property holds a quote"},
}

func server(d tree) tree { return d["servers"].([]any)[0].(tree) }
func media(d tree) tree {
	return dig(op(d, settingsPath, "get"), "responses", "200", "content")
}

func scopes(d tree, list ...any) {
	dig(d, "components", "securitySchemes")["oauth"] = tree{"type": "openIdConnect", "openIdConnectUrl": "https://api.cloudflare.com"}
	d["security"] = []any{tree{"oauth": list}}
}

func scheme(s tree) func(tree) {
	return func(d tree) {
		dig(d, "components", "securitySchemes")["fresh"] = s
		d["security"] = append(d["security"].([]any), tree{"fresh": []any{}})
	}
}

func callbackAt(expression string) func(tree) {
	return func(d tree) {
		op(d, settingsPath, "put")["callbacks"] = tree{"done": tree{expression: tree{"post": seen(nil)}}}
	}
}

// What could get at the code is refused, with its place, whatever else the
// document says and whoever asks to follow it.
func TestHostileIsRefused(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	c := ourHouse(t, ours)
	for name, h := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := clone(ours)
			h.spoil(doc)
			p, err := Propose(t.Context(), parseTree(t, doc), c, someDay, nil)
			var refused *HostileError
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
	ours := readTree(t, ourSpec)
	c := ourHouse(t, ours)
	doc := clone(ours)
	property(doc, "odd", tree{
		"type": "string", "pattern": `^[^\s<>']+\d$`, "default": "it's", "enum": []any{"a/b", "it's", "*", "", "2"},
		"description": "Ends a */ comment,\nand more.",
	})
	property(doc, "@type", tree{"type": "string", "maxLength": 9})
	property(doc, "1st per-page[a].b $c", tree{"type": "integer", "enum": []any{-1, 1}})
	if _, err := Propose(t.Context(), parseTree(t, doc), c, someDay, nil); err != nil {
		t.Error(err)
	}
}
