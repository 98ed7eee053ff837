//go:build !linux

package engine

import "runtime"

// yield lets another goroutine run. Go has no portable call that lets another thread of the system run, as
// yield_linux.go does.
func yield() { runtime.Gosched() }
