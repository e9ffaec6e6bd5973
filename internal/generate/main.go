// Generate makes the effective document, gen/openapi.yaml, which oapi-codegen
// turns into Go: the curated document with the overlays of overlays/go applied
// in their order, and checked.
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
)

func main() {
	document, err := effective(os.DirFS("."))
	if err == nil {
		err = os.WriteFile(outputFile, document, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
