// Generate makes the effective document, gen/openapi.yaml, which oapi-codegen
// turns into Go: the curated document with the overlays of overlays/go applied
// in their order, and checked. And it makes the constants by which package
// originpull exports the values of open sets.
//
// It runs in the module root, by go generate.
package main

import (
	"fmt"
	"os"
)

const (
	specFile    = "spec/openapi.yaml"
	overlayDir  = "overlays/go"
	outputFile  = "gen/openapi.yaml"
	outputNotes = `# Code generated from ` + specFile + ` and ` + overlayDir + `. DO NOT EDIT.
# This is the document that gen/api and gen/server are made from.
`
	valuesFile = "originpull/values.gen.go"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	document, err := effective(os.DirFS("."))
	if err != nil {
		return err
	}
	code, err := values(document)
	if err != nil {
		return fmt.Errorf("%s: %w", valuesFile, err)
	}
	if err := os.WriteFile(outputFile, document, 0o644); err != nil {
		return err
	}
	return os.WriteFile(valuesFile, code, 0o644)
}
