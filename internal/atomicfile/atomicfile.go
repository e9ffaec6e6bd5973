// Package atomicfile writes files all or nothing: a reader never sees half of one.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the content of a file, whose folder must exist. A reader sees the old
// content or the new, and a write that fails leaves the old. The file keeps its
// permissions; a read-only file is an error, and a symbolic link is followed.
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

// Writable returns the error with which Write would refuse a file, nil for none.
func Writable(file string) error {
	_, _, err := target(file)
	return err
}

// target returns the file that is written, behind symbolic links, and its permissions.
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
