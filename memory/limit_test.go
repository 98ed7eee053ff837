package memory

import (
	"runtime/debug"
	"testing"
)

// limit sets GOMEMLIMIT to some bytes more than are in use, until the test ends.
func limit(t *testing.T, bytes float64) {
	t.Setenv("GOMEMLIMIT", "set")
	before := debug.SetMemoryLimit(int64(inUse() + bytes))
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}
