package rbm

import "math/rand/v2"

// The streams of random numbers: which draw of a graph a number belongs to (see
// kernels.Draw). Draws that differ in their stream never share a number.
const (
	streamData uint8 = iota
	streamHidden
	streamVisible
	streamStart
	streamMonitor
	streamAnnealHidden
	streamAnnealVisible
	streamSampleHidden
	streamSampleVisible
	streamWeights
	streamOrder
	streamUnit
	streamSwap
	streamTrajectory
	streamReservoir
	streamCorrelatedHidden
	streamCorrelatedVisible
)

// The parts of a run that draw from a seed of their own, see childSeed.
const (
	seedDown        = iota + 1 // reverse annealing
	seedShortBurnIn            // chains of a likelihood report
	seedLongBurnIn
)

const (
	seedOnline  = 1 << (16 + iota) // log Z during training
	seedSettle                     // chains above a frozen model
	seedLook                       // monitors of parallel trajectory tempering
	seedRefresh                    // samples of a reservoir
	seedOverlap                    // states of two neighbouring models
	seedDrift                      // chains whose energies are compared
)

// childSeed returns the seed of one part of a run from the seed of the run.
func childSeed(seed, part uint64) uint64 { return rand.NewPCG(seed, part).Uint64() }
