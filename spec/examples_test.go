package spec_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/secret"
)

func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := load(t, read(t)).Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	requireNone(t, invalidExamples(load(t, read(t))))
}

// invalidExamples checks each example by itself, where the document's own
// validation stops at the first fault.
func invalidExamples(document *openapi3.T) (found faults) {
	visit := func(where string, schema *openapi3.Schema, value any) {
		if err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
			found.add(where, "%v", err)
		}
	}
	for _, b := range bodies(document) {
		if len(b.content.Examples) == 0 {
			found.add(b.where, "no example")
		}
		for name, example := range b.content.Examples {
			visit(b.where+" "+name, b.content.Schema.Value, example.Value.Value)
		}
	}
	for name, ref := range document.Components.Schemas {
		for property, field := range ref.Value.Properties {
			if field.Ref == "" && field.Value.Example != nil {
				visit(name+"."+property, field.Value, field.Value.Example)
			}
		}
		if ref.Value.Example != nil {
			visit(name, ref.Value, ref.Value.Example)
		}
	}
	for name, ref := range document.Components.Parameters {
		visit(name, ref.Value.Schema.Value, ref.Value.Example)
	}
	for name, ref := range document.Components.Headers {
		visit(name, ref.Value.Schema.Value, ref.Value.Example)
	}
	return found
}

func TestExamplesStandInTheirPlace(t *testing.T) {
	t.Parallel()
	requireNone(t, misplacedExamples(load(t, read(t))))
	requireNone(t, misplacedExamples(load(t, readGenerated(t))))
}

// misplacedExamples finds shared examples that nothing refers to, and those
// whose x-status does not fit the response they stand under.
func misplacedExamples(document *openapi3.T) (found faults) {
	used := map[string]bool{}
	for _, b := range bodies(document) {
		for name, example := range b.content.Examples {
			where := b.where + " " + name
			used[strings.TrimPrefix(example.Ref, "#/components/examples/")] = true
			status, has := example.Value.Extensions["x-status"]
			if b.status == "" {
				if has {
					found.add(where, "x-status %v on the example of a request", status)
				}
				continue
			}
			if example.Ref == "" {
				found.add(where, "the example stands in the response: move it to the components")
			}
			number, _ := status.(float64)
			if !fits(int(number), b.status) {
				found.add(where, "x-status %v does not fit", status)
			}
			if example.Value.Summary == "" {
				found.add(where, "no summary")
			}
		}
	}
	for name := range document.Components.Examples {
		if !used[name] {
			found.add(name, "nothing refers to the example")
		}
	}
	return found
}

func fits(status int, response string) bool {
	switch response {
	case "4XX":
		return 400 <= status && status <= 499 && status != 429
	case "5XX":
		return 500 <= status && status <= 599
	}
	return fmt.Sprint(status) == response
}

// goTypes gives a new value of the generated type for each schema of a body.
var goTypes = map[string]func() any{
	"CertificateEnvelope":     func() any { return new(api.CertificateEnvelope) },
	"CertificateListEnvelope": func() any { return new(api.CertificateListEnvelope) },
	"CertificateUpload":       func() any { return new(api.CertificateUpload) },
	"DeletionEnvelope":        func() any { return new(api.DeletionEnvelope) },
	"FailureEnvelope":         func() any { return new(api.FailureEnvelope) },
	"Settings":                func() any { return new(api.Settings) },
	"SettingsEnvelope":        func() any { return new(api.SettingsEnvelope) },
}

// TestExamplesDecode decodes each example into its generated type and encodes
// it again: nothing may be unknown, nothing may get lost.
func TestExamplesDecode(t *testing.T) {
	t.Parallel()
	document := load(t, read(t))
	for _, b := range bodies(document) {
		if b.name != "application/json" {
			continue
		}
		name := schemaName(b.content.Schema)
		newValue, ok := goTypes[name]
		if !ok {
			t.Errorf("%s: schema %q is not in this test's table of Go types", b.where, name)
			continue
		}
		for _, example := range slices.Sorted(maps.Keys(b.content.Examples)) {
			sent := b.content.Examples[example].Value.Value.(map[string]any)
			kept := roundTrip(t, b.where+" "+example, sent, newValue())
			if want := meantToKeep(name, sent); !reflect.DeepEqual(kept, want) {
				t.Errorf("%s %s: the Go type keeps\n%v\nof\n%v", b.where, example, kept, want)
			}
		}
	}
}

// meantToKeep returns what a Go type is meant to keep of an example.
func meantToKeep(schema string, sent map[string]any) map[string]any {
	kept := maps.Clone(sent)
	switch schema {
	case "CertificateUpload":
		kept["private_key"] = secret.Redacted // a key never shows; the SDK writes the body by itself
	case "DeletionEnvelope":
		if sent["result"] == nil { // reads as the zero certificate
			kept["result"] = map[string]any{
				"id": "", "status": "", "certificate": "", "issuer": "", "signature": "",
				"expires_on": "0001-01-01T00:00:00Z", "uploaded_on": "0001-01-01T00:00:00Z",
			}
		}
	case "FailureEnvelope":
		if messages, ok := sent["messages"].([]any); ok && len(messages) == 0 {
			delete(kept, "messages") // none is like not sent
		}
	}
	return kept
}

func roundTrip(t *testing.T, where string, sent, into any) (kept map[string]any) {
	t.Helper()
	data, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Errorf("%s: %v", where, err)
		return nil
	}
	if data, err = json.Marshal(into); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestCertificatesOfExamples(t *testing.T) {
	t.Parallel()
	requireNone(t, certificateFaults(load(t, read(t))))
}

// certificateFaults checks each certificate of the examples against the fields
// beside it, which the live service prints as Go does.
func certificateFaults(document *openapi3.T) (found faults) {
	checked := 0
	for name, ref := range document.Components.Examples {
		eachCertificate(ref.Value.Value, func(fields map[string]any) {
			checked++
			certificate, err := parseLeaf(fields["certificate"].(string))
			if err != nil {
				found.add(name, "%v", err)
				return
			}
			if fields["id"] == nil {
				return // an upload: the service chooses the fields
			}
			for field, want := range map[string]string{
				"issuer":        certificate.Issuer.String(),
				"signature":     certificate.SignatureAlgorithm.String(),
				"serial_number": certificate.SerialNumber.String(),
				"expires_on":    certificate.NotAfter.Format(time.RFC3339),
			} {
				if fields[field] != want {
					found.add(name, "%s is %v, the certificate says %s", field, fields[field], want)
				}
				if example := document.Components.Schemas["Certificate"].Value.Properties[field].Value.Example; example != want {
					found.add("Certificate."+field, "the example is %v, the certificate of the examples says %s", example, want)
				}
			}
		})
	}
	if checked < 5 {
		found.add("examples", "%d with a certificate, want those of list, upload, get, delete", checked)
	}
	return found
}

// eachCertificate calls f with each object at value or below it that has a
// certificate.
func eachCertificate(value any, f func(map[string]any)) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			eachCertificate(element, f)
		}
	case map[string]any:
		if _, ok := value["certificate"].(string); ok {
			f(value)
		}
		for _, field := range value {
			eachCertificate(field, f)
		}
	}
}

// parseLeaf takes one block of PEM with one final newline, a leaf that Go
// reads.
func parseLeaf(text string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("no certificate in PEM")
	}
	if len(rest) > 0 || !bytes.Equal(pem.EncodeToMemory(block), []byte(text)) {
		return nil, fmt.Errorf("the PEM is not one block with one final newline")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	if certificate.IsCA || !certificate.BasicConstraintsValid {
		return nil, fmt.Errorf("the certificate is not a leaf")
	}
	return certificate, nil
}

func TestNoPrivateKey(t *testing.T) {
	t.Parallel()
	requireNone(t, keyFaults(load(t, read(t))))
	if strings.Contains(read(t), "PRIVATE KEY") {
		t.Error("the document holds a private key, or what looks like one")
	}
}

// keyFaults finds values of private_key that could be taken for a key.
func keyFaults(document *openapi3.T) (found faults) {
	value := document.Components.Examples["Upload"].Value.Value.(map[string]any)["private_key"]
	if text, _ := value.(string); !strings.HasPrefix(text, "<") || !strings.HasSuffix(text, ">") {
		found.add("Upload", "private_key %v is not a placeholder in angle brackets", value)
	}
	return found
}

// TestChecksOfExamplesFindFaults spoils the document in one place after the
// other.
func TestChecksOfExamplesFindFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		check    func(*openapi3.T) faults
		old, new string
		wants    []string
	}{
		"no example":              {invalidExamples, "            examples:\n              upload:\n                $ref: '#/components/examples/Upload'\n", "", []string{"UploadCertificate request application/json: no example"}},
		"example of another type": {invalidExamples, "        result: {enabled: false}", "        result: {enabled: 'no'}", []string{"GetSettings 200 application/json disabled"}},
		"field is missing":        {invalidExamples, "          - code: 1406\n            message: This", "          - code: 1406\n            text: This", []string{"UploadCertificate 4XX application/json exists"}},
		"date of another form":    {invalidExamples, "uploaded_on: '2026-11-24T18:11:23.37411Z'", "uploaded_on: '24 November'", []string{"pending", "date-time"}},
		"example of a parameter":  {invalidExamples, "example: 023e105f4ecef8ad9ca31a8372d0c353", "example: zone", []string{"ZoneID"}},
		"status does not fit":     {misplacedExamples, "x-status: 404", "x-status: 500", []string{"4XX application/json not_found", "x-status 500"}},
		"no status":               {misplacedExamples, "      x-status: 502\n", "", []string{"5XX text/html bad_gateway", "x-status <nil>"}},
		"429 under 4XX":           {misplacedExamples, "x-status: 409", "x-status: 429", []string{"4XX application/json conflict"}},
		"status of a request":     {misplacedExamples, "summary: A certificate and where its key goes", "summary: An upload\n      x-status: 200", []string{"UploadCertificate request"}},
		"nothing refers to it":    {misplacedExamples, "  examples:\n    PendingCertificate:", "  examples:\n    Lonely: {summary: Lonely, value: 1}\n    PendingCertificate:", []string{"Lonely: nothing refers"}},
		"another issuer":          {certificateFaults, "issuer: CN=originpull example", "issuer: CN=originpull", []string{"PendingCertificate: issuer is"}},
		"another serial number":   {certificateFaults, "serial_number: '309", "serial_number: '409", []string{"serial_number"}},
		"another end":             {certificateFaults, "expires_on: '2036-11-01T00:00:00Z'", "expires_on: '2036-11-02T00:00:00Z'", []string{"expires_on"}},
		"a damaged certificate":   {certificateFaults, "MIIBlzCCATygAwIBAgIP", "MIIBlzCCATygAwIBAgIQ", []string{"PendingCertificate: x509"}},
		"no certificate":          {certificateFaults, "-----BEGIN CERTIFICATE-----", "-----BEGIN-----", []string{"PendingCertificate: no certificate in PEM"}},
		"no final newline":        {certificateFaults, "certificate: |\n", "certificate: |-\n", []string{"PendingCertificate: the PEM is not one block"}},
		"a key in the upload":     {keyFaults, "<the private key in PEM>", "MC4CAQAwBQYDK2VwBCIEIA", []string{"Upload: private_key"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireFault(t, test.check(spoilt(t, test.old, test.new)), test.wants...)
		})
	}
}
