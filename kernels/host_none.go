//go:build !cgo

package kernels

// compiled returns the implementations in C. A build without cgo has none.
func compiled() []*Set { return nil }
