package main

import (
	"os"
	"syscall"
)

// peakMemory returns the bytes of the largest process among a command and all that
// it started.
func peakMemory(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10 // Linux reports kilobytes
	}
	return 0
}
