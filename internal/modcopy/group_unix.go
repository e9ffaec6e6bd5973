//go:build unix

package modcopy

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a command and all that it starts end together: the go command
// leaves the tests that it runs behind when it is killed.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
