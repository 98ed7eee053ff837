package memory

import (
	"runtime/debug"
	"testing"
)

// limit sets GOMEMLIMIT to a number of bytes above what is in use, until the test ends. It returns the
// whole limit, which no number of free bytes exceeds.
func limit(t *testing.T, bytes float64) float64 {
	t.Setenv("GOMEMLIMIT", "set")
	whole := inUse() + bytes
	before := debug.SetMemoryLimit(int64(whole))
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	return whole
}
