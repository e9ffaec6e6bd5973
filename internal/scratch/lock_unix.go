//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package scratch

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// lock is a file that is locked until the last process that has it open closes it.
type lock struct{ *os.File }

// handOn gives the lock to a command, which gives it to all that it starts: a process
// that is killed leaves them at work in the folder.
func (l lock) handOn(cmd *exec.Cmd) { cmd.ExtraFiles = append(cmd.ExtraFiles, l.File) }

func tryLock(name string) (lock, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return lock{}, err
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return lock{file}, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errInUse
	}
	return lock{}, errors.Join(err, file.Close())
}
