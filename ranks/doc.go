// Package ranks connects the processes of one run, its ranks.
//
// A [Transport] sends bytes and numbers between ranks. Ranks are numbered from 0. [Alone] is the
// transport of a run in one process. [Open] returns the transport of a run that MPI started, in
// builds with the tag mpi: one cgo file, of standard calls only. Ranks on one machine exchange numbers through
// memory that MPI lets them share. What ranks do together is built on
// the transport: [Sum], [Gather], [Broadcast], [Join], and [Watch], which notices a rank that is silent. In builds
// with the tag gpu, [NCCL] exchanges numbers between the GPUs of the ranks, which a Transport has connected.
//
// # Sums
//
// A sum over ranks has the same bits on all of them, and for any number of them that is a power of two:
// numbers are added pairwise along one binary tree over the ranks (see [Sum]). No sum of MPI is used,
// as their order may change with the number of processes and with the library.
package ranks
