// Package engine runs a batched graph on a device.
//
// A graph is a real *gorgonia.ExprGraph whose nodes carry ops of this package
// (op_*.go). The ops are coarse, one per thing the field names: rows of a data
// set, the field of a layer, a mean, a draw, a free energy, a gradient, a move of
// a parameter. Inputs of a graph are variables, looked up by name in a [State];
// [Assign] marks the node whose value a variable takes when a run ends. Nothing
// else mutates.
//
// There are three runners of the same graph. A [Tape] is Gorgonia's TapeMachine
// over the definitions in Go, and the oracle for the other two. [Compile] gives a
// [Plan]: an ordered list of launches on a [Device] over buffers that are placed
// once. The host makes launches together that do not wait for each other. Running a
// plan allocates nothing.
//
// Reading order: op.go, op_field.go, op_unit.go, state.go, compile.go, fuse.go,
// device.go, host.go, host_launch.go.
package engine
