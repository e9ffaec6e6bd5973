package originpullgo

// The curated document and its overlays become gen/openapi.yaml, and that
// becomes the Go code. oapi-codegen runs as a command so that the header of
// what it makes names it and its version.

//go:generate go run ./internal/generate
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config gen/api/config.yaml gen/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config gen/server/config.yaml gen/openapi.yaml
