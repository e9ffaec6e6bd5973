//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package modcopy

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
)

// lock is a locked file. It is open in whatever this process starts, too: when this is
// killed, what it leaves at work in the folder holds the lock until it ends.
type lock int

// Close unlocks the file for all that have it open.
func (l lock) Close() error {
	return errors.Join(syscall.Flock(int(l), syscall.LOCK_UN), syscall.Close(int(l)))
}

// tryLock locks a file, unless another has: then the error is errInUse.
func tryLock(name string) (io.Closer, error) {
	file, err := syscall.Open(name, syscall.O_CREAT|syscall.O_RDWR, 0o600) // package os would close it in what is started
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if err = syscall.Flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return lock(file), nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errInUse
	}
	return nil, errors.Join(err, syscall.Close(file))
}
