//go:build !linux

package engine

import "runtime"

// yield lets another goroutine run that waits for this processor.
func yield() { runtime.Gosched() }
