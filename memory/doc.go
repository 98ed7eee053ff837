// Package memory estimates whether something fits into the memory of the machine before it is
// allocated. Go ends a program that runs out of memory, with a stack trace and without a way to
// recover, and Linux ends it without a word.
//
// What is free is the least of what the machine has available (MemAvailable of /proc/meminfo), of
// what RLIMIT_AS (ulimit -v) leaves, of what the limits of the control groups leave (versions 1 and 2,
// of the group and of all above it), and of GOMEMLIMIT if it is set. Swap space does not count.
// On other systems than Linux only GOMEMLIMIT is known.
package memory
