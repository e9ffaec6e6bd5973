// Package atomicfile writes files all or nothing: a reader never sees half of one.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts data in place of a file, whose folder exists: whoever reads it gets
// what it was or what it is to be, and a write that fails leaves it as it was. The
// file keeps its permissions; one that no one may write is left alone, and of a
// symbolic link it is the file behind it that is written.
func Write(file string, data []byte) error {
	file, mode, err := target(file)
	if err != nil {
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

// Writable says why Write would leave a file alone, before anything is written.
func Writable(file string) error {
	_, _, err := target(file)
	return err
}

// target is the file that is written, behind symbolic links, and its permissions.
func target(file string) (string, fs.FileMode, error) {
	behind, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, 0o644, nil
	}
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(behind)
	if err != nil {
		return "", 0, err
	}
	if info.Mode().Perm()&0o222 == 0 {
		return "", 0, fmt.Errorf("%s is read-only: chmod +w it first", file)
	}
	return behind, info.Mode().Perm(), nil
}
