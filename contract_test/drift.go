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

// Drift is what a response holds beyond the document, met at run time. It says
// where and of what type, never what.
type Drift struct {
	// ID is the same whenever the same is met, wherever that is.
	ID string `json:"id"`
	// Kind, Class and Meaning are those that package drift has for such a change of
	// a document, and Direction is always "response".
	Kind      string `json:"kind"`
	Class     string `json:"class"`
	Direction string `json:"direction"`
	Meaning   string `json:"meaning"`
	// Where lists the places where it was met.
	Where []DriftPlace `json:"where"`
	// After is the type of what was met, or the types.
	After string `json:"after"`
	// New is where it was met first, as a JSON pointer into the response.
	New []string `json:"new"`
	// Overlay admits it into the document, wherever it was met. A value of an open
	// set is content: the overlay has a place for it, in angle brackets.
	Overlay string `json:"overlay,omitempty"`

	admissions []admission
}

// DriftPlace is a place in the responses of some operations.
type DriftPlace struct {
	Place      string   `json:"place"`
	Operations []string `json:"operations"`
}

// valueAdded is the kind of a value that an open set does not list.
const valueAdded = "response-enum-value-added"

// meanings are what can be met, by the name that package drift has for it.
var meanings = map[string]string{
	"property-added":   "property added",
	"enum-value-added": "enum value added",
	"header-added":     "optional header added",
}

// driftOf tells what the closed document forbids of an answer that the open one
// allows.
func driftOf(closed *document, x *Exchange, err error) []Drift {
	var found []Drift
	for _, violation := range schemaErrors(err) {
		found = merged(found, driftsOf(closed, x, violation)...)
	}
	return found
}

// merged adds findings, each once with all the places where it was met.
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

func driftsOf(closed *document, x *Exchange, violation *openapi3.SchemaError) (found []Drift) {
	schema := componentOf(closed, violation.Schema)
	switch violation.SchemaField {
	case "properties":
		object, _ := violation.Value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if violation.Schema.Properties[name] != nil {
				continue
			}
			valueType := typeOf(object[name])
			found = append(found, newDrift(x, "property-added", append(violation.JSONPointer(), name), valueType, admission{
				target: schema + ".properties", before: "{" + strconv.Quote(name) + ": ", after: "}", types: []string{valueType},
			}))
		}
	case "enum":
		valueType := typeOf(violation.Value)
		found = append(found, newDrift(x, "enum-value-added", violation.JSONPointer(), valueType, admission{
			target: schema + "['x-extensible-enum']", before: fmt.Sprintf(`["<the value, of type %s>"]`, valueType),
		}))
	}
	return found // closing adds nothing else
}

// carried are the headers that belong to HTTP and not to the API.
var carried = []string{"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Server", "Transfer-Encoding", "Vary"}

// unnamedHeaders tells which headers of an answer the document does not name.
func (c *checker) unnamedHeaders(operation *openapi3.Operation, x *Exchange) (found []Drift) {
	response := operation.Responses.Status(x.Status)
	if response == nil {
		return nil
	}
	named := map[string]bool{}
	for name := range response.Value.Headers {
		named[http.CanonicalHeaderKey(name)] = true
	}
	for _, name := range slices.Concat(carried, c.adds) {
		named[http.CanonicalHeaderKey(name)] = true
	}
	target := responseOf(c.closed, operation, x.Status)
	for _, name := range slices.Sorted(maps.Keys(x.Answer.Header)) {
		if named[name] {
			continue
		}
		found = append(found, newDrift(x, "header-added", []string{"headers", name}, "string", admission{
			target: target, before: "{headers: {" + strconv.Quote(name) + ": {schema: ", after: "}}}", types: []string{"string"},
		}))
	}
	return found
}

// responseOf finds where in the document the response to a status stands.
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

// newDrift makes what a finding is to package drift: the kind gives its
// meaning. What the same schema would admit is the same finding, wherever it was
// met, and so is a header of the same name.
func newDrift(x *Exchange, kind string, at []string, valueType string, admitting admission) Drift {
	place, about := "/"+strings.Join(at, "/"), admitting.target
	if kind == "header-added" {
		about = ""
	}
	status := fmt.Sprintf("response %d %s", x.Status, general(place))
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

// or stands between the types of what was met.
const or = " or "

// merge takes in where else and of what other type the same was met.
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

// admission is the action of an overlay that admits what was met at one place of
// the document: its update is a schema of the types, between two texts.
type admission struct {
	target, before, after string
	types                 []string
}

// overlay admits all that was met, "" where it is not known to what.
func (d Drift) overlay() string {
	var b strings.Builder
	fmt.Fprintf(&b, "overlay: 1.1.0\ninfo: {title: Admit what was met at run time, version: 1.0.0}\nactions:\n")
	for _, one := range d.admissions {
		if !strings.HasPrefix(one.target, "$.") {
			return ""
		}
		fmt.Fprintf(&b, "  - target: %s\n    description: The service answers so, as was met at run time.\n    update: %s%s%s\n",
			strconv.Quote(one.target), one.before, schemaOf(one.types), one.after)
	}
	return b.String()
}

// schemaOf is a schema that allows the types: one and null, or anything.
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

// componentOf finds where in the document a schema stands: a component, or a
// property of one; "" if elsewhere.
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
