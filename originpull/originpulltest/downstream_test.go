package originpulltest_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

const mostThirdParty = 300_000 // bytes

// A service in a module of its own tests itself on SDK and simulator, and
// vendors next to nothing for it. As with every build, the go command fetches what the
// module cache lacks.
func TestDownstream(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a module")
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := modcopy.NewFolder("downstream") // where the next run finds in the build cache what this one compiles
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Remove() })
	dir := folder.Dir
	if err := os.CopyFS(dir, os.DirFS("testdata/downstream")); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod := fmt.Sprintf("module example.com/keeper\n\ngo 1.26.0\n\nrequire github.com/originpull/originpull-go v0.0.0\n\nreplace github.com/originpull/originpull-go => %q\n", repository)
	for name, text := range map[string]string{"go.mod": mod, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(arguments ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "go", arguments...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
	}
	run("list", "-mod=mod", "-deps", "-test", "./...")
	run("mod", "vendor")
	run("test", "-mod=vendor", "-ldflags=-s", "./...")

	sizes := thirdParty(t, filepath.Join(dir, "vendor"))
	var modules []string
	total := int64(0)
	for module, size := range sizes {
		modules = append(modules, module)
		total += size
	}
	slices.Sort(modules)
	want := []string{"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/oapi-codegen/runtime"}
	if !slices.Equal(modules, want) || total > mostThirdParty {
		t.Errorf("a service vendors %d bytes of %v, want at most %d of %v", total, modules, mostThirdParty, want)
	}
}

// thirdParty returns how many bytes of each foreign module are vendored, going by
// the list that go mod vendor writes; a file of no listed module is an error.
func thirdParty(t *testing.T, vendor string) map[string]int64 {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(vendor, "modules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const own = "github.com/originpull/originpull-go"
	modules := []string{own}
	for _, m := range regexp.MustCompile(`(?m)^# (\S+) v`).FindAllStringSubmatch(string(list), -1) {
		modules = append(modules, m[1])
	}
	sizes := map[string]int64{}
	err = fs.WalkDir(os.DirFS(vendor), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == "modules.txt" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		of := ""
		for _, module := range modules { // the longest that fits
			if strings.HasPrefix(path, module+"/") && len(module) > len(of) {
				of = module
			}
		}
		if of == "" {
			t.Errorf("%s is vendored and of no module that is listed", path)
		}
		if of != own {
			sizes[of] += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}
