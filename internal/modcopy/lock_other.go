//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package modcopy

import (
	"io"

	"github.com/gofrs/flock"
)

// tryLock locks a file, unless another has: then the error is errInUse. The lock ends
// with this process.
func tryLock(name string) (io.Closer, error) {
	lock := flock.New(name)
	ours, err := lock.TryLock()
	if err == nil && !ours {
		err = errInUse
	}
	return lock, err
}
