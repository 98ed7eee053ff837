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
	update  uint32
}

func (t *ladderTask) run(_, lo, hi int) {
	for n := lo; n < hi; n++ {
		t.ratios[n] = t.ratio(n)
	}
}

// ratio is that of one row. The sums are those of the definition.
func (t *ladderTask) ratio(n int) float64 {
	level := int(t.levels[n])
	other := kernels.Partner(level, len(t.betas), t.update)
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
	return kernels.LogIncrement(from, to, sums[0], sums[1], sums[2], sums[3])
}

func (h *host) LogRatio(out, v, visibleBias, base, z, betas, levels, clock Buffer) error {
	states := v.(*hostBuffer)
	t := h.tasks.ladder.next()
	*t = ladderTask{
		kernels: h.kernels, ratios: out.(*hostBuffer).f64, v: states, z: z.(*hostBuffer).values(), width: z.Shape()[1],
		a: expanded(visibleBias).f32, base: expanded(base).f32,
		betas: expanded(betas).f32, levels: expanded(levels).f32, update: uint32(clock.(*hostBuffer).i32[ClockUpdate]),
	}
	return h.start(t, states.rows(), 1)
}

func (h *host) Swap(out, levels, ratios, clock Buffer, s Swap) error {
	from := expanded(levels).f32
	kernels.Swap(out.(*hostBuffer).f32, from, ratios.(*hostBuffer).f64, s.draw(clock.(*hostBuffer).i32), len(from)/s.Levels, s.Levels)
	return nil
}

// Coldest takes states if x is states, else values.
func (h *host) Coldest(out, x, levels Buffer, c Coldest) error {
	to, from, at := out.(*hostBuffer), x.(*hostBuffer), expanded(levels).f32
	if from.drawn {
		to.written()
		kernels.ColdestStates(to.room(), from.states, at, to.rows(), c.Levels)
		to.bareStates(to.states.Count(to.rows()))
		return nil
	}
	kernels.Coldest(to.f32, expanded(from).f32, at, to.rows(), c.Levels, to.width())
	to.written()
	return nil
}

func (h *host) Tally(out, tally, levels, ratios, clock Buffer, t Tally) error {
	at := expanded(levels).f32
	kernels.Tally(out.(*hostBuffer).f32, expanded(tally).f32, at, ratios.(*hostBuffer).f64,
		uint32(clock.(*hostBuffer).i32[ClockUpdate]), len(at)/t.Levels, t.Levels)
	return nil
}

func (h *host) Trips(out, trips, levels Buffer, t Trips) error {
	at := expanded(levels).f32
	kernels.Trips(out.(*hostBuffer).f32, expanded(trips).f32, at, t.Levels, len(at))
	return nil
}
