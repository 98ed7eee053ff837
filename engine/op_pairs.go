package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// PairEnergy is the op that adds the energies -½ vᵀLv of couplings L (V,V) among visible units to free energies,
// or their part of the log-ratio of probabilities at two inverse temperatures to log-weights: see [LogWeight].
type PairEnergy struct{ Along along }

// NewPairEnergy returns the free energies (B) of v (B,V) with couplings, given the free energies (B) without
// them and the parts y = vL (B,V) of the fields.
func NewPairEnergy(freeEnergy, v, y *gorgonia.Node) *gorgonia.Node {
	return apply(PairEnergy{model}, freeEnergy, v, y)
}

// NewPairWeight returns log-weights (B) after a step of a schedule, given the log-weights (B) that
// [NewLogWeight] returns, v (B,V), y = vL (B,V), the schedule betas (K) and the clock (3).
func NewPairWeight(logWeights, v, y, betas, clock *gorgonia.Node) *gorgonia.Node {
	return apply(PairEnergy{schedule}, logWeights, v, y, betas, clock)
}

// NewPairRatio returns the log-ratios (T·C) of the rows of a ladder (see op_ladder.go), given the log-ratios
// (T·C) that [NewLogRatio] returns, v (T·C,V), y = vL (T·C,V), betas (T), the clock (3) and levels (T·C).
func NewPairRatio(ratios, v, y, betas, clock, levels *gorgonia.Node) *gorgonia.Node {
	return apply(PairEnergy{ladder}, ratios, v, y, betas, clock, levels)
}

func (p PairEnergy) signature() signature {
	in := []operand{vector64, matrix32, matrix32, vector32, integers, vector32}
	return signature{"pair energy", in[:map[along]int{model: 3, schedule: 5, ladder: 6}[p.Along]], vector64}
}

func (p PairEnergy) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := in[1][0]
	err := cmp.Or(want("the energies or log-weights", in[0], rows), want("the fields", in[2], in[1]...))
	if p.Along != model {
		err = cmp.Or(err, want("the clock", in[4], ClockSize))
	}
	if p.Along == ladder {
		err = cmp.Or(err, want("the levels", in[5], rows))
	}
	return in[0].Clone(), err
}

func (p PairEnergy) define(out *tensor.Dense, in []*tensor.Dense) {
	var betas, levels []float32
	var clock []int32
	if p.Along != model {
		betas, clock = float32s(in[3]), int32s(in[4])
	}
	if p.Along == ladder {
		levels = float32s(in[5])
	}
	v := in[1]
	scales := p.scales(make([]float64, v.Shape()[0]), betas, levels, clock)
	kernels.PairEnergies(float64s(out), float64s(in[0]), scales, float32s(v), float32s(in[2]), v.Shape()[0], v.Shape()[1])
}

// scales returns the factors of the energies, one for each row or one for all rows: 1, or β - β' in a log-ratio
// from β to β'. A row of a ladder without a partner has the factor 0. The room has a place for each row.
func (p PairEnergy) scales(room []float64, betas, levels []float32, clock []int32) []float64 {
	switch p.Along {
	case schedule:
		at := clock[ClockUpdate]
		room[0] = float64(betas[at]) - float64(betas[at+1])
		return room[:1]
	case ladder:
		for n, level := range levels {
			room[n] = 0
			if other := kernels.Partner(int(level), len(betas), uint32(clock[ClockUpdate])); other >= 0 {
				room[n] = float64(betas[int(level)]) - float64(betas[other])
			}
		}
		return room
	}
	room[0] = 1
	return room[:1]
}

func (PairEnergy) inPlace(i int) bool { return i == 0 }

// PairGradient is the op that makes the gradient of couplings from the gradient of all pairs of columns: see
// [kernels.PairGradient].
type PairGradient struct {
	pure
	Units    Units
	Centered bool
}

// NewPairGradient returns the gradient (V,V) of couplings among units, symmetric and 0 within a unit, from
// the gradient g (V,V) of all pairs, as [NewGradient] returns it. With offsets (V) it is the
// gradient of the centered model, and difference (V) is the difference of the means of data and chains. Both
// are nil for the plain gradient.
func NewPairGradient(g, offset, difference *gorgonia.Node, units Units) *gorgonia.Node {
	if offset == nil {
		return apply(PairGradient{Units: units}, g)
	}
	return apply(PairGradient{Units: units, Centered: true}, g, offset, difference)
}

func (p PairGradient) signature() signature {
	in := []operand{matrix32}
	if p.Centered {
		in = append(in, vector32, vector32)
	}
	return signature{"pair gradient", in, matrix32}
}

func (p PairGradient) shape(in []tensor.Shape) (tensor.Shape, error) {
	columns := in[0][1]
	err := cmp.Or(want("the gradient", in[0], columns, columns), fits(p.Units, "the gradient", columns))
	if p.Centered {
		err = cmp.Or(err, want("the offsets", in[1], columns), want("the difference", in[2], columns))
	}
	return in[0].Clone(), err
}

func (p PairGradient) define(out *tensor.Dense, in []*tensor.Dense) {
	var offset, difference []float32
	if p.Centered {
		offset, difference = float32s(in[1]), float32s(in[2])
	}
	columns := out.Shape()[1]
	kernels.PairGradient(float32s(out), float32s(in[0]), offset, difference, p.Units, 0, columns, columns)
}

// PairShift is the op that corrects the gradient of the biases for the centering of couplings: d - G·μ.
type PairShift struct{}

// NewPairShift returns d - G·μ (V), for a gradient d (V) of biases, the gradient G (V,V) that
// [NewPairGradient] returns, and the offsets μ (V).
func NewPairShift(d, gradient, offset *gorgonia.Node) *gorgonia.Node {
	return apply(PairShift{}, d, gradient, offset)
}

func (PairShift) signature() signature {
	return signature{"pair shift", []operand{vector32, matrix32, vector32}, vector32}
}

func (PairShift) shape(in []tensor.Shape) (tensor.Shape, error) {
	columns := in[0][0]
	return in[0].Clone(), cmp.Or(want("the gradient", in[1], columns, columns), want("the offsets", in[2], columns))
}

func (PairShift) define(out *tensor.Dense, in []*tensor.Dense) {
	columns := out.Shape()[0]
	kernels.PairShift(float32s(out), float32s(in[0]), float32s(in[1]), float32s(in[2]), 0, columns, columns)
}

func (PairShift) inPlace(i int) bool { return i == 0 }
