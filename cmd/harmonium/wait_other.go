//go:build !unix

package main

// withoutWaiting adds nothing to the flags of an open: this platform has no pipes among files.
const withoutWaiting = 0
