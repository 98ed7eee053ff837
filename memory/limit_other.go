//go:build !linux

package memory

import "math"

// addressSpace returns +Inf: what this process has mapped is not known here.
func addressSpace() float64 { return math.Inf(1) }
