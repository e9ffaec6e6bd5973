package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

func TestEffectiveIsCommitted(t *testing.T) {
	t.Parallel()
	got, err := effective(sources(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, readRoot(t, outputFile)) {
		t.Errorf("%s is not what %s and %s make: run go generate ./...", outputFile, specFile, overlayDir)
	}
}

func TestEffectiveIsDeterministic(t *testing.T) {
	t.Parallel()
	first, err := effective(sources(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := effective(sources(t))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("two runs on the same files differ: every go generate would leave a diff")
		}
	}
}

// TestEffectiveRefuses spoils the document or an overlay in each way that would
// come out as wrong code, or as none, and requires an error that says where.
func TestEffectiveRefuses(t *testing.T) {
	t.Parallel()
	const list = "operationId: ListCertificates"
	tests := map[string]struct {
		file, old, new string
		wants          []string
	}{
		"x-go-type in the document":      {specFile, "description: names the certificate within", "x-go-type: os.File\n          description: names", []string{specFile, "$.components.schemas.Certificate.properties.id.x-go-type", "instructs the code generator", overlayDir}},
		"x-go-name of a server":          {specFile, "description: The public API.", "x-go-name: X", []string{"$.servers[0].x-go-name"}},
		"x-oapi- in the document":        {specFile, list, list + "\n      x-oapi-codegen-only-honour-go-name: true", []string{"get.x-oapi-codegen-only-honour-go-name"}},
		"the document is not YAML":       {specFile, "openapi: 3.0.3", "openapi: [", []string{specFile, "yaml:"}},
		"a second document":              {specFile, "openapi: 3.0.3", "openapi: 3.0.3\n---\nopenapi: 3.0.3", []string{specFile, "more than one document"}},
		"an alias":                       {specFile, "operationId: ListCertificates", "operationId: &id ListCertificates\n      x-id: *id", []string{"overlays/go/010-error-codes.yaml", "action 1", "the document, line", "alias *id"}},
		"the document is not OpenAPI":    {specFile, "type: apiKey", "type: secret", []string{outputFile, "secret"}},
		"a reference to nothing":         {specFile, "'#/components/parameters/ZoneID'", "'#/components/parameters/Zone'", []string{outputFile, "components/parameters/Zone"}},
		"a false example":                {specFile, "value: {enabled: true}", "value: {enabled: sometimes}", []string{outputFile, "enabled"}},
		"no operationId":                 {specFile, list, "x-note: none", []string{"GET /zones/{zone_id}/origin_tls_client_auth:", "no operationId"}},
		"operationId is not a name":      {specFile, list, "operationId: list-certificates", []string{"GET /zones/{zone_id}/origin_tls_client_auth:", `"list-certificates" is not an exported name`}},
		"operationId is not exported":    {specFile, list, "operationId: listCertificates", []string{`"listCertificates" is not an exported name`}},
		"no x-permission":                {specFile, "x-permission: SSL and Certificates Read", "x-note: none", []string{"GET /zones/{zone_id}/origin_tls_client_auth:", "ListCertificates: no x-permission"}},
		"x-permission is empty":          {specFile, "x-permission: SSL and Certificates Read", "x-permission: ''", []string{"ListCertificates: no x-permission"}},
		"x-permission is a list":         {specFile, "x-permission: SSL and Certificates Read", "x-permission: [SSL]", []string{"ListCertificates: no x-permission"}},
		"no description":                 {specFile, "description: |-\n        lists all", "x-note: |-\n        lists all", []string{"ListCertificates: no description"}},
		"no 200":                         {specFile, "'200':", "'201':", []string{"ListCertificates: no response for 200"}},
		"200 is not JSON":                {specFile, "application/json:", "application/xml:", []string{"ListCertificates: the response for 200 is not a JSON envelope"}},
		"200 without success":            {specFile, "$ref: '#/components/schemas/CertificateListEnvelope'", "$ref: '#/components/schemas/ErrorCode'", []string{outputFile}},
		"an overlay's target is gone":    {specFile, "    CertificateStatus:\n", "    CertificateState:\n", []string{"overlays/go/020-statuses.yaml", "action 1", "$.components.schemas.CertificateStatus", "the document no longer has it"}},
		"a property of an order is gone": {specFile, "        signature:\n", "        algorithm:\n", []string{"overlays/go/060-order.yaml", "action 4", "$.components.schemas.Certificate.properties.signature", "the document no longer has it"}},
		"an overlay has an unknown key":  {overlayDir + "/030-private-key.yaml", "    update:", "    updat:", []string{"overlays/go/030-private-key.yaml", "action 1", `"updat"`}},
		"a key that is a number":         {specFile, "        '200':\n", "        200:\n", []string{specFile + " with " + overlayDir, "responses.200 is !!int", "'200'"}},
		"a number as key in an overlay":  {overlayDir + "/010-error-codes.yaml", "'1433':", "1433:", []string{"x-go-constants.names.1433 is !!int", "'1433'"}},
		"an overlay makes it no OpenAPI": {overlayDir + "/060-order.yaml", "update: {x-order: 2}", "update: {minLength: -1}", []string{outputFile}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := sources(t)
			replace(t, fsys, test.file, test.old, test.new)
			_, err := effective(fsys)
			if err == nil {
				t.Fatal("no error: code would be made from this")
			}
			if len(err.Error()) > 500 {
				t.Errorf("the cause is lost in %d bytes: %v", len(err.Error()), err)
			}
			for _, want := range test.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestEffectiveRefusesMissingFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no document":    {fstest.MapFS{}, specFile},
		"empty document": {fstest.MapFS{specFile: {}}, specFile},
		"no overlays":    {fstest.MapFS{specFile: sources(t)[specFile]}, overlayDir},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := effective(test.files); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that names %s", err, test.want)
			}
		})
	}
}

// TestSuccessOfOwnEnvelope spoils the property success of one envelope: the
// template hands it on by name, and the code would not compile.
func TestSuccessOfOwnEnvelope(t *testing.T) {
	t.Parallel()
	op := load(t, outputFile).Paths.Value("/zones/{zone_id}/origin_tls_client_auth/settings").Get
	if err := checkOperation(op); err != nil {
		t.Fatal(err)
	}
	delete(op.Responses.Value("200").Value.Content.Get("application/json").Schema.Value.Properties, "success")
	if err := checkOperation(op); err == nil || !strings.Contains(err.Error(), "GetSettings: the response for 200 is not a JSON envelope with the property success") {
		t.Errorf("error %v", err)
	}
}

// TestEachActionCounts leaves out one action after the other. One that could go
// without a change of the effective document has no place in its file.
func TestEachActionCounts(t *testing.T) {
	t.Parallel()
	whole, err := effective(sources(t))
	if err != nil {
		t.Fatal(err)
	}
	overlays, err := overlay.Load(sources(t), overlayDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range overlays {
		for _, action := range o.Actions() {
			t.Run(fmt.Sprintf("%s/%d", action.File, action.Index), func(t *testing.T) {
				t.Parallel()
				without, err := effective(withoutAction(t, action))
				if err != nil {
					t.Logf("without it the run fails: %v", err)
				} else if bytes.Equal(without, whole) {
					t.Errorf("%s, action %d (target %s): the effective document is the same without it: remove it", action.File, action.Index, action.Target)
				}
			})
		}
	}
}

// withoutAction returns the sources without one action. A file that had only
// this one goes whole.
func withoutAction(t *testing.T, action overlay.Action) fstest.MapFS {
	t.Helper()
	fsys := sources(t)
	var file yaml.Node
	if err := yaml.Unmarshal(fsys[action.File].Data, &file); err != nil {
		t.Fatal(err)
	}
	top := file.Content[0]
	at := slices.IndexFunc(top.Content, func(n *yaml.Node) bool { return n.Value == "actions" })
	actions := top.Content[at+1]
	actions.Content = slices.Delete(actions.Content, action.Index-1, action.Index)
	if len(actions.Content) == 0 {
		delete(fsys, action.File)
		return fsys
	}
	data, err := yaml.Marshal(&file)
	if err != nil {
		t.Fatal(err)
	}
	fsys[action.File] = &fstest.MapFile{Data: data}
	return fsys
}

// TestCheckTakesCurated requires that the document is good before the overlays
// too: they shape it for Go, they do not correct it.
func TestCheckTakesCurated(t *testing.T) {
	t.Parallel()
	if err := check(readRoot(t, specFile)); err != nil {
		t.Error(err)
	}
}
