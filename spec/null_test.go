package spec_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// TestNullIsAllowed holds both documents to the one way of allowing null that every
// validator reads alike.
func TestNullIsAllowed(t *testing.T) {
	t.Parallel()
	requireNone(t, ineffectiveNull(t, read(t)))
	requireNone(t, ineffectiveNull(t, readGenerated(t)))
}

// ineffectiveNull finds nullable where it does not allow null: OpenAPI 3.0.3 gives it a
// meaning only beside a type, and what stands in a reference, an alternative or an enum
// beside it refuses null all the same.
func ineffectiveNull(t *testing.T, text string) (found faults) {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	var visit func(where string, value any)
	visit = func(where string, value any) {
		switch value := value.(type) {
		case []any:
			for i, element := range value {
				visit(fmt.Sprintf("%s[%d]", where, i), element)
			}
		case map[string]any:
			if value["nullable"] == true {
				nullFaults(&found, where, value)
			}
			for name, field := range value {
				visit(where+"."+name, field)
			}
		}
	}
	visit("$", document)
	return found
}

// nullFaults finds them in one schema.
func nullFaults(found *faults, where string, schema map[string]any) {
	if _, ok := schema["type"].(string); !ok {
		found.add(where, "nullable without a type: say which type it is beside null")
	}
	for _, keyword := range []string{"$ref", "allOf", "anyOf", "oneOf", "not"} {
		if schema[keyword] != nil {
			found.add(where, "nullable beside %s, which does not allow null: write the properties here", keyword)
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, nil) {
		found.add(where, "nullable beside an enum without null: add null to it")
	}
}

func TestDeletionHoldsACertificate(t *testing.T) {
	t.Parallel()
	requireNone(t, deletedCertificate(load(t, read(t))))
}

// deletedCertificate finds what differs between a certificate and that in the response
// to a deletion, which cannot refer to it since it may be null.
func deletedCertificate(document *openapi3.T) (found faults) {
	certificate := document.Components.Schemas["Certificate"].Value
	deleted := document.Components.Schemas["DeletionEnvelope"].Value.Properties["result"].Value
	const where = "DeletionEnvelope.result"
	if !slices.Equal(deleted.Required, certificate.Required) {
		found.add(where, "requires %v, Certificate requires %v", deleted.Required, certificate.Required)
	}
	names := maps.Clone(certificate.Properties)
	maps.Copy(names, deleted.Properties)
	for name := range names {
		if have, want := deleted.Properties[name], certificate.Properties[name]; !reflect.DeepEqual(have, want) {
			found.add(where+"."+name, "not the same as Certificate.%s: copy it", name)
		}
	}
	return found
}

// TestNullFaults spoils the document in one place after the other.
func TestNullFaults(t *testing.T) {
	t.Parallel()
	const null = "          type: array\n          nullable: true\n"
	for name, test := range map[string]struct{ old, new, want string }{
		"no type":               {null, "          nullable: true\n", "CertificateListEnvelope.properties.result: nullable without a type"},
		"beside a reference":    {null, null + "          $ref: '#/components/schemas/Settings'\n", "nullable beside $ref"},
		"beside parts":          {null, null + "          allOf: [{$ref: '#/components/schemas/Settings'}]\n", "nullable beside allOf"},
		"beside alternatives":   {null, null + "          anyOf: [{type: array}]\n", "nullable beside anyOf"},
		"an enum":               {null, null + "          enum: [a]\n", "nullable beside an enum without null"},
		"in a part of a schema": {null, null + "          x-parts: [{nullable: true}]\n", "x-parts[0]: nullable without a type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t)
			if !strings.Contains(text, test.old) {
				t.Fatalf("openapi.yaml does not hold %q any more: fix the test", test.old)
			}
			requireFault(t, ineffectiveNull(t, strings.Replace(text, test.old, test.new, 1)), test.want)
		})
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"one more property":    {"        id:\n          description: names", "        one_more: {type: string}\n        id:\n          description: names", "DeletionEnvelope.result.one_more"},
		"a property less":      {"        serial_number:\n", "        serial:\n", "DeletionEnvelope.result.serial_number"},
		"another limit":        {"maxLength: 4096", "maxLength: 4097", "DeletionEnvelope.result.issuer"},
		"one more is required": {"required: [id, status, certificate, issuer, signature, expires_on", "required: [id, status, certificate, issuer, signature, serial_number, expires_on", "DeletionEnvelope.result: requires"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireFault(t, deletedCertificate(spoilt(t, test.old, test.new)), test.want)
		})
	}
}
