package contract

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// document is an OpenAPI document that can find the operation of a request.
type document struct {
	*openapi3.T
	router routers.Router
}

// readDocument reads a document whose paths are served below baseURL.
func readDocument(text []byte, baseURL string) (*document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	doc.Servers = openapi3.Servers{{URL: baseURL}}
	return routed(doc)
}

func routed(doc *openapi3.T) (*document, error) {
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	return &document{T: doc, router: router}, nil
}

// readClosed reads a document and closes its schemas: objects have the named
// properties only, and open sets the listed values only. What the closed document
// forbids and the document allows is drift.
func readClosed(text []byte, baseURL string) (*document, error) {
	doc, err := readDocument(bytes.Clone(text), baseURL)
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		closeSchema(schema.Value)
	}
	return routed(doc.T)
}

// closeSchema closes a schema. References are not followed: the document names every
// schema as a component, and each component is closed by itself.
func closeSchema(schema *openapi3.Schema) {
	no := false
	if len(schema.Properties) > 0 {
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	}
	if open, ok := schema.Extensions["x-extensible-enum"].([]any); ok {
		schema.Enum = open
	}
	for _, property := range schema.Properties {
		if property.Ref == "" {
			closeSchema(property.Value)
		}
	}
	if items := schema.Items; items != nil && items.Ref == "" {
		closeSchema(items.Value)
	}
}

// operation returns the operation of a request by its operationId, nil where the
// document has none.
func (d *document) operation(r *http.Request) (*routers.Route, map[string]string) {
	route, parameters, err := d.router.FindRoute(r)
	if err != nil {
		return nil, nil
	}
	return route, parameters
}
