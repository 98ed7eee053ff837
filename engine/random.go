package engine

import (
	"math"

	"harmonium/kernels"
)

// Shuffle writes a permutation of 0..len(order)-1 to order. It is a Fisher-Yates shuffle, whose
// exchange at position i uses the first word of row i, block 0 of a [kernels.Draw]. It depends on
// seed, stream and epoch alone.
func Shuffle(order []int32, seed uint64, stream uint8, epoch int) {
	d := kernels.Draw{Seed: seed, Stream: stream, Update: uint32(epoch)}
	for i := range order {
		order[i] = int32(i)
	}
	for i := len(order) - 1; i > 0; i-- {
		j := uint64(d.Words(i, 0)[0]) * uint64(i+1) >> 32
		order[i], order[j] = order[j], order[i]
	}
}

// Coins fills x, a matrix with the given number of rows, with states of units drawn from fields of 0: all states of
// a discrete unit are equally likely, and units with real states have a log-variance of 0. They are the states
// that [Sample] draws at a clock of zeros.
func Coins(x []float32, rows int, units Units, seed uint64, stream uint8) {
	if rows == 0 {
		return
	}
	clear(x)
	columns := len(x) / rows
	states := kernels.NewStates(rows, columns)
	states.Units = units
	kernels.Sample(states, x, units, kernels.Model, kernels.Draw{Seed: seed, Stream: stream}, rows, columns)
	states.Unpack(x, rows)
	if units.Real() {
		zeros := make([]float32, columns)
		RealUnits{units, zeros, zeros, zeros}.Draw(x, make([]float32, len(x)), seed, stream)
	}
}

// RealUnits describes the units of a layer with real states: their log-variances and, where units have two
// sides, jumps and skews, one for each column.
type RealUnits struct {
	Units                   Units
	LogVariance, Jump, Skew []float32
}

// Draw draws the states (rows, columns) of the units with real states from their fields (rows, columns). Other columns
// of states stay as they are.
func (u RealUnits) Draw(states, fields []float32, seed uint64, stream uint8) {
	columns := len(u.LogVariance)
	kernels.ActivateReals(kernels.Reals{
		Rows: len(states) / columns, Columns: columns, Units: u.Units, Path: kernels.Model,
		Shapes: kernels.Shapes{LogVariance: u.LogVariance, Jump: u.Jump, Skew: u.Skew},
		Field:  kernels.ByRows(fields, columns), State: kernels.ByRows(states, columns),
		Draw: kernels.Draw{Seed: seed, Stream: stream},
	})
}

// Normals fills x with draws from N(0, deviation²). They are the Box-Muller transform of the four
// words of successive blocks of a [kernels.Draw], 2²⁰ blocks per row: a row has 2²⁴ blocks, and fewer are
// chosen.
func Normals(x []float32, seed uint64, stream uint8, deviation float64) {
	d := kernels.Draw{Seed: seed, Stream: stream}
	for i := 0; i < len(x); i += 4 {
		w := d.Words(i/4>>20, i/4&(1<<20-1))
		for pair := 0; pair < 4; pair += 2 {
			radius := deviation * math.Sqrt(-2*math.Log((float64(w[pair])+1)/(1<<32)))
			sin, cos := math.Sincos(2 * math.Pi * float64(w[pair+1]) / (1 << 32))
			for k, v := range []float64{radius * cos, radius * sin} {
				if at := i + pair + k; at < len(x) {
					x[at] = float32(v)
				}
			}
		}
	}
}
