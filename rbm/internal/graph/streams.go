package graph

import "math/rand/v2"

// The streams of random numbers (see kernels.Draw). Draws with different streams never share
// a number. The values of streams and of the seeds below are arbitrary, but results depend on them.
const (
	StreamData              uint8 = iota // binarization
	StreamHidden                         // Gibbs steps of training
	StreamVisible                        // Gibbs steps of training
	StreamStart                          // states that chains start from
	StreamMonitor                        // reconstructions
	StreamAnnealHidden                   // annealing
	StreamAnnealVisible                  // annealing
	StreamSampleHidden                   // chains of package sample
	StreamSampleVisible                  // chains of package sample
	StreamWeights                        // initial weights
	StreamOrder                          // order of the rows of an epoch
	StreamUnit                           // the unit of a row whose conditional a pseudo-likelihood estimates from
	StreamSwap                           // swaps of a ladder
	StreamTrajectory                     // visible states of a frozen model
	StreamReservoir                      // reservoirs
	StreamCorrelatedHidden               // chains whose correlation or drift is measured
	StreamCorrelatedVisible              // chains whose correlation or drift is measured
	StreamChains                         // initial persistent chains
	StreamFillHidden                     // missing cells
	StreamFillVisible                    // missing cells
	StreamLayer                          // layers of a stack
	StreamPieces                         // order of the pieces of a data set that is read in blocks
)

// The parts of a likelihood report that have a separate seed (see ChildSeed).
const (
	SeedDown        = iota + 1 // reverse annealing
	SeedShortBurnIn            // the chains with the shorter burn-in
	SeedLongBurnIn             // the chains with the longer burn-in
)

// The parts of a training run that have a separate seed (see ChildSeed).
const (
	SeedOnline  = 1 << (16 + iota) // log Z during training
	SeedSettle                     // the way of a reservoir from a frozen model to the next
	SeedLook                       // monitors of parallel trajectory tempering
	SeedRefresh                    // samples of a reservoir
	SeedSpread                     // samples at the end of the way of SeedSettle
	SeedDrift                      // chains whose energies are compared
	SeedForget                     // chains that may forget their states
)

// SeedImpute is the part of the draws that fill missing cells.
const SeedImpute = 1 << 32

// SeedFill is the part of the draws that missing cells begin with, and SeedKnown the part of annealing over
// missing cells.
const (
	SeedFill = SeedImpute + 1 + iota
	SeedKnown
)

// SeedLayer is the part of the draws of the first layer of a stack; the parts of the next ones follow.
const SeedLayer = 1 << 33

// ChildSeed returns the seed of one part of a run from the seed of the run.
func ChildSeed(seed, part uint64) uint64 { return rand.NewPCG(seed, part).Uint64() }
