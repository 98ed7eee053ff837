package memory

import (
	"math"
	"syscall"
)

// addressSpace returns RLIMIT_AS in bytes, +Inf if there is none.
func addressSpace() float64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.Inf(1)
	}
	return float64(limit.Cur)
}
