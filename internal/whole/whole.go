// Package whole writes files whole or not at all.
package whole

import (
	"errors"
	"os"
	"path/filepath"
)

// Write puts data in place of a file, whose folder exists: whoever reads it gets
// what it was or what it is to be, and a write that fails leaves it as it was.
func Write(file string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
