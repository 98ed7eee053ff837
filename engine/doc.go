// Package engine runs a batched graph on a device.
//
// # Graphs
//
// A graph is a real *gorgonia.ExprGraph whose nodes carry ops of this package (op_*.go). The ops
// are coarse, one for each concept of the field: rows of a data set, the field of a layer, a
// mean, a draw, a free energy, a gradient, an update of a parameter. A function NewX adds the
// node of op X to a graph.
//
// The inputs of a graph are variables, which a [State] holds by name. [Assign] marks the node
// whose value a variable takes when a run ends. Nothing else changes a variable during a run. A
// variable of three integers is the clock ([Tick]): update, position and epoch. Draws, schedules
// and batches depend on it.
//
// A run may consist of several processes, its ranks (package ranks). Each computes some shards,
// which are ranges of rows of every batch, and a [Total] adds up a tensor over the ranks.
//
// # Units
//
// Ops of layers take [Units], the groups of a layer, as data. No op is named after a kind of
// unit, and a new kind adds no op. The contract of a kind, what its states are worth, its mean,
// cumulant and draw, is in package kernels (kind.go, unit_NAME.go).
//
// # Runners
//
// Three runners take the same graph and must agree. A [Tape] is Gorgonia's TapeMachine over the
// definitions in Go, and the oracle for the other two. [Compile] returns a [Plan] for the host or
// for a GPU: an ordered list of launches on a [Device], over buffers allocated once. Running a
// plan allocates nothing, unless the host sends gradients to other machines while it computes
// them. The host makes independent launches at the same time. A GPU replays the
// whole list with one call, or with one call for the launches between two totals, and waits only
// when a result is read.
//
// # Exactness
//
// On the host a plan returns the bits of the tape for fields over states, with any number of
// threads. On a GPU products and a few sums are rounded in another order, within bounds that
// package kernels states. No result depends on timing.
//
// # Randomness
//
// A random number is a pure function of the seed, the stream of the draw, the clock's update, the
// Gibbs step, the row and the column. No two draws of a graph may share stream and step ([Draw]).
// A run that continues from the same clock and variables continues to the bit.
//
// # Reading order
//
// op.go, op_field.go and op_unit.go, the ops; state.go, the variables; compile.go, fuse.go and
// plan.go, from a graph to a plan and its launches; arrange.go and fuse_together.go, what a GPU
// launches together; device.go, the interface of devices; host.go and host_launch.go, the host
// (pool.go and shares.go are its threads); cuda.go, cuda_launch.go and cuda_fused.go, the GPU;
// ranked.go, host_total.go and cuda_total.go, sums over ranks; paper.go, the work of each launch
// of a GPU, from which bench predicts its time.
package engine
