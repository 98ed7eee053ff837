package engine

import "syscall"

// yield lets the system run another thread that waits for this processor. The call does not
// block, so Go's scheduler need not be involved.
func yield() { syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }
