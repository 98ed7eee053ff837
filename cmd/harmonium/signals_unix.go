//go:build unix

package main

import (
	"os"
	"syscall"
)

// userSignals are the signals whose meaning is left to programs.
var userSignals = []os.Signal{syscall.SIGUSR1, syscall.SIGUSR2}
