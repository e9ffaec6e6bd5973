//go:build tools

// The commands that the Makefile and generate.go run, pinned by go.mod. This
// file is never built: it is here, in a package that no one imports, so that
// the tools stay out of what a downstream service requires.
package originpullgo

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
	_ "github.com/rhysd/actionlint/cmd/actionlint"
	_ "golang.org/x/vuln/cmd/govulncheck"
	_ "honnef.co/go/tools/cmd/staticcheck"
)
