package engine

import "harmonium/kernels"

// ladderTask computes the ratios of an exchange.
type ladderTask struct {
	nothing
	kernels *kernels.Set
	ratios  []float64
	v       *hostBuffer
	z       kernels.Grid
	width   int // of z
	a, base []float32
	betas   []float32
	levels  []float32
	clock   []int32
}

func (t *ladderTask) run(_, lo, hi int) {
	for n := lo; n < hi; n++ {
		t.ratios[n] = t.ratio(n)
	}
}

// ratio is that of one row. The sums are those of the definition.
func (t *ladderTask) ratio(n int) float64 {
	level := int(t.levels[n])
	other := partner(level, len(t.betas), t.clock)
	if other < 0 {
		return 0
	}
	var sums [4]float64
	from, to := t.betas[level], t.betas[other]
	for i, c := range [][]float32{t.a, t.base} {
		t.v.dot(t.kernels, sums[i:], c, n, n+1)
	}
	for i, beta := range []float32{from, to} {
		t.kernels.SoftplusSum(sums[2+i:], t.z.From(n), beta, 1, t.width)
	}
	return logWeight(from, to, sums[0], sums[1], sums[2], sums[3])
}

func (h *host) LogRatio(out, v, visibleBias, base, z, betas, levels, clock Buffer) error {
	states := v.(*hostBuffer)
	t := h.tasks.ladder.next()
	*t = ladderTask{
		kernels: h.kernels, ratios: out.(*hostBuffer).f64, v: states, z: z.(*hostBuffer).values(), width: z.Shape()[1],
		a: expanded(visibleBias).f32, base: expanded(base).f32,
		betas: expanded(betas).f32, levels: expanded(levels).f32, clock: clock.(*hostBuffer).i32,
	}
	return h.start(t, states.rows(), 1)
}

func (h *host) Swap(out, levels, ratios, clock Buffer, s Swap) error {
	s.swap(out.(*hostBuffer).f32, expanded(levels).f32, ratios.(*hostBuffer).f64, clock.(*hostBuffer).i32)
	return nil
}

// Coldest copies the rows, as states if they are.
func (h *host) Coldest(out, x, levels Buffer) error {
	to, from := out.(*hostBuffer), x.(*hostBuffer)
	chains := to.rows()
	if !from.drawn {
		expanded(x)
	}
	to.written()
	for chain := range chains {
		row := rowAt(expanded(levels).f32, chains, chain, 0)
		to.copyRow(chain, from, row, from.drawn)
	}
	if from.drawn {
		to.bareStates(to.states.Count(chains))
	}
	return nil
}

func (h *host) Tally(out, tally, levels, ratios, clock Buffer, t Tally) error {
	t.tally(out.(*hostBuffer).f32, expanded(tally).f32, expanded(levels).f32, ratios.(*hostBuffer).f64, clock.(*hostBuffer).i32)
	return nil
}

func (h *host) Trips(out, trips, levels Buffer, t Trips) error {
	t.count(out.(*hostBuffer).f32, expanded(trips).f32, expanded(levels).f32)
	return nil
}
