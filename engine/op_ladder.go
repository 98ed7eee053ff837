package engine

import (
	"cmp"

	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The ops of parallel tempering. Each of C chains is a ladder of T replicas, which hold
// the inverse temperatures β_0 = 1 > β_1 > … between them: replica r of chain c is row
// r·C + c, and levels (T·C) says which β each row has. Neighbours exchange their levels
// and stay in their rows.

// LadderMean is the op that gives the mean activation of Bernoulli units on the path of
// annealing, σ(β z + (1-β) base), each row at the β of its level.
type LadderMean struct{ pure }

// NewLadderMean returns the means of the fields z (T·C,J), with base (J), betas (T) and
// levels (T·C).
func NewLadderMean(z, base, betas, levels *gorgonia.Node) *gorgonia.Node {
	return apply(LadderMean{}, z, base, betas, levels)
}

func (LadderMean) signature() signature {
	return signature{"ladder mean", []operand{matrix32, vector32, vector32, vector32}, matrix32}
}

func (LadderMean) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the base", in[1], in[0][1]), want("the levels", in[3], in[0][0]))
}

func (LadderMean) define(p *tensor.Dense, in []*tensor.Dense) {
	rows, columns := p.Shape()[0], p.Shape()[1]
	betas := make([]float32, rows)
	levelBetas(betas, float32s(in[2]), float32s(in[3]))
	kernels.Mean(float32s(p), float32s(in[0]), kernels.Temper{Betas: betas, Base: float32s(in[1])}, rows, columns)
}

// levelBetas writes the inverse temperature of each row to rows.
func levelBetas(rows, betas, levels []float32) {
	for n := range rows {
		rows[n] = betas[int(levels[n])]
	}
}

func (LadderMean) launch(d Device, p Buffer, in []Buffer) error {
	return d.LadderMean(p, in[0], in[1], in[2], in[3])
}

// LogRatio is the op that says what an exchange of temperatures would mean to each row:
// log p*_β'(v) - log p*_β(v), with β that of its level, β' that of the level it would get
// and log p* as in [LogWeight]; 0 for a row without a partner. At even updates the levels
// 0 and 1, 2 and 3, … are partners, at odd ones 1 and 2, 3 and 4, ….
type LogRatio struct{ pure }

// NewLogRatio returns the ratios (T·C) of v (T·C,V), with the visible bias (V), the base
// (V), the fields z (T·C,H), betas (T), levels (T·C) and the clock (3).
func NewLogRatio(v, visibleBias, base, z, betas, levels, clock *gorgonia.Node) *gorgonia.Node {
	return apply(LogRatio{}, v, visibleBias, base, z, betas, levels, clock)
}

func (LogRatio) signature() signature {
	return signature{"log-ratio", []operand{matrix32, vector32, vector32, matrix32, vector32, vector32, integers}, vector64}
}

func (LogRatio) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, visible := in[0][0], in[0][1]
	return tensor.Shape{rows}, cmp.Or(want("the bias", in[1], visible), want("the base", in[2], visible),
		want("the field", in[3], rows, in[3][1]), want("the levels", in[5], rows), want("the clock", in[6], ClockSize))
}

func (LogRatio) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z, betas := in[0], in[3], float32s(in[4])
	visible, hidden := v.Shape()[1], z.Shape()[1]
	var sums [4]float64
	for n, level := range float32s(in[5]) {
		other := partner(int(level), len(betas), int32s(in[6]))
		if other < 0 {
			continue // with the zero that the result is made of
		}
		from, to := betas[int(level)], betas[other]
		row, fields := kernels.ByRows(float32s(v)[n*visible:], visible), kernels.ByRows(float32s(z)[n*hidden:], hidden)
		kernels.RowDot(sums[0:], row, float32s(in[1]), 1, visible)
		kernels.RowDot(sums[1:], row, float32s(in[2]), 1, visible)
		kernels.SoftplusSum(sums[2:], fields, from, 1, hidden)
		kernels.SoftplusSum(sums[3:], fields, to, 1, hidden)
		float64s(out)[n] = logWeight(from, to, sums[0], sums[1], sums[2], sums[3])
	}
}

// partner is the level that a level may be exchanged with in the clock's update, or -1.
func partner(level, levels int, clock []int32) int {
	other := level - 1
	if level%2 == int(clock[ClockUpdate]%2) {
		other = level + 1
	}
	if other >= levels {
		return -1
	}
	return other
}

func (LogRatio) launch(d Device, out Buffer, in []Buffer) error {
	return d.LogRatio(out, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
}

// Swap is the op that exchanges the levels of partners (see [LogRatio]) with the
// probability min(1, e^(r+r')) of their ratios, which leaves the product of the
// distributions p_β as it is. The random number of a pair is the first word of block 0 of
// the row (lower level)·C + chain.
type Swap struct {
	Levels int // T
	Seed   uint64
	Stream uint8
}

// NewSwap returns the levels (T·C) after one round: levels before it, the ratios (T·C)
// and the clock (3).
func NewSwap(levels, ratios, clock *gorgonia.Node, s Swap) *gorgonia.Node {
	return apply(s, levels, ratios, clock)
}

func (Swap) signature() signature {
	return signature{"swap", []operand{vector32, vector64, integers}, vector32}
}

func (s Swap) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := in[0][0]
	return in[0].Clone(), cmp.Or(want("the levels", in[0], rows/s.Levels*s.Levels), want("the ratios", in[1], rows),
		want("the clock", in[2], ClockSize))
}

func (s Swap) define(out *tensor.Dense, in []*tensor.Dense) {
	s.swap(float32s(out), float32s(in[0]), float64s(in[1]), int32s(in[2]))
}

func (s Swap) swap(out, levels []float32, ratios []float64, clock []int32) {
	copy(out, levels)
	chains := len(levels) / s.Levels
	draw := kernels.Draw{Seed: s.Seed, Stream: s.Stream, Update: uint32(clock[ClockUpdate])}
	eachPair(levels, s.Levels, clock, func(chain, level, row, other int) {
		u := float64(draw.Words(level*chains+chain, 0)[0]) * 0x1p-32
		if u < math.Exp(ratios[row]+ratios[other]) {
			out[row], out[other] = float32(level+1), float32(level)
		}
	})
}

// eachPair calls f for the rows of level and level+1 of all partners of every chain.
func eachPair(levels []float32, count int, clock []int32, f func(chain, level, row, other int)) {
	chains := len(levels) / count
	for chain := range chains {
		for level := int(clock[ClockUpdate] % 2); level+1 < count; level += 2 {
			f(chain, level, rowAt(levels, chains, chain, level), rowAt(levels, chains, chain, level+1))
		}
	}
}

// rowAt is the row of a chain that has a level. Every level is in every chain.
func rowAt(levels []float32, chains, chain, level int) int {
	row := chain
	for int(levels[row]) != level {
		row += chains
	}
	return row
}

func (s Swap) launch(d Device, out Buffer, in []Buffer) error {
	return d.Swap(out, in[0], in[1], in[2], s)
}

func (Swap) inPlace(int) bool { return false }

// Coldest is the op that takes from each chain the row of level 0.
type Coldest struct {
	pure
	Levels int // T
}

// NewColdest returns the rows (C,J) at β = 1 of x (T·C,J), with levels (T·C).
func NewColdest(x, levels *gorgonia.Node, c Coldest) *gorgonia.Node { return apply(c, x, levels) }

func (Coldest) signature() signature {
	return signature{"coldest", []operand{matrix32, vector32}, matrix32}
}

func (c Coldest) shape(in []tensor.Shape) (tensor.Shape, error) {
	chains := in[0][0] / c.Levels
	return tensor.Shape{chains, in[0][1]}, want("the levels", in[1], chains*c.Levels)
}

func (Coldest) define(out *tensor.Dense, in []*tensor.Dense) {
	chains, columns := out.Shape()[0], out.Shape()[1]
	for chain := range chains {
		row := rowAt(float32s(in[1]), chains, chain, 0)
		copy(float32s(out)[chain*columns:(chain+1)*columns], float32s(in[0])[row*columns:])
	}
}

func (c Coldest) launch(d Device, out Buffer, in []Buffer) error { return d.Coldest(out, in[0], in[1]) }

// Tally is the op that adds up how exchanges went: for each pair of neighbouring levels,
// the probabilities with which its exchanges were accepted, and behind these their number.
type Tally struct{ Levels int }

// NewTally returns the tally (2·(T-1)) after one round: the tally before it, the levels
// (T·C) before it, the ratios (T·C) and the clock (3).
func NewTally(tally, levels, ratios, clock *gorgonia.Node, t Tally) *gorgonia.Node {
	return apply(t, tally, levels, ratios, clock)
}

func (Tally) signature() signature {
	return signature{"tally", []operand{vector32, vector32, vector64, integers}, vector32}
}

func (t Tally) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the tally", in[0], 2*(t.Levels-1)), want("the ratios", in[2], in[1]...),
		want("the clock", in[3], ClockSize))
}

func (t Tally) define(out *tensor.Dense, in []*tensor.Dense) {
	t.tally(float32s(out), float32s(in[0]), float32s(in[1]), float64s(in[2]), int32s(in[3]))
}

func (t Tally) tally(out, before, levels []float32, ratios []float64, clock []int32) {
	copy(out, before)
	eachPair(levels, t.Levels, clock, func(_, level, row, other int) {
		out[level] += float32(math.Exp(min(0, ratios[row]+ratios[other])))
		out[t.Levels-1+level]++
	})
}

func (t Tally) launch(d Device, out Buffer, in []Buffer) error {
	return d.Tally(out, in[0], in[1], in[2], in[3], t)
}

func (Tally) inPlace(i int) bool { return i == 0 }

// Trips is the op that follows the replicas up and down the ladder. Each has a count that
// is even on its way to the last level and odd on its way back, and rises by one wherever
// the way turns: half of it is the number of round trips.
type Trips struct{ Levels int }

// NewTrips returns the counts (T·C) after one round: the counts before it, and the levels
// (T·C) after it.
func NewTrips(trips, levels *gorgonia.Node, t Trips) *gorgonia.Node { return apply(t, trips, levels) }

func (Trips) signature() signature {
	return signature{"trips", []operand{vector32, vector32}, vector32}
}

func (Trips) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the levels", in[1], in[0]...)
}

func (t Trips) define(out *tensor.Dense, in []*tensor.Dense) {
	t.count(float32s(out), float32s(in[0]), float32s(in[1]))
}

func (t Trips) count(out, before, levels []float32) {
	for n, x := range before {
		turn := float32(t.Levels - 1)
		if int(x)%2 == 1 {
			turn = 0
		}
		if levels[n] == turn {
			x++
		}
		out[n] = x
	}
}

func (t Trips) launch(d Device, out Buffer, in []Buffer) error { return d.Trips(out, in[0], in[1], t) }

func (Trips) inPlace(i int) bool { return i == 0 }
