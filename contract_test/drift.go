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
)

// Drift is something in a response that the document does not name: a field, a value
// of an open set, or a header. It has the place and the type, never the content.
type Drift struct {
	// ID is the same whenever the same drift is found.
	ID string `json:"id"`
	// Kind, Class and Meaning are those that package drift gives such a change of a
	// document. Direction is always "response".
	Kind      string `json:"kind"`
	Class     string `json:"class"`
	Direction string `json:"direction"`
	Meaning   string `json:"meaning"`
	// Where lists the places where it was found.
	Where []DriftPlace `json:"where"`
	// After is the type of the content. Several types are joined by " or ".
	After string `json:"after"`
	// New is where it was found first, as a JSON pointer into the response.
	New []string `json:"new"`
	// Overlay is an OpenAPI overlay that adds it to the document. It has a placeholder
	// in angle brackets for a value of an open set, since the value is content.
	Overlay string `json:"overlay,omitempty"`

	admissions []admission
}

// DriftPlace is a place in the responses of some operations.
type DriftPlace struct {
	Place      string   `json:"place"`
	Operations []string `json:"operations"`
}

// valueAdded is the kind of drift for a value that an open set does not list.
const valueAdded = "response-enum-value-added"

// meanings are the kinds of drift that can be found, by the names of package drift.
var meanings = map[string]string{
	"property-added":   "property added",
	"enum-value-added": "enum value added",
	"header-added":     "optional header added",
}

// driftOf returns what the closed document forbids of a response that the open one
// allows.
func driftOf(closed *document, x *exchange, err error) []Drift {
	var found []Drift
	for _, fault := range schemaErrors(err) {
		found = merged(found, driftsOf(closed, x, fault)...)
	}
	return found
}

// merged adds drift, each once with all the places where it was found.
func merged(all []Drift, more ...Drift) []Drift {
	for _, d := range more {
		if i := slices.IndexFunc(all, func(one Drift) bool { return one.ID == d.ID }); i >= 0 {
			all[i].merge(d)
		} else {
			all = append(all, d)
		}
	}
	return all
}

func driftsOf(closed *document, x *exchange, fault *openapi3.SchemaError) (found []Drift) {
	schema := componentOf(closed, fault.Schema)
	switch fault.SchemaField {
	case "properties":
		object, _ := fault.Value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if fault.Schema.Properties[name] != nil {
				continue
			}
			valueType := typeOf(object[name])
			found = append(found, newDrift(x, "property-added", append(fault.JSONPointer(), name), valueType, admission{
				target: schema + ".properties", before: "{" + strconv.Quote(name) + ": ", after: "}", types: []string{valueType},
			}))
		}
	case "enum":
		valueType := typeOf(fault.Value)
		found = append(found, newDrift(x, "enum-value-added", fault.JSONPointer(), valueType, admission{
			target: schema + "['x-extensible-enum']", before: fmt.Sprintf(`["<the value, of type %s>"]`, valueType),
		}))
	}
	return found // closing adds nothing else
}

// httpHeaders are the headers that belong to HTTP and not to the API.
var httpHeaders = []string{"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Server", "Transfer-Encoding", "Vary"}

// unnamedHeaders returns the headers of a response that the document does not name.
func (c *checker) unnamedHeaders(operation *openapi3.Operation, x *exchange) (found []Drift) {
	response := operation.Responses.Status(x.Status)
	if response == nil {
		return nil
	}
	named := map[string]bool{}
	for name := range response.Value.Headers {
		named[http.CanonicalHeaderKey(name)] = true
	}
	for _, name := range slices.Concat(httpHeaders, c.extraHeaders) {
		named[http.CanonicalHeaderKey(name)] = true
	}
	target := responseOf(c.closed, operation, x.Status)
	for _, name := range slices.Sorted(maps.Keys(x.Response.Header)) {
		if named[name] {
			continue
		}
		found = append(found, newDrift(x, "header-added", []string{"headers", name}, "string", admission{
			target: target, before: "{headers: {" + strconv.Quote(name) + ": {schema: ", after: "}}}", types: []string{"string"},
		}))
	}
	return found
}

// responseOf returns where in the document the response of a status is.
func responseOf(d *document, operation *openapi3.Operation, status int) string {
	key := strconv.Itoa(status)
	if operation.Responses.Value(key) == nil {
		key = key[:1] + "XX"
	}
	if _, component, ok := strings.Cut(operation.Responses.Value(key).Ref, "#/components/responses/"); ok {
		return "$.components.responses." + component
	}
	for path, item := range d.Paths.Map() {
		for method, one := range item.Operations() {
			if one.OperationID == operation.OperationID {
				return fmt.Sprintf("$.paths['%s'].%s.responses['%s']", path, strings.ToLower(method), key)
			}
		}
	}
	return ""
}

// newDrift returns drift in the form of package drift. Drift that the same schema
// would admit has the same id, wherever it was found, and so has a header of the
// same name.
func newDrift(x *exchange, kind string, at []string, valueType string, admitting admission) Drift {
	place, about := pointer(at...), admitting.target
	where := place
	if kind == "header-added" {
		about = ""
	} else {
		where = general(x.Response.Body, at)
	}
	status := fmt.Sprintf("response %d %s", x.Status, where)
	d := Drift{
		Kind: "response-" + kind, Class: "additive", Direction: "response", Meaning: meanings[kind], After: valueType,
		Where: []DriftPlace{{Place: status, Operations: []string{x.Operation}}},
		New:   []string{place}, admissions: []admission{admitting},
	}
	hash := sha256.Sum256([]byte(d.Kind + "\x00" + admitting.before + "\x00" + about))
	d.ID = fmt.Sprintf("%s:%s:%s", d.Kind, at[len(at)-1], hex.EncodeToString(hash[:4]))
	d.Overlay = d.overlay()
	return d
}

// or separates types.
const or = " or "

// merge adds the places and the types of other, which has the same id.
func (d *Drift) merge(other Drift) {
	for _, where := range other.Where {
		d.Where = addWhere(d.Where, where)
	}
	types := append(strings.Split(d.After, or), strings.Split(other.After, or)...)
	slices.Sort(types)
	d.After = strings.Join(slices.Compact(types), or)
	d.admissions = slices.Clone(d.admissions)
	for _, one := range other.admissions {
		i := slices.IndexFunc(d.admissions, func(a admission) bool { return a.target == one.target })
		if i < 0 {
			d.admissions = append(d.admissions, one)
			continue
		}
		d.admissions[i].types = append(slices.Clone(d.admissions[i].types), one.types...)
	}
	d.Overlay = d.overlay()
}

// general returns the JSON pointer of a place in a JSON text, with "*" for every index of
// an array. A field can have a name of digits too.
func general(text []byte, at []string) string {
	var value any
	json.Unmarshal(text, &value)
	parts := slices.Clone(at)
	for i, part := range at {
		switch in := value.(type) {
		case []any:
			parts[i], value = "*", nil
			if index, err := strconv.Atoi(part); err == nil && index >= 0 && index < len(in) {
				value = in[index]
			}
		case map[string]any:
			value = in[part]
		}
	}
	return pointer(parts...)
}

// admission is the action of an overlay that admits drift at one place of the
// document. Its update is a schema of the types between two strings.
type admission struct {
	target, before, after string
	types                 []string
}

// overlay returns an overlay of all admissions, "" if the place of one is unknown.
func (d Drift) overlay() string {
	var b strings.Builder
	fmt.Fprintf(&b, "overlay: 1.1.0\ninfo: {title: Admit drift at run time, version: 1.0.0}\nactions:\n")
	for _, one := range d.admissions {
		if !strings.HasPrefix(one.target, "$.") {
			return ""
		}
		fmt.Fprintf(&b, "  - target: %s\n    description: A response of the service had it.\n    update: %s%s%s\n",
			strconv.Quote(one.target), one.before, schemaOf(one.types), one.after)
	}
	return b.String()
}

// schemaOf returns a schema that allows the types: one type, which may be null, or
// any.
func schemaOf(types []string) string {
	if len(types) == 0 {
		return ""
	}
	var parts []string
	types = slices.Compact(slices.Sorted(slices.Values(types)))
	some := slices.DeleteFunc(slices.Clone(types), func(one string) bool { return one == "null" })
	if len(some) == 1 {
		parts = append(parts, "type: "+some[0])
		if some[0] == "array" {
			parts = append(parts, "items: {}")
		}
	}
	if len(some) < len(types) {
		parts = append(parts, "nullable: true")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// componentOf returns where in the document a schema is: a component or a property of
// one; "" if elsewhere.
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
	return ""
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
