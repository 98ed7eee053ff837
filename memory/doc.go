// Package memory estimates whether something fits into the memory of the machine before it is
// allocated. Otherwise a program that runs out of memory ends: by the Go runtime, with a stack trace and
// without a way to recover, or by the kernel of Linux, without a message.
//
// The free memory is the least number of bytes that four limits leave:
//
//   - the memory of the machine: MemAvailable of /proc/meminfo, without swap space;
//   - the address space: RLIMIT_AS (ulimit -v);
//   - the control groups of Linux, versions 1 and 2: the group of the process and all groups above it;
//   - GOMEMLIMIT, if it is set.
//
// On other systems than Linux only GOMEMLIMIT is known.
package memory
