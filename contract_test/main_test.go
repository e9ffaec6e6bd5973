package contract

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain leaves the garbage collector less work: hardly anything outlives its test.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
