//go:build !linux

package main

import "os"

// peakMemory is not measured: other systems report it in other units.
func peakMemory(*os.ProcessState) int64 { return 0 }
