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

// readClosed reads a document and shuts what is open in it: objects have the
// properties that are named and no others, and open sets hold what is listed. What
// it forbids and the document does not, is drift.
func readClosed(text []byte, baseURL string) (*document, error) {
	doc, err := readDocument(bytes.Clone(text), baseURL)
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		shut(schema.Value)
	}
	return routed(doc.T)
}

// shut shuts a schema. The document names every schema of its own, so what a
// schema refers to has its turn elsewhere.
func shut(schema *openapi3.Schema) {
	no := false
	if len(schema.Properties) > 0 {
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	}
	if open, ok := schema.Extensions["x-extensible-enum"].([]any); ok {
		schema.Enum = open
	}
	for _, property := range schema.Properties {
		if property.Ref == "" {
			shut(property.Value)
		}
	}
	if items := schema.Items; items != nil && items.Ref == "" {
		shut(items.Value)
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
