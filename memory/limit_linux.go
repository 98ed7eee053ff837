package memory

import (
	"math"
	"syscall"
)

// addressSpace returns RLIMIT_AS in bytes, or +Inf if there is no limit, which Linux writes as 2⁶⁴-1.
func addressSpace() float64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.Inf(1)
	}
	return float64(limit.Cur)
}
