// Package graph builds graphs over the variables of a model.
//
// A [Builder] makes one gorgonia.ExprGraph: its variables by name, the fields and states of
// both layers, batches of data ([Source]) and successive Gibbs steps ([Sweep]). The packages
// that use a graph build it beside their own code from these parts, and engine.Compile
// makes a plan of it for a device.
//
// [Binarize] returns the states of rows. Outside graphs of a batch it is the only way from rows
// to states.
//
// Two lists are kept here for the whole module: the names of variables, which are also the
// names of tensors in a checkpoint, and the streams of random numbers, since two draws of
// one graph must differ in the stream or the Gibbs step.
package graph
