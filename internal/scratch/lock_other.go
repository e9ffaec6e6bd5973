//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package scratch

import (
	"os/exec"

	"github.com/gofrs/flock"
)

// lock is a locked file, which cannot be handed to other processes here.
type lock struct{ *flock.Flock }

// handOn does nothing: the lock ends with this process.
func (lock) handOn(*exec.Cmd) {}

func tryLock(name string) (lock, error) {
	l := flock.New(name)
	ours, err := l.TryLock()
	if err == nil && !ours {
		err = errInUse
	}
	return lock{l}, err
}
