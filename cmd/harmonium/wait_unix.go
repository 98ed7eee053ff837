//go:build unix

package main

import "syscall"

// withoutWaiting is a flag of an open that returns at once also for a pipe that nobody writes to.
const withoutWaiting = syscall.O_NONBLOCK
