// Standin prints a document that stands in for upstream's, which is not part of
// this repository: ours as the other side would write it, so that "drift check"
// finds it in step. With a name it makes one small change to it, that upstream
// could make. It runs in the root of the module:
//
//	standin [CHANGE]
package main

import (
	"embed"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

const specFile = "spec/openapi.yaml"

//go:embed upstream.yaml changes
var overlays embed.FS

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	files := []string{"upstream.yaml"}
	for _, change := range args {
		file := "changes/" + change + ".yaml"
		if _, err := overlays.ReadFile(file); err != nil {
			return fmt.Errorf("%q is no change that is known: %s", change, strings.Join(changes(), ", "))
		}
		files = append(files, file)
	}
	spec, err := os.ReadFile(specFile)
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(spec, &doc); err != nil {
		return err
	}
	for _, file := range files {
		text, err := overlays.ReadFile(file)
		if err != nil {
			return err
		}
		o, err := overlay.Parse(file, text)
		if err != nil {
			return err
		}
		if err := o.Apply(&doc); err != nil {
			return err
		}
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return enc.Encode(&doc)
}

func changes() []string {
	entries, _ := overlays.ReadDir("changes") // embedded
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(path.Base(e.Name()), ".yaml")
	}
	return names
}
