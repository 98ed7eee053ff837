//go:build !unix

package main

// withoutWaiting has no meaning here: this platform has no pipes among files.
const withoutWaiting = 0
