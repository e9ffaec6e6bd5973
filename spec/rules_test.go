package spec_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// sources are the words by which x-source names where a fact comes from.
var sources = []string{
	"API reference, Zone-Level Authenticated Origin Pulls",
	"cloudflare/api-schemas openapi.json, 2024-07-31",
	"cloudflare/api-schemas openapi.json",
	"Cloudflare documentation, Authenticated Origin Pull, 2026-04",
	"Cloudflare documentation, API rate limits, 2026-04",
	"alchemy-run/distilled and alchemy, Cloudflare error matchers and live tests, 2026",
	"IBM-Cloud/terraform-provider-ibm PR 3895, 2022",
	"captures published by others, 2021–2026",
}

// terraform is one more source, and may name issues of that project.
var (
	terraform       = regexp.MustCompile(`^cloudflare/terraform-provider-cloudflare( issues? (\d+)((, \d+)* and \d+)?)?$`)
	terraformIssues = []string{"837", "5531", "5714", "6703", "6711", "6791"}
)

func TestDescriptionsAndSources(t *testing.T) {
	t.Parallel()
	requireNone(t, described(load(t, read(t))))
}

// described finds what has no description, or no x-source in words of the list.
func described(document *openapi3.T) (found faults) {
	components := document.Components
	for name, schema := range components.Schemas {
		describedSchema(&found, name, schema)
	}
	for name, ref := range components.Parameters {
		found.describe(name, ref.Value.Description, true)
		found.source(name, ref.Value.Extensions)
	}
	for name, ref := range components.Headers {
		found.describe(name, ref.Value.Description, true)
		found.source(name, ref.Value.Extensions)
	}
	for name, ref := range components.Responses {
		found.describe(name, *ref.Value.Description, false)
		found.source(name, ref.Value.Extensions)
	}
	for name, ref := range components.SecuritySchemes {
		found.describe(name, ref.Value.Description, false)
		found.source(name, ref.Value.Extensions)
	}
	for _, op := range operations(document) {
		found.describe(op.where, op.Description, true)
		found.source(op.where, op.Extensions)
		if op.RequestBody != nil {
			found.describe(op.where+" request", op.RequestBody.Value.Description, false)
		}
		for status, ref := range op.Responses.Map() {
			found.describe(op.where+" "+status, *ref.Value.Description, false)
		}
		for _, ref := range op.Parameters {
			if ref.Ref == "" {
				found.add(op.where, "the parameter %s stands in the operation: move it to the components", ref.Value.Name)
			}
		}
	}
	return found
}

// describedSchema goes through a schema and all below it, up to references.
func describedSchema(found *faults, where string, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Ref != "" {
		return
	}
	schema := ref.Value
	found.describe(where, schema.Description, true)
	found.source(where, schema.Extensions)
	if schema.Type.Is("string") && schema.MaxLength == nil && schema.Format == "" {
		found.add(where, "a string without maxLength or format")
	}
	for name, property := range schema.Properties {
		describedSchema(found, where+"."+name, property)
	}
	describedSchema(found, where+"[]", schema.Items)
	describedSchema(found, where+"{}", schema.AdditionalProperties.Schema)
	for _, list := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for i, part := range list {
			describedSchema(found, fmt.Sprintf("%s, part %d", where, i+1), part)
		}
	}
}

// describe wants a description, and a small first letter where it becomes a Go
// comment, which begins with the name.
func (f *faults) describe(where, description string, comment bool) {
	switch {
	case description == "":
		f.add(where, "no description")
	case comment && !unicode.IsLower([]rune(description)[0]):
		f.add(where, "the description %.20q does not read on from the name", description)
	}
}

func (f *faults) source(where string, extensions map[string]any) {
	var list []any
	switch source := extensions["x-source"].(type) {
	case string:
		list = []any{source}
	case []any:
		list = source
	}
	if len(list) == 0 {
		f.add(where, "no x-source")
	}
	for _, source := range list {
		if text := fmt.Sprint(source); !knownSource(text) {
			f.add(where, "x-source %q is not in the list of sources", text)
		}
	}
}

func knownSource(text string) bool {
	if !terraform.MatchString(text) {
		return slices.Contains(sources, text)
	}
	for _, number := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		if !slices.Contains(terraformIssues, number) {
			return false
		}
	}
	return true
}

func TestOperations(t *testing.T) {
	t.Parallel()
	requireNone(t, operationFaults(load(t, read(t))))
}

// operationFaults finds operations that lack what each one needs.
func operationFaults(document *openapi3.T) (found faults) {
	all := operations(document)
	if len(all) == 0 {
		found.add("paths", "no operations")
	}
	for _, op := range all {
		if n := len(op.OperationID); n == 0 || n > 22 {
			found.add(op.where, "operationId %q has %d characters, want 1 to 22 so that no Go name is over 40", op.OperationID, n)
		}
		permission := "SSL and Certificates Write"
		if op.method == "GET" {
			permission = "SSL and Certificates Read"
		}
		if got := op.Extensions["x-permission"]; got != permission {
			found.add(op.where, "x-permission %v, want %s", got, permission)
		}
		for status, want := range map[string]struct{ headers, media []string }{
			"200": {[]string{"Cf-Ray", "Ratelimit", "Ratelimit-Policy"}, []string{"application/json"}},
			"4XX": {[]string{"Cf-Ray", "Ratelimit", "Ratelimit-Policy"}, []string{"application/json"}},
			"429": {[]string{"Cf-Ray", "Ratelimit", "Ratelimit-Policy", "Retry-After"}, []string{"application/json"}},
			"5XX": {[]string{"Cf-Ray"}, []string{"application/json", "text/html"}},
		} {
			ref := op.Responses.Value(status)
			if ref == nil {
				found.add(op.where, "no response %s", status)
				continue
			}
			if got := slices.Sorted(maps.Keys(ref.Value.Headers)); !slices.Equal(got, want.headers) {
				found.add(op.where, "headers of %s: %v, want %v", status, got, want.headers)
			}
			if got := slices.Sorted(maps.Keys(ref.Value.Content)); !slices.Equal(got, want.media) {
				found.add(op.where, "media types of %s: %v, want %v", status, got, want.media)
			}
		}
		if op.Responses.Len() != 4 {
			found.add(op.where, "%d responses, want 200, 4XX, 429 and 5XX", op.Responses.Len())
		}
	}
	return found
}

func TestOpenSetsAreExplained(t *testing.T) {
	t.Parallel()
	requireNone(t, openSets(load(t, read(t))))
}

// openSets compares the members of the open sets with the list in the
// description, whose lines are "  - member, member: what it means".
func openSets(document *openapi3.T) (found faults) {
	for _, name := range []string{"ErrorCode", "CertificateStatus"} {
		schema := document.Components.Schemas[name].Value
		var explained []string
		for line := range strings.Lines(schema.Description) {
			line, ok := strings.CutPrefix(line, "  - ")
			members, meaning, _ := strings.Cut(line, ":")
			if !ok || strings.TrimSpace(meaning) == "" {
				continue
			}
			for member := range strings.SplitSeq(members, ",") {
				explained = append(explained, strings.Trim(member, " `"))
			}
		}
		list, _ := schema.Extensions["x-extensible-enum"].([]any)
		var set []string
		for _, member := range list {
			set = append(set, fmt.Sprint(member))
		}
		slices.Sort(set)
		slices.Sort(explained)
		if len(set) == 0 || !slices.Equal(set, explained) {
			found.add(name, "the open set is %v, the description explains %v", set, explained)
		}
		if len(schema.Enum) > 0 {
			found.add(name, "an enum closes the set: a client would fail on a value that is new")
		}
	}
	return found
}

func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	requireNone(t, secrets(load(t, read(t))))
}

// secrets finds what reads like a secret and is not marked as one. What is marked
// has a Go type that does not show it, as a test of the generated code requires;
// for a parameter or a header there is none.
func secrets(document *openapi3.T) (found faults) {
	components := document.Components
	for name, schema := range components.Schemas {
		secretsIn(&found, name, schema)
	}
	for name, ref := range components.Parameters {
		if readsSecret(ref.Value.Name) {
			found.add(name, "the parameter %q reads like a secret, which the Go code would show", ref.Value.Name)
		}
	}
	for name := range components.Headers {
		if readsSecret(name) {
			found.add(name, "the header reads like a secret, which the Go code would show")
		}
	}
	for _, op := range operations(document) {
		for status, ref := range op.Responses.Map() {
			for name := range ref.Value.Headers {
				if readsSecret(name) {
					found.add(op.where+" "+status, "the header %q reads like a secret, which the Go code would show", name)
				}
			}
		}
	}
	for _, body := range bodies(document) {
		secretsIn(&found, body.where, body.content.Schema)
	}
	return found
}

// secretsIn goes through a schema and all below it, up to references.
func secretsIn(found *faults, where string, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Ref != "" {
		return
	}
	schema := ref.Value
	if schema.Format == "password" && !schema.WriteOnly {
		found.add(where, "a password that is not writeOnly, which the Go code would show")
	}
	for name, property := range schema.Properties {
		at := where + "." + name
		holdsText := property.Value != nil && !property.Value.Type.Is("boolean") && !property.Value.Type.Is("integer") && !property.Value.Type.Is("number")
		if readsSecret(name) && holdsText && !property.Value.WriteOnly {
			found.add(at, "it reads like a secret and is not writeOnly, which the Go code would show: take it out if the service does not send it")
		}
		secretsIn(found, at, property)
	}
	secretsIn(found, where+"[]", schema.Items)
	secretsIn(found, where+"{}", schema.AdditionalProperties.Schema)
	for _, list := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for i, part := range list {
			secretsIn(found, fmt.Sprintf("%s, part %d", where, i+1), part)
		}
	}
}

const (
	// secretWords name what no one should read in a log, as words of a name.
	secretWords = "password passwords passphrase passphrases secret secrets token tokens credential credentials"
	// secretPairs do so together.
	secretPairs = "private key,private keys,api key,api keys,auth key,auth keys"
)

var (
	// wordOf is a word of a name, written as in apiKey, APIKey, api_key or API-KEY.
	wordOf = regexp.MustCompile(`[A-Z]?[a-z0-9]+|[A-Z]+`)
	// capitals is where a word in capitals ends before another word.
	capitals = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
)

// readsSecret reports whether the words of a name are those of a secret.
func readsSecret(name string) bool {
	words := wordOf.FindAllString(capitals.ReplaceAllString(name, "$1 $2"), -1)
	for i, word := range words {
		words[i] = strings.ToLower(word)
		if slices.Contains(strings.Fields(secretWords), words[i]) {
			return true
		}
		if i > 0 && slices.Contains(strings.Split(secretPairs, ","), words[i-1]+" "+words[i]) {
			return true
		}
	}
	return false
}

func TestReadsSecret(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"password": true, "keyPassword": true, "PrivateKeyPEM": true, "APIKey": true, "api-keys": true, "X-Auth-Token": true, "clientSECRET": true,
		"X-Auth-Key": true, "public_key": false, "key": false, "private": false, "keyApi": false, "tokenizer": false, "secretary": false, "": false,
	} {
		if got := readsSecret(name); got != want {
			t.Errorf("%q reads like the name of a secret: %v, want %v", name, got, want)
		}
	}
}

// TestRulesFindFaults spoils the document in one place after the other.
func TestRulesFindFaults(t *testing.T) {
	t.Parallel()
	const id = "description: names the certificate within its zone, a UUID."
	tests := map[string]struct {
		rule     func(*openapi3.T) faults
		old, new string
		wants    []string
	}{
		"field without description":  {described, id, "", []string{"Certificate.id: no description"}},
		"description stands alone":   {described, id, "description: The id.", []string{"Certificate.id", "does not read on"}},
		"string without limit":       {described, "maxLength: 4096", "x-note: none", []string{"Certificate.issuer", "maxLength"}},
		"schema without description": {described, "description: is the zone-level enablement.", "x-note: none", []string{"Settings: no description"}},
		"operation without one":      {described, "description: reports whether zone-level", "x-note: reports whether zone-level", []string{"GET /zones/{zone_id}/origin_tls_client_auth/settings: no description"}},
		"header without description": {described, "description: says how many seconds", "x-note: says how many seconds", []string{"RetryAfter: no description"}},
		"parameter without one":      {described, "description: is the id of the zone", "x-note: is the id of the zone", []string{"ZoneID: no description"}},
		"header without source":      {described, "x-source: captures published", "x-note: captures published", []string{"CfRay: no x-source"}},
		"source of other words":      {described, "x-source: captures published by others, 2021–2026", "x-source: I heard it", []string{`CfRay: x-source "I heard it"`}},
		"source with another issue":  {described, "cloudflare/terraform-provider-cloudflare issue 5714", "cloudflare/terraform-provider-cloudflare issue 1", []string{"Certificate.certificate: x-source"}},
		"inline schema without":      {described, "items:\n            $ref: '#/components/schemas/ChainedError'", "items: {type: object}", []string{"Message.error_chain[]: no description"}},
		"no permission":              {operationFaults, "x-permission: SSL and Certificates Read", "x-note: none", []string{"GET /zones/{zone_id}/origin_tls_client_auth: x-permission <nil>"}},
		"permission of a reader":     {operationFaults, "x-permission: SSL and Certificates Write", "x-permission: SSL and Certificates Read", []string{"POST", "x-permission"}},
		"operationId too long":       {operationFaults, "operationId: ListCertificates", "operationId: ListCertificatesOfAZone", []string{"23 characters"}},
		"no 200":                     {operationFaults, "'200':", "'201':", []string{"no response 200"}},
		"no 4XX":                     {operationFaults, "4XX:", "'400':", []string{"no response 4XX"}},
		"no 429":                     {operationFaults, "'429':", "'428':", []string{"no response 429"}},
		"no 5XX":                     {operationFaults, "5XX:", "'500':", []string{"no response 5XX"}},
		"429 without Retry-After":    {operationFaults, "        Retry-After:\n          $ref: '#/components/headers/RetryAfter'\n", "", []string{"headers of 429"}},
		"5XX without HTML":           {operationFaults, "        text/html:\n", "        text/plain:\n", []string{"media types of 5XX"}},
		"code not explained":         {openSets, "          - 1406: the zone", "          - the zone", []string{"ErrorCode: the open set"}},
		"code without a meaning":     {openSets, "          - 971: rate limited", "          - 971:", []string{"ErrorCode: the open set"}},
		"explained code not in set":  {openSets, "        - 1433\n", "", []string{"ErrorCode: the open set"}},
		"status not explained":       {openSets, "          - `deleted`: deleted", "          - gone", []string{"CertificateStatus: the open set"}},
		"a secret by its name":       {secrets, "        issuer:\n", "        api_token:\n", []string{"Certificate.api_token: it reads like a secret"}},
		"a secret that is returned":  {secrets, "        issuer:\n", "        privateKey:\n", []string{"Certificate.privateKey: it reads like a secret"}},
		"a password":                 {secrets, "maxLength: 4096", "format: password", []string{"Certificate.issuer: a password"}},
		"a secret not marked":        {secrets, "          writeOnly: true\n", "", []string{"CertificateUpload.private_key: it reads like a secret"}},
		"a parameter with a secret":  {secrets, "      name: zone_id\n", "      name: zone_token\n", []string{"ZoneID: the parameter \"zone_token\" reads like a secret"}},
		"a closed set":               {openSets, "      maxLength: 64\n      example: active\n", "      enum: [active]\n", []string{"closes the set"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireFault(t, test.rule(spoilt(t, test.old, test.new)), test.wants...)
		})
	}
}
