package rbm

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"harmonium/ranks"
	"harmonium/rbm/estimate"
)

const (
	defaultPartitionUnits = 25 // half a minute on one core beside 784 units
	// MaxPartitionUnits is the largest layer that is enumerated: minutes to an hour.
	MaxPartitionUnits = 30
)

// Enumerable reports whether the layer with fewer states, or with couplings the visible one, has at most
// 2^25 states, or the model is Gaussian. Then log Z is computed exactly by default.
func (m *Model) Enumerable() bool { return m.EnumeratedBits() <= defaultPartitionUnits }

// EnumeratedBits returns log2 of the number of states that the exact log Z enumerates: of the layer with fewer
// states, or with couplings of the visible one. It is 0 for a Gaussian model, where nothing is enumerated.
func (m *Model) EnumeratedBits() float64 {
	if m.Gaussian() {
		return 0
	}
	enumerated, _ := m.sorted()
	return enumerated.Bits()
}

// sorted returns the layer that is enumerated and the one that is summed out.
func (m *Model) sorted() (enumerated, summed Layer) {
	if m.enumeratesVisible() {
		return m.Visible, m.Hidden
	}
	return m.Hidden, m.Visible
}

// enumeratedName says in an error which layer is enumerated.
func (m *Model) enumeratedName() string {
	if m.Coupled() {
		return "visible"
	}
	return "smaller"
}

// enumeratesVisible reports whether the visible layer is the one to enumerate: it has fewer states than the
// hidden one, or couplings, with which it cannot be summed out.
func (m *Model) enumeratesVisible() bool { return m.Coupled() || m.Visible.Bits() < m.Hidden.Bits() }

// PartitionConfig holds the settings of LogPartition. The zero value is ready to use.
type PartitionConfig struct {
	// MaxUnits is the largest accepted number of units in the layer that is enumerated, at most 30; 0 means
	// 25. Each further unit doubles the time. A unit of q states counts as log2(q) units.
	MaxUnits int

	// Threads is the number of goroutines; 0 means one per core. The result
	// is the same to the bit for any number.
	Threads int

	// Ranks, if not nil, are the ranks of a run that divide the states among them: all of them must call
	// LogPartition.
	Ranks ranks.Transport

	// Progress, if not nil, is called with the number of states done and their total, both of this rank
	// alone. Calls do not overlap, and done rises to total.
	Progress func(done, total int)
}

// Validate returns an error that names the first field out of range.
func (c PartitionConfig) Validate() error {
	if c.MaxUnits < 0 || c.MaxUnits > MaxPartitionUnits {
		return fmt.Errorf("rbm: MaxUnits: %d, want 0 to %d", c.MaxUnits, MaxPartitionUnits)
	}
	if c.Threads < 0 {
		return fmt.Errorf("rbm: Threads: %d, want 0 or more", c.Threads)
	}
	return nil
}

// LogPartition returns log Z, the log of the sum of e^(-E) over all states, by enumerating the
// k units of the layer with fewer states and summing out the R units of the other: if the
// hidden layer is enumerated, it is
//
//	log Σ_h exp(bᵀh + Σ_i Γ_i(a_i + Σ_j w_ij h_j))
//
// and the mirror image otherwise. The cost is 2^k·R multiplications.
//
// The states are cut into blocks of n = 1024, each a Gray code that starts from
// freshly summed fields; the blocks are combined in order. Let u = 2⁻⁵³, m = |Low| + High - Low
// of a unit's kind, and S the sum of all m_i|a_i|, m_j|b_j| and m_i m_j|w_ij|. For units with
// values 0 and 1, whose m is 1, the error is below
//
//	u·(n + k + R + 16)·(S + 4R):
//
// the odds of a unit gather 3u at each of n flips and k roundings of its field
// (n + k of them where a field is updated itself), the R factors or softplus
// terms are added up in order, and the rest is O(1) roundings of a logarithm. Units with other
// values are first rewritten as units with values 0 and 1 (see partition). The new parameters
// and the constant are sums of at most k + R terms, each a product of at most three factors;
// their errors add less than u·(k + R + 4)·S.
//
// Where a unit has several columns, the states are the digits of a counter, and the odds or fields
// follow its changes (see digits and odometer). Two columns change with each digit, and at most 2n - 1
// digits in a block. The error is then below u·(4n + k + R + 16)·(S + 4R).
//
// With couplings the visible layer is enumerated by the same counter (see couplings), S includes all
// m_i m_k|L_ik|, and a state costs k more multiplications.
//
// A layer with real states is always the one that is summed out, as its cumulants are integrals. Of a Gaussian
// model, see [Model.Gaussian], log Z is a determinant in float64, and +Inf if there is no distribution.
//
// It is an error if the enumerated layer has more than MaxUnits units, a parameter
// is not finite, the configuration is invalid, or ctx ends first.
func (m *Model) LogPartition(ctx context.Context, config PartitionConfig) (float64, error) {
	if err := config.Validate(); err != nil {
		return 0, err
	}
	limit := config.MaxUnits
	if limit == 0 {
		limit = defaultPartitionUnits
	}
	if bits := m.EnumeratedBits(); bits > float64(limit) {
		return 0, fmt.Errorf("rbm: exact log Z: 2^%.4g states of the %s layer, want at most 2^%d", bits, m.enumeratedName(), limit)
	}
	if s := m.absoluteSum(); math.IsNaN(s) || math.IsInf(s, 0) {
		return 0, fmt.Errorf("rbm: exact log Z: the absolute parameters sum to %v, want all finite", s)
	}
	if m.Gaussian() {
		return m.gaussianLogPartition(), nil
	}
	var p blocks
	switch enumerated, summed := m.sorted(); {
	case m.Coupled():
		p = couplings{m}
	case summed.Units.Several() || summed.Units.Real():
		p = odometer{m}
	case enumerated.Units.Several():
		p = &digits{newPartition(m), enumerated}
	default:
		p = newPartition(m)
	}
	logs, err := blockLogs(ctx, p, config)
	if err != nil {
		return 0, fmt.Errorf("rbm: exact log Z: %w", err)
	}
	return p.offset() + estimate.LogSumExp(logs), nil
}

// absoluteSum returns Σ|a_i| + Σ|b_j| + Σ|w_ij| + Σ|L_ik|, plus Σ|x| over the log-variances, jumps and skews. It
// is finite if and only if every parameter is.
func (m *Model) absoluteSum() float64 {
	var sum float64
	for _, values := range [][]float32{
		m.Visible.Bias, m.Hidden.Bias, m.Weights, m.Lateral,
		m.Visible.LogVariance, m.Hidden.LogVariance, m.Hidden.Jump, m.Hidden.Skew,
	} {
		for _, x := range values {
			sum += math.Abs(float64(x))
		}
	}
	return sum
}

const (
	blockStates = 1 << 10 // states between two fresh starts (chosen: more round more, and fewer start more often)
	lanes       = 32      // units between two normalisations of their product
	safeField   = 80      // 2·(1+e^80)^(32/4) is below the largest float64
)

// partition is a model of units of a finite number of states, seen from the layer with fewer states. The k units
// of this layer are enumerated, and the R units of the other are summed out.
//
// Each unit is represented by a bit t in {0,1}, with the state s = Low + (High-Low)t, so that one
// summation serves all kinds of two states. In terms of the bits the model has the parameters
//
//	a'_i = (High-Low)_i (a_i + Σ_j w_ij Low_j),    w'_ij = (High-Low)_i w_ij (High-Low)_j,
//
// b' like a', and the constant Σ_i a_i Low_i + Σ_j b_j Low_j + Σ_ij Low_i w_ij Low_j in -E.
//
// Given a state of the enumerated units, summed unit i contributes a factor 1 + e^(field_i).
// Flipping enumerated unit j multiplies the odds e^(field_i) by e^(±w'_ij), so a state costs
// no exponential, and one logarithm for all the factors. That is safe for the tame
// units, whose field lies within ±safeField in every state; their odds are padded
// with zeros to a multiple of lanes. The other units, the wild ones, keep their fields
// and cost a softplus each.
type partition struct {
	constant float64        // part of -E that is the same in all states
	bias     []float64      // (k), of the enumerated units
	tame     layerPart      // biases and weights of the units held as odds
	wild     layerPart      // biases and weights of the units held as fields
	ratios   [2][][]float64 // (2,k,padded): factors of the tame units' odds as bit j turns off, and on
}

// layerPart holds some units of the layer that is summed out.
type layerPart struct {
	bias    []float64
	weights [][]float64 // (k, units)
}

// newPartition writes a model in terms of bits and sorts the units to sum out into tame and wild
// ones.
func newPartition(m *Model) *partition {
	p := &partition{}
	visible, visibleLow, visibleSpan := worths(m.Visible)
	hidden, hiddenLow, hiddenSpan := worths(m.Hidden)
	for i, low := range visibleLow {
		for j, w := range m.weightsOf(i) {
			visible[i] += float64(w) * hiddenLow[j]
			hidden[j] += float64(w) * low
		}
	}
	for i, low := range visibleLow {
		p.constant += low * visible[i]
		visible[i] *= visibleSpan[i]
	}
	for j, low := range hiddenLow {
		p.constant += low * float64(m.Hidden.Bias[j])
		hidden[j] *= hiddenSpan[j]
	}
	weight := func(i, j int) float64 {
		return float64(m.Weights[i*m.Hidden.Len()+j]) * visibleSpan[i] * hiddenSpan[j]
	}
	if m.enumeratesVisible() {
		p.bias = visible
		p.sort(hidden, weight)
	} else {
		p.bias = hidden
		p.sort(visible, func(j, i int) float64 { return weight(i, j) })
	}
	return p
}

// worths returns the biases, Low and High-Low of a layer's units.
func worths(l Layer) (bias, low, span []float64) {
	for _, g := range l.groups() {
		for _, b := range l.Bias[g.From:g.To] {
			bias = append(bias, float64(b))
			low = append(low, float64(g.Kind.Low()))
			span = append(span, float64(g.Kind.High())-float64(g.Kind.Low()))
		}
	}
	return bias, low, span
}

// sort makes each summed unit tame or wild. It has the bias summed[i] and weight(j,i) to enumerated
// unit j.
func (p *partition) sort(summed []float64, weight func(j, i int) float64) {
	k := len(p.bias)
	p.tame.weights, p.wild.weights = make([][]float64, k), make([][]float64, k)
	for i, b := range summed {
		low, high := b, b
		for j := range k {
			low += min(weight(j, i), 0)
			high += max(weight(j, i), 0)
		}
		part := &p.tame
		if low < -safeField || high > safeField {
			part = &p.wild
		}
		part.bias = append(part.bias, b)
		for j := range k {
			part.weights[j] = append(part.weights[j], weight(j, i))
		}
	}
	for on, sign := range []float64{-1, 1} {
		for _, weights := range p.tame.weights {
			p.ratios[on] = append(p.ratios[on], exponentials(sign, weights))
		}
	}
}

// exponentials returns e^(sign·x), followed by zeros up to a multiple of lanes.
func exponentials(sign float64, x []float64) []float64 {
	e := make([]float64, (len(x)+lanes-1)/lanes*lanes)
	for i, x := range x {
		e[i] = math.Exp(sign * x)
	}
	return e
}

// blocks are the states of the enumerated layer, cut into blocks of blockStates. Each way of enumerating
// implements it: partition here, and digits, odometer and couplings in files of their own.
type blocks interface {
	states() int
	offset() float64 // part of -E that is the same in all states
	// newWalk returns a function that returns the log of the sum over the states from first on, at most
	// size of them. It may be called one block at a time.
	newWalk(size int) func(first int) float64
}

func (p *partition) states() int     { return 1 << len(p.bias) }
func (p *partition) offset() float64 { return p.constant }

// blockLogs returns the log of the sum over each block of states, computed by config.Threads
// goroutines of each rank. The value of a block does not depend on which one computes it.
func blockLogs(ctx context.Context, p blocks, config PartitionConfig) ([]float64, error) {
	var team ranks.Transport = ranks.Alone{}
	if config.Ranks != nil {
		team = config.Ranks
	}
	states := p.states()
	size := min(states, blockStates)
	first, count := ranks.Part(team, (states+size-1)/size)
	logs := make([]float64, count)
	total := min((first+count)*size, states) - first*size // states of this rank
	threads := config.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var done int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(threads, len(logs)) {
		wg.Go(func() {
			logSum := p.newWalk(size)
			for ctx.Err() == nil {
				block := int(next.Add(1)) - 1
				if block >= len(logs) {
					return
				}
				at := (first + block) * size
				logs[block] = logSum(at)
				if config.Progress != nil {
					mu.Lock()
					done += min(size, states-at)
					config.Progress(done, total)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return ranks.Join(team, logs)
}

// walk is one goroutine's place in the enumeration.
type walk struct {
	*partition
	odds  []float64 // (padded) e^field of the tame units, 0 in the padding
	field []float64 // of the wild units

	// Of logSum, and not used by digits, which counts its states itself.
	on   int       // the state: bit j is enumerated unit j
	logs []float64 // (size) log of the sum over the other layer, for each state of a block
}

func (p *partition) newWalk(size int) func(first int) float64 {
	w := &walk{partition: p, logs: make([]float64, size)}
	return w.logSum
}

// logSum returns the log of the sum over the states of a block: first, a multiple of the block's
// size, and the ones that share its high bits. The low bits go through a Gray code, whose n-th
// change flips the bit in the place of the lowest set bit of n.
func (w *walk) logSum(first int) float64 {
	w.start(first)
	for n := range w.logs {
		if n > 0 {
			w.flip(bits.TrailingZeros(uint(n)))
		}
		w.logs[n] = w.logState()
	}
	return estimate.LogSumExp(w.logs)
}

// start puts the walk at a state, computing all fields afresh.
func (w *walk) start(on int) {
	w.on = on
	var units []int
	for j := range w.bias {
		if on>>j&1 != 0 {
			units = append(units, j)
		}
	}
	w.odds = exponentials(1, w.tame.fields(units))
	w.field = w.wild.fields(units)
}

// fields returns the fields of the units where the enumerated units in on are on.
func (l layerPart) fields(on []int) []float64 {
	fields := append([]float64(nil), l.bias...)
	for _, j := range on {
		for i, x := range l.weights[j] {
			fields[i] += x
		}
	}
	return fields
}

// flip turns enumerated unit j on or off.
func (w *walk) flip(j int) {
	w.on ^= 1 << j
	w.turn(j, w.on>>j&1)
}

// turn lets the odds and fields follow enumerated unit j, which turns on (1) or off (0).
func (w *walk) turn(j, on int) {
	odds := w.odds
	for i, ratio := range w.ratios[on][j][:len(odds)] { // the whole slice, of a length that spares the bounds checks
		odds[i] *= ratio
	}
	sign := float64(2*on - 1)
	for i, x := range w.wild.weights[j] {
		w.field[i] += sign * x
	}
}

// logState returns the log of the sum over the other layer in this state.
func (w *walk) logState() float64 {
	sum := w.summedOut()
	for j, b := range w.bias {
		if w.on>>j&1 != 0 {
			sum += b
		}
	}
	return sum
}

// summedOut returns the log of the sum over the other layer, without the biases of the enumerated units.
func (w *walk) summedOut() float64 {
	sum := logProduct(w.odds)
	for _, x := range w.field {
		sum += estimate.Softplus(x)
	}
	return sum
}

// logProduct returns log Π (1+odds) for a multiple of lanes odds, each below
// e^safeField, with a single logarithm: the binary exponents of the products are
// taken out and added up as they grow. Four products run side by side to hide
// the latency of the multiplication.
func logProduct(odds []float64) float64 {
	p0, p1, p2, p3 := 1.0, 1.0, 1.0, 1.0
	exponent := 0
	for len(odds) >= lanes {
		for i := 0; i < lanes; i += 4 {
			four := (*[4]float64)(odds[i:])
			p0 *= 1 + four[0]
			p1 *= 1 + four[1]
			p2 *= 1 + four[2]
			p3 *= 1 + four[3]
		}
		odds = odds[lanes:]
		p0, exponent = normalize(p0, exponent)
		p1, exponent = normalize(p1, exponent)
		p2, exponent = normalize(p2, exponent)
		p3, exponent = normalize(p3, exponent)
	}
	return math.Log(p0*p1*(p2*p3)) + float64(exponent)*math.Ln2
}

// normalize returns the mantissa of x ≥ 1 in [1,2) and adds its binary
// exponent to exponent. math.Frexp does the same for any x, and slower.
func normalize(x float64, exponent int) (float64, int) {
	const mantissa, bias = 1<<52 - 1, 1023
	b := math.Float64bits(x)
	return math.Float64frombits(b&mantissa | bias<<52), exponent + int(b>>52) - bias
}
