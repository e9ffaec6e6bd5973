package module_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// service is a program that imports the SDK.
const service = `package main

import (
	"context"
	"fmt"
	"os"

	"github.com/originpull/originpull-go/originpull"
)

func main() {
	client, err := originpull.New(originpull.WithToken(os.Getenv("CLOUDFLARE_API_TOKEN")))
	if err != nil {
		fmt.Println(err)
		return
	}
	zone, err := client.Zone(os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(zone.Settings.Get(context.Background()))
}
`

// TestDownstream builds a service against this module as it would be published.
// The service must require, check and vendor this module alone: no third-party module
// comes with it.
func TestDownstream(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a module")
	}
	dir, env := downstreamModule(t, "service"), moduleProxy(t)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(service), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(arguments ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", arguments...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.Output()
		if err != nil {
			var failed *exec.ExitError
			errors.As(err, &failed)
			t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, failed.Stderr)
		}
		return out
	}
	run("mod", "tidy")
	run("mod", "vendor")
	run("build", "-mod=vendor", "-o", filepath.Join(t.TempDir(), "service"), ".")

	required := requires(t, run("mod", "edit", "-json"))
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	modules, packages, size := vendored(t, filepath.Join(dir, "vendor"))
	t.Logf("requires: %v", required)
	// The checksums beside that of this module are of what the SDK's own tests import:
	// go mod tidy reads the tests of the packages that a service imports, and requires
	// nothing for them.
	t.Logf("go.sum: %d lines\n%s", strings.Count(string(sums), "\n"), sums)
	t.Logf("vendored: modules %v, packages %v, %d bytes", modules, packages, size)
	for _, found := range [][]string{required, modules} {
		if len(found) != 1 || found[0] != modulePath {
			t.Errorf("a service that imports the SDK gets %v, want %s alone", found, modulePath)
		}
	}
	if len(packages) == 0 || size == 0 {
		t.Error("nothing is vendored: has the format of vendor/modules.txt changed?")
	}
}

// requires returns the modules that go.mod requires, from go mod edit -json.
func requires(t *testing.T, edited []byte) []string {
	t.Helper()
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(edited, &mod); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range mod.Require {
		paths = append(paths, r.Path)
	}
	return paths
}

// vendored lists the modules and packages of a vendor folder, and the bytes of
// all its files but its own index.
func vendored(t *testing.T, dir string) (modules, packages []string, size int64) {
	t.Helper()
	const index = "modules.txt"
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == index {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, index))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		words := strings.Fields(line)
		switch {
		case words[0] == "#":
			modules = append(modules, words[1])
		case words[0] != "##":
			packages = append(packages, words[0])
		}
	}
	return modules, packages, size
}
