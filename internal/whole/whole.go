// Package whole writes files whole or not at all.
package whole

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts data in place of a file, whose folder exists: whoever reads it gets
// what it was or what it is to be, and a write that fails leaves it as it was. The
// file keeps its permissions; one that nobody may write is left alone, and of a
// symbolic link it is the file behind it that is written.
func Write(file string, data []byte) error {
	mode := fs.FileMode(0o644)
	switch behind, err := filepath.EvalSymlinks(file); {
	case err == nil:
		info, err := os.Stat(behind)
		if err != nil {
			return err
		}
		if file, mode = behind, info.Mode().Perm(); mode&0o222 == 0 {
			return fmt.Errorf("%s is read-only: chmod +w it first", file)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Chmod(mode), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
