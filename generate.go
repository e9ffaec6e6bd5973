// Package originpullgo is the root of module github.com/originpull/originpull-go,
// an SDK for Cloudflare's zone-level Authenticated Origin Pulls. It holds no code:
// programs import package originpull, in the folder of that name.
package originpullgo

// The curated document and its overlays become gen/openapi.yaml, and that becomes the
// Go code. oapi-codegen runs as a command so that the header of the generated files
// names it and its version.

//go:generate go run ./internal/cmd/generate run
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config gen/api/config.yaml gen/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config gen/server/config.yaml gen/openapi.yaml
