//go:build !linux

package main

import "os"

// peakMemory is not measured: other systems tell it in other units.
func peakMemory(*os.ProcessState) int64 { return 0 }
