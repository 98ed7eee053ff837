//go:build !linux

package memory

import "math"

// addressSpace returns +Inf: the size of this process's address space is not known here.
func addressSpace() float64 { return math.Inf(1) }
