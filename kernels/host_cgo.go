//go:build cgo

package kernels

// compiled returns the implementations in C that this machine can run.
func compiled() []*Set { return nil }
