package engine

import "syscall"

// yield lets the system run another thread that waits for this one's processor. The call
// does not block, so that Go's scheduler need not know of it.
func yield() { syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }
