//go:build !unix

package main

import "os"

// userSignals is empty where there are no such signals.
var userSignals []os.Signal
