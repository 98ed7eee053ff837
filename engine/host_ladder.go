package engine

import "harmonium/kernels"

// ladderTask computes the log-ratios of an exchange.
type ladderTask struct {
	nothing
	kernels *kernels.Set
	ratios  []float64
	v       *hostBuffer
	z       kernels.Grid
	width   int // columns of z
	units   Units
	linear  [2][]float32
	betas   []float32
	levels  []float32
	update  uint32
	sums    [4][]float64 // room for the sums of all rows: two inner products, two sums of cumulants
}

func (t *ladderTask) run(_, lo, hi int) {
	for n := lo; n < hi; n++ {
		t.ratios[n] = t.ratio(n)
	}
}

// ratio computes the sums of row n and, from them, its log-ratio.
func (t *ladderTask) ratio(n int) float64 {
	level := int(t.levels[n])
	other := kernels.Partner(level, len(t.betas), t.update)
	if other < 0 {
		return 0
	}
	from, to := t.betas[level], t.betas[other]
	for i, c := range t.linear {
		t.v.dot(t.kernels, t.sums[i][n:], c, n, n+1)
	}
	t.kernels.CumulantSum(t.sums[2][n:], t.z.From(n), t.units, from, 1, t.width)
	t.kernels.CumulantSum(t.sums[3][n:], t.z.From(n), t.units, to, 1, t.width)
	return kernels.LogIncrement(from, to, t.sums[0][n], t.sums[1][n], t.sums[2][n], t.sums[3][n])
}

func (h *host) logRatio(out Buffer, in []Buffer, units Units) error {
	states := in[0].(*hostBuffer)
	t := h.tasks.ladder.next()
	*t = ladderTask{
		kernels: h.kernels, ratios: out.(*hostBuffer).f64, v: states, z: in[3].(*hostBuffer).values(), width: in[3].Shape()[1],
		linear: [2][]float32{expanded(in[1]).f32, expanded(in[2]).f32}, units: units,
		betas: expanded(in[4]).f32, levels: expanded(in[6]).f32, update: uint32(in[5].(*hostBuffer).i32[ClockUpdate]),
		sums: roomForSums(t.sums, states.rows()),
	}
	return h.start(t, states.rows(), 1)
}

func (h *host) swap(out Buffer, in []Buffer, s Swap) error {
	from := expanded(in[0]).f32
	kernels.Swap(out.(*hostBuffer).f32, from, in[1].(*hostBuffer).f64, s.draw(in[2].(*hostBuffer).i32), len(from)/s.Levels, s.Levels)
	return nil
}

// coldest selects states if x is states, else values.
func (h *host) coldest(out Buffer, in []Buffer, c Coldest) error {
	to, from, at := out.(*hostBuffer), in[0].(*hostBuffer), expanded(in[1]).f32
	if from.hasStates {
		to.written()
		kernels.ColdestStates(to.roomForStates(from.states.Units), from.states, at, to.rows(), c.Levels)
		to.bareStates(to.states.Count(to.rows()))
		return nil
	}
	kernels.Coldest(to.f32, expanded(from).f32, at, to.rows(), c.Levels, to.width())
	to.written()
	return nil
}

func (h *host) tally(out Buffer, in []Buffer, t Tally) error {
	at := expanded(in[1]).f32
	kernels.Tally(out.(*hostBuffer).f32, expanded(in[0]).f32, at, in[2].(*hostBuffer).f64,
		uint32(in[3].(*hostBuffer).i32[ClockUpdate]), len(at)/t.Levels, t.Levels)
	return nil
}

func (h *host) trips(out Buffer, in []Buffer, t Trips) error {
	at := expanded(in[1]).f32
	kernels.Trips(out.(*hostBuffer).f32, expanded(in[0]).f32, at, t.Levels, len(at))
	return nil
}
