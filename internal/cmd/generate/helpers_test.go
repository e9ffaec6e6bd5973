package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// root is the module root, seen from this package.
const root = "../../.."

func readRoot(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sources returns a copy of the curated document and the overlays that a test
// may change.
func sources(t *testing.T) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{specFile: {Data: readRoot(t, specFile)}}
	overlays, err := filepath.Glob(filepath.Join(root, overlayDir, "*.yaml"))
	if err != nil || len(overlays) == 0 {
		t.Fatalf("no overlays: %v", err)
	}
	for _, name := range overlays {
		name = overlayDir + "/" + filepath.Base(name)
		fsys[name] = &fstest.MapFile{Data: readRoot(t, name)}
	}
	return fsys
}

// replace changes the first old in a file to new, and fails if there is none.
func replace(t *testing.T, fsys fstest.MapFS, file, old, new string) {
	t.Helper()
	text := string(fsys[file].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q any more: fix the test", file, old)
	}
	fsys[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
}
