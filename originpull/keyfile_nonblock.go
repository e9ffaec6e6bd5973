//go:build unix || windows

package originpull

import "syscall"

// nonBlocking opens a named pipe that has no writer at once.
const nonBlocking = syscall.O_NONBLOCK
