package memory

import (
	"runtime/debug"
	"testing"
)

// limit leaves the given number of bytes above what is in use to Go, until the test ends, as GOMEMLIMIT does. It
// returns the whole limit, the bytes in use included.
func limit(t *testing.T, bytes float64) float64 {
	t.Setenv("GOMEMLIMIT", "set") // goLimit asks only whether the variable is set
	whole := inUse() + bytes
	before := debug.SetMemoryLimit(int64(whole))
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	return whole
}
