// Generate makes the effective document, gen/openapi.yaml, which oapi-codegen
// turns into Go: the curated document with the overlays of overlays/go applied
// in their order, and checked. And it makes the constants by which package
// originpull exports the values of open sets.
//
// Run it in the root of the module, as go generate does:
//
//	generate run
//
// Without arguments it prints its help. It does not use internal/cli as the other programs
// do: that imports the SDK, which has to be generated before it compiles.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/originpull/originpull-go/internal/atomicfile"
)

const (
	specFile    = "spec/openapi.yaml"
	overlayDir  = "overlays/go"
	outputFile  = "gen/openapi.yaml"
	outputNotes = `# Code generated from ` + specFile + ` and ` + overlayDir + `. DO NOT EDIT.
# It is for our generator of gen/api and gen/server alone: what they do not need is left out,
# and x-go-… says what is theirs. For everything else take ` + specFile + `.
`
	valuesFile = "originpull/values.gen.go"
)

const help = `Generate makes the document that Go code is generated from, and constants.

Usage:
  generate run    read ` + specFile + ` and ` + overlayDir + `,
                  write ` + outputFile + ` and ` + valuesFile + `

Run it in the root of the module; go generate does. With --version it prints the
version that it was built as.

Exit status: 0 success, 1 the files could not be made, 2 usage error.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the program and returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0 || slices.Contains(args, "--help") || slices.Contains(args, "-h"):
		fmt.Fprint(stdout, help)
		return 0
	case args[0] == "--version":
		fmt.Fprintln(stdout, "generate version", version())
		return 0
	case args[0] != "run":
		return usage(stderr, "unknown command %q", args[0])
	case len(args) > 1:
		return usage(stderr, "unexpected argument %q: want \"generate run\"", args[1])
	}
	if err := generate(); err != nil {
		fmt.Fprintln(stderr, "generate:", err)
		return 1
	}
	return 0
}

// version returns the version that the go command knows of this module.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

// usage prints what is wrong with the arguments and returns the exit status.
func usage(stderr io.Writer, format string, args ...any) int {
	fmt.Fprintf(stderr, "generate: "+format+"\nSee 'generate --help'.\n", args...)
	return 2
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
	if err := atomicfile.Write(outputFile, document); err != nil {
		return err
	}
	return atomicfile.Write(valuesFile, code)
}
