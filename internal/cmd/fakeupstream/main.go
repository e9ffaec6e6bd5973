// Fakeupstream prints a document in place of upstream's, which is not part of
// this repository: ours as the other side would write it, so that "drift check"
// finds it in step. With the name of a change it makes that small change to it, which
// upstream could make. It runs in the root of the module:
//
//	fakeupstream unchanged
//	fakeupstream CHANGE...
//
// Without arguments it prints its help, with the names of the changes. What has been
// followed is not a change any more. Tests therefore begin with the files in
// testdata/ours, as they were before any change was followed.
package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

const specFile = "spec/openapi.yaml"

//go:embed upstream.yaml changes
var overlays embed.FS

func main() { os.Exit(status(os.Args[1:], os.Stdout, os.Stderr)) }

// status runs the program and returns its exit status.
func status(args []string, stdout, stderr io.Writer) int {
	err := run(args, stdout)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "fakeupstream:", err)
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(stderr, "See 'fakeupstream --help'.")
	}
	return 2
}

// usageError says what is wrong with the arguments.
type usageError string

func (e usageError) Error() string { return string(e) }

// unchanged is in the place of the name of a change.
const unchanged = "unchanged"

func run(args []string, w io.Writer) error {
	if len(args) == 0 || slices.Contains(args, "--help") || slices.Contains(args, "-h") {
		_, err := fmt.Fprintf(w, "Fakeupstream prints a document in place of upstream's, with changes that upstream could make.\n\n"+
			"Usage:\n  fakeupstream %s\n  fakeupstream CHANGE...\n\nChanges:\n  %s\n\n"+
			"Run it in the root of the module.\n\nExit status: 0 success, 2 usage or environment error.\n", unchanged, strings.Join(changes(), "\n  "))
		return err
	}
	if args[0] == "--version" {
		_, err := fmt.Fprintln(w, "fakeupstream version", version())
		return err
	}
	if len(args) == 1 && args[0] == unchanged {
		args = nil
	}
	for _, name := range args {
		if !slices.Contains(changes(), name) {
			return usageError(fmt.Sprintf("%q is not a change: want %s or some of %s", name, unchanged, strings.Join(changes(), ", ")))
		}
	}
	doc, err := ours()
	if err != nil {
		return err
	}
	return write(w, doc, args)
}

// version returns the version that the go command knows of this module.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

func ours() (*yaml.Node, error) {
	spec, err := os.ReadFile(specFile)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	return &doc, yaml.Unmarshal(spec, &doc)
}

// write writes the document that is made of ours, with changes.
func write(w io.Writer, doc *yaml.Node, names []string) error {
	files := []string{"upstream.yaml"}
	for _, name := range names {
		files = append(files, "changes/"+name+".yaml")
	}
	for _, file := range files {
		o, err := load(file)
		if err != nil {
			return err
		}
		if err := o.Apply(doc); err != nil {
			return err
		}
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return enc.Encode(doc)
}

func load(file string) (*overlay.Overlay, error) {
	text, err := overlays.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return overlay.Parse(file, text)
}

func changes() []string {
	entries, _ := overlays.ReadDir("changes") // embedded
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(path.Base(e.Name()), ".yaml")
	}
	return names
}
