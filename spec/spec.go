// Package spec holds the curated document of the API.
package spec

import _ "embed"

// OpenAPI is the curated document, in YAML; README.md here says how it is maintained.
//
//go:embed openapi.yaml
var OpenAPI []byte
