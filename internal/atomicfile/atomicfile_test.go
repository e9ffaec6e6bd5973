package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	for _, want := range []string{"first", "second"} {
		if err := Write(file, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("the file holds %q, want %q: %v", got, want, err)
		}
	}
	if err := Write(filepath.Join(file, "below"), nil); err == nil {
		t.Error("no error of a file in a folder that does not exist")
	}
	if err := os.Chmod(file, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(file), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := Write(link, []byte("third")); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(file)
	behind, _ := os.Lstat(link)
	info, _ := os.Stat(file)
	if string(data) != "third" || behind.Mode()&fs.ModeSymlink == 0 || info.Mode().Perm() != 0o755 {
		t.Errorf("by a link, the file holds %q with mode %s, the link has mode %s", data, info.Mode(), behind.Mode())
	}
	if err := os.Chmod(file, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := Write(file, []byte("fourth")); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a read-only file is written: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".new-*")); len(left) > 0 {
		t.Errorf("what was written on the way is left: %v", left)
	}
}
