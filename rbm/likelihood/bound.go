package likelihood

import (
	"math"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// equalEnergies is a relative difference of free energies that two rows with the same states cannot
// have: they are the same sums, but for the rounding of float32 terms. Chosen: a thousand terms of a field round by
// 1000·2⁻²⁴ = 6e-5 at most.
const equalEnergies = 1e-4

// LeastLogPartition returns a lower bound of log Z in nats, given the free energies F of discrete states in
// nats. Distinct states have a total probability of at most 1, so that
//
//	log Z ≥ log Σ e^(-F)
//
// over them. Of states with nearly the same free energy only one counts, since they may be one state. That
// lowers the bound. Without states it is -Inf.
func LeastLogPartition(energies []float64) float64 {
	var logs []float64
	for _, f := range slices.Sorted(slices.Values(energies)) {
		// logs holds -F, so that the sum is the rise from the energy that was counted last.
		if n := len(logs); n == 0 || f+logs[n-1] > equalEnergies*max(1, math.Abs(f)) {
			logs = append(logs, -f)
		}
	}
	return estimate.LogSumExp(logs)
}

// Discrete reports whether rows, binarized by b, are discrete states of visible units, as
// [LeastLogPartition] requires: no unit is real, no cell is missing, and no value lies between 0 and 1.
func Discrete(visible engine.Units, rows *dataset.Rows, b dataset.Binarization) bool {
	return !visible.Real() && rows.Unmarked().Missing == nil && (b.Mode != dataset.None || rows.Binary())
}

// AtLeast returns p with log Z and the lower end of its interval raised to a lower bound. A bound above the
// interval refutes the estimate: annealing missed a mode. Then log Z is the bound, and has no upper end. An exact
// log Z stays.
func (p *Partition) AtLeast(bound float64) *Partition {
	if p.Method == "exact" || bound <= p.Low {
		return p
	}
	raised := *p
	raised.Low, raised.LogZ = bound, max(p.LogZ, bound)
	if bound > p.High {
		raised.High = math.Inf(1)
	}
	return &raised
}

// HeldTo returns p and nil, unless rows with the given free energies show that the upper end of its interval is
// too low. Then it returns the lower bound by the rows in the place of p, and p.
func (p *Partition) HeldTo(
	visible engine.Units, rows *dataset.Rows, b dataset.Binarization, energies []float64,
) (possible, refuted *Partition) {
	if !Discrete(visible, rows, b) {
		return p, nil
	}
	if bounded := p.AtLeast(LeastLogPartition(energies)); bounded.LogZ > p.High {
		return bounded, p
	}
	return p, nil
}
