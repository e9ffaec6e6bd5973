package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/originpull/originpull-go/drift"
)

// Drift is what an answer holds beyond the document: a finding of the drift guard,
// met at run time. It tells where and of what type, never what.
type Drift struct {
	drift.Finding
	// Overlay admits it into the document. A value of an open set is left to be
	// filled in, since it is content.
	Overlay string `json:"overlay"`
}

// driftOf tells what the closed document forbids of an answer that the open one
// allows.
func driftOf(closed *document, x *Exchange, err error) []Drift {
	seen := map[string]bool{}
	var found []Drift
	for _, violation := range schemaErrors(err) {
		for _, d := range driftsOf(closed, x, violation) {
			if !seen[d.ID] {
				seen[d.ID] = true
				found = append(found, d)
			}
		}
	}
	return found
}

func driftsOf(closed *document, x *Exchange, violation *openapi3.SchemaError) (found []Drift) {
	schema := componentOf(closed, violation.Schema)
	switch violation.SchemaField {
	case "properties":
		object, _ := violation.Value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if violation.Schema.Properties[name] != nil {
				continue
			}
			at := append(violation.JSONPointer(), name)
			update := fmt.Sprintf("{%s: {type: %s}}", strconv.Quote(name), typeOf(object[name]))
			found = append(found, newDrift(x, "property-added", at, typeOf(object[name]), schema+".properties", update))
		}
	case "enum":
		kind := typeOf(violation.Value)
		update := fmt.Sprintf("[<%s>]  # the value, a %s", strings.Join(violation.JSONPointer(), "/"), kind)
		found = append(found, newDrift(x, "enum-value-added", violation.JSONPointer(), kind, schema+".x-extensible-enum", update))
	default: // it cannot be: closing adds nothing else
		found = append(found, newDrift(x, "type-changed", violation.JSONPointer(), typeOf(violation.Value), schema, "{}"))
	}
	return found
}

// carried are the headers that belong to HTTP and not to the API.
var carried = []string{"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Server", "Transfer-Encoding", "Vary"}

// unnamedHeaders tells which headers of an answer the document does not name.
func unnamedHeaders(operation *openapi3.Operation, x *Exchange) (found []Drift) {
	response := operation.Responses.Status(x.Status)
	if response == nil {
		return nil
	}
	named := map[string]bool{}
	for name := range response.Value.Headers {
		named[http.CanonicalHeaderKey(name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(x.Answer.Header)) {
		if named[name] || slices.Contains(carried, name) {
			continue
		}
		update := fmt.Sprintf("{%s: {schema: {type: string}}}", strconv.Quote(name))
		found = append(found, newDrift(x, "header-added", []string{"headers", name}, "string", "$.paths.*.*.responses.*.headers", update))
	}
	return found
}

// newDrift makes a finding as the drift guard does: the kind gives its class and
// meaning.
func newDrift(x *Exchange, kind string, at []string, valueType, target, update string) Drift {
	place := "/" + strings.Join(at, "/")
	status := fmt.Sprintf("response %d %s", x.Status, general(place))
	f := drift.Finding{
		Kind: kind, Direction: drift.Response, After: valueType,
		Where: []drift.Where{{Place: status, Operations: []string{x.Operation}}},
		New:   []string{place},
	}
	for _, k := range drift.Kinds() {
		if k.Name == kind {
			f.Class, f.Meaning = k.Response, k.Meaning
		}
	}
	f.Kind = "response-" + kind
	hash := sha256.Sum256([]byte(f.Kind + "\x00" + general(place) + "\x00" + valueType))
	f.ID = fmt.Sprintf("%s:%s:%s", f.Kind, at[len(at)-1], hex.EncodeToString(hash[:4]))
	return Drift{Finding: f, Overlay: admitting(target, update)}
}

// general is a pointer with the places in lists left open.
func general(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

func admitting(target, update string) string {
	return fmt.Sprintf("overlay: 1.1.0\ninfo: {title: Admit what was met at run time, version: 1.0.0}\nx-speakeasy-jsonpath: rfc9535\nactions:\n  - target: %s\n    update: %s\n", strconv.Quote(target), update)
}

// componentOf finds where in the document a schema stands: a component, or a
// property of one.
func componentOf(d *document, schema *openapi3.Schema) string {
	names := slices.Sorted(maps.Keys(d.Components.Schemas))
	for _, name := range names {
		if d.Components.Schemas[name].Value == schema {
			return "$.components.schemas." + name
		}
	}
	for _, name := range names {
		for property, ref := range d.Components.Schemas[name].Value.Properties {
			if ref.Value == schema {
				return "$.components.schemas." + name + ".properties." + property
			}
		}
	}
	return "$"
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64, json.Number:
		if strings.ContainsAny(fmt.Sprint(value), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}
