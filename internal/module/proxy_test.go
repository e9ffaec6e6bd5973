package module_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/originpull/originpull-go/originpull"
)

const modulePath = "github.com/originpull/originpull-go"

// moduleProxy publishes this module, as the working tree has it, in a folder that go
// reads as a module proxy, and returns the environment that makes it so. All else comes
// from the module cache. All tests share the proxy and a module cache of its own.
func moduleProxy(t *testing.T) []string {
	t.Helper()
	env, err := publish()
	if err != nil {
		t.Fatal(err)
	}
	return env
}

var publish = sync.OnceValues(func() ([]string, error) {
	root := filepath.Join(temporary, "proxy")
	archive, err := writeProxy(root)
	if err != nil {
		return nil, err
	}
	// The go command takes what it knows of a folder in a module cache to be so for ever:
	// a cache has another name where the module has another content.
	own := filepath.Join(temporary, fmt.Sprintf("modules-%x", sha256.Sum256(archive)))
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return nil, err
	}
	downloads := filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")
	// With -trimpath what was compiled of the modules in one cache serves in another.
	return append(os.Environ(),
		"GOPROXY=file://"+root+",file://"+downloads,
		"GOMODCACHE="+own, "GOFLAGS=-mod=mod -modcacherw -trimpath -ldflags=-s", "GOSUMDB=off", "GOTOOLCHAIN=local"), nil
})

// writeProxy writes this module into a folder as a module proxy has it, and returns the
// archive of the module.
func writeProxy(root string) ([]byte, error) {
	version := module.Version{Path: modulePath, Version: "v" + originpull.Version}
	dir := filepath.Join(root, modulePath, "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	gomod, err := os.ReadFile("go.mod")
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{
		"list":                    []byte(version.Version + "\n"),
		version.Version + ".info": fmt.Appendf(nil, `{"Version":%q}`, version.Version),
		version.Version + ".mod":  gomod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return nil, err
		}
	}
	files, err := listFiles()
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	if err := zip.Create(&archive, version, files); err != nil {
		return nil, err
	}
	return archive.Bytes(), os.WriteFile(filepath.Join(dir, version.Version+".zip"), archive.Bytes(), 0o644)
}

// trackedFiles lists what git would publish of the working tree, nested modules
// left out.
func trackedFiles(t *testing.T) []zip.File {
	t.Helper()
	files, err := listFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func listFiles() ([]zip.File, error) {
	list, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var files []zip.File
	for name := range strings.SplitSeq(strings.Trim(string(list), "\x00"), "\x00") {
		if _, err := os.Lstat(name); err == nil && !inNestedModule(name) {
			files = append(files, treeFile(name))
		}
	}
	return files, nil
}

func inNestedModule(name string) bool {
	for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return true
		}
	}
	return false
}

// treeFile is a file of the working tree by its path.
type treeFile string

func (f treeFile) Path() string                 { return filepath.ToSlash(string(f)) }
func (f treeFile) Lstat() (os.FileInfo, error)  { return os.Lstat(string(f)) }
func (f treeFile) Open() (io.ReadCloser, error) { return os.Open(string(f)) }
