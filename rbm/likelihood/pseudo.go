package likelihood

import (
	"context"
	"errors"
	"fmt"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// pseudoValues is the number of values of states that are in memory at a time: 4 MB. Chosen: far below a data set, and
// with parts of many rows for all cores.
const pseudoValues = 1 << 20

// PseudoLikelihoods returns the log-pseudo-likelihood (N) of all rows, in nats:
//
//	Σ_i log p(v_i | the other units) = -Σ_i log(1 + Σ_s e^(F(v) - F(v with unit i in state s)))
//
// where s ranges over the other states of unit i (Besag 1975). It needs no log Z. A binarization that draws
// is a function of the seed, and makes the states that [FreeEnergies] uses. It is an error if the binarization
// keeps fractions.
//
// The sums are float64, on as many goroutines as there are cores. A row costs H cumulants for each other
// state of each unit.
func PseudoLikelihoods(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) ([]float64, error) {
	logs, err := pseudoLikelihoods(ctx, m, d, rows, b, seed)
	if err != nil {
		return nil, fmt.Errorf("likelihood: pseudo-likelihoods: %w", err)
	}
	return logs, nil
}

func pseudoLikelihoods(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) ([]float64, error) {
	if err := checkRows(m, rows); err != nil {
		return nil, err
	}
	if m.Visible.Units.Real() {
		return nil, fmt.Errorf("visible units %s, want none with real states", m.Visible.Units)
	}
	if b.Mode == dataset.None && !rows.Binary() {
		return nil, errors.New("rows of fractions, want states or a binarization that makes them")
	}
	team := engine.Divided(d)
	first, size := ranks.Part(team, rows.N)
	own := make([]float64, size)
	numbers := graph.InOrder(rows.N)[first : first+size]
	for at, most := 0, max(1, pseudoValues/rows.V); at < size; at += most {
		part := numbers[at:min(at+most, size)]
		states, err := graph.Binarize(ctx, d, rows, part, b, m.Visible.Units, seed)
		if err != nil {
			return nil, err
		}
		err = graph.Each(ctx, len(part), func(i int) {
			field, other := make([]float64, m.Hidden.Len()), make([]float64, m.Hidden.Len())
			own[at+i] = pseudoLikelihood(m, states[i*rows.V:(i+1)*rows.V], field, other)
		})
		if err != nil {
			return nil, err
		}
	}
	return ranks.Join(team, own)
}

// pseudoLikelihood returns the log-pseudo-likelihood of states v (V). The other slices (H) are room
// for the hidden fields given v, and given v with another state of a unit.
func pseudoLikelihood(m *rbm.Model, v []float32, field, other []float64) float64 {
	cumulant := m.Hidden.Cumulant(m.HiddenField(field, v))
	hidden := m.Hidden.Len()
	linear := m.CoupledField(nil, v, make([]float32, hidden)) // a + Lv
	// change moves column i by delta. It returns the change of aᵀv + ½ vᵀLv, as L is 0 within a unit.
	change := func(i int, delta float64) float64 {
		for j, w := range m.Weights[i*hidden : (i+1)*hidden] {
			other[j] += delta * float64(w)
		}
		return delta * linear[i]
	}
	var sum float64
	for i := 0; i < len(v); {
		k := m.Visible.Units.Of(i)
		low, high := float64(k.Low()), float64(k.High())
		if !k.Several() {
			copy(other, field)
			rise := change(i, low+high-2*float64(v[i])) + m.Hidden.Cumulant(other) - cumulant // of log p*(v)
			sum -= estimate.Softplus(rise)
			i++
			continue
		}
		unit := v[i : i+k.Width()]
		state := k.StateOf(unit)
		var rises []float64
		for s := range unit {
			if s == state {
				continue
			}
			copy(other, field)
			bias := change(i+state, low-high) + change(i+s, high-low)
			rises = append(rises, bias+m.Hidden.Cumulant(other)-cumulant)
		}
		sum -= estimate.Softplus(estimate.LogSumExp(rises))
		i += k.Width()
	}
	return sum
}
