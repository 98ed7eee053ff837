package train

import (
	"cmp"
	"math"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// comparison compares two runs after one update of each from the same variables, with the same random numbers.
// Their batches and chains have caseBatch rows at most.
type comparison struct {
	config         Config
	models         []*rbm.Model         // before the update: the model, and its sum with the fast parameters, if any
	rate, other    float64              // learning rate, and momentum or ε of Adam, as Config.rates gives them
	factor         float64              // see trainingCase.factor
	times          float64              // the gradients of the two runs differ by at most times·updateBound
	old, got, want map[string][]float32 // saved variables before the update, and after it in each run
}

// newComparison returns the comparison of the next update of a run.
func newComparison(t *testing.T, run *Trainer, tc trainingCase, times float64) *comparison {
	t.Helper()
	m, err := run.Model()
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{config: run.config, factor: tc.factor(), times: times, old: run.savedFloats(t)}
	c.models = []*rbm.Model{m, onFast(m, c.old)}
	_, total := run.Updates()
	rate, other := run.config.rates(run.update, run.epoch(), total)
	c.rate, c.other = float64(rate), float64(other)
	return c
}

// savedFloats returns the saved variables of a run by name.
func (t *Trainer) savedFloats(tb testing.TB) map[string][]float32 {
	tb.Helper()
	saved := map[string][]float32{}
	for _, v := range t.variables() {
		if v.saved {
			saved[v.name] = t.floats(tb, v.name)
		}
	}
	return saved
}

// updated reads the variables of both runs after the update.
func (c *comparison) updated(t *testing.T, got, want *Trainer) {
	t.Helper()
	c.got, c.want = got.savedFloats(t), want.savedFloats(t)
}

// check compares a saved variable of the two runs.
//
// Parameters without an optimizer's variables, velocities, fast parameters and first moments move along the
// gradient by a rate: they differ by at most c.times·updateBound at that rate. Activities and offsets are
// moving averages of means, with rates below the learning rate.
//
// A parameter with variables of an optimizer, the velocity or the moments, moves by these alone. In each run
// it is compared with the exact move by the run's own variables, see moved, so that the difference of the two
// parameters is bounded too. A bound for any moments within their bounds would be far looser: the move of
// Adam, m/(√s + ε), changes by twice its size where the gradients of the two runs are near 0 and of opposite
// signs.
func (c *comparison) check(t *testing.T, what, name string) {
	t.Helper()
	if c.old[name+graph.SuffixFirst] != nil || c.old[name+graph.SuffixVelocity] != nil {
		for run, now := range map[string]map[string][]float32{"compared run": c.got, "reference": c.want} {
			next, tolerance := c.moved(now, name)
			rbmtest.CompareValues(t, what+", "+run, wide(now[name]), next, func(i int) float64 { return tolerance[i] })
		}
		return
	}
	rbmtest.CompareValues(t, what, wide(c.got[name]), wide(c.want[name]), c.tolerance(name))
}

// wide returns x in float64.
func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// tolerance bounds the differences of the elements of a variable that is no parameter of an optimizer.
func (c *comparison) tolerance(name string) func(i int) float64 {
	if parameter, ok := strings.CutSuffix(name, graph.SuffixSecond); ok {
		return func(i int) float64 { return c.secondMoment(parameter, i) }
	}
	rate := c.config.LearningRate
	if strings.HasSuffix(name, graph.SuffixFirst) {
		rate = restOf(firstDecay)
	} else if strings.HasSuffix(name, graph.SuffixFast) {
		rate = cmp.Or(c.config.FastRate, rate)
	}
	return func(i int) float64 { return c.along(rate, float64(c.want[name][i])) }
}

// restOf returns 1 - decay as kernels.Moment computes it.
func restOf(decay float32) float64 { return float64(1 - decay) }

// along bounds the difference of two values that moved along the gradient at a rate, one of them to x.
func (c *comparison) along(rate, x float64) float64 {
	bound := 0.0
	for _, m := range c.models {
		bound = max(bound, updateBound(m, caseBatch, caseBatch, rate*c.factor, x))
	}
	return c.times * bound
}

// secondMoment bounds the difference of one element of the second moments s of a parameter, which become
// βs + (1-β)g². Two gradients within δ of each other have squares within (2|g|+δ)δ of each other. The
// roundings of each run are three, and the rounding of 1-β one more, of terms that are not negative: γ(4) times the
// result, where the result of the other run is larger by the difference at most. The gradient follows from the first
// moments m and m' before and after the update, m' = αm + (1-α)g within three roundings.
func (c *comparison) secondMoment(parameter string, i int) float64 {
	at := func(variables map[string][]float32, suffix string) float64 {
		return float64(variables[parameter+suffix][i])
	}
	before, after := at(c.old, graph.SuffixFirst), at(c.want, graph.SuffixFirst)
	g := math.Abs(after-float64(float32(firstDecay))*before) + rbmtest.Gamma(3)*(math.Abs(before)+math.Abs(after))
	g /= restOf(firstDecay)
	delta := c.along(1, g)
	square := restOf(secondDecay) * (2*g + delta) * delta
	return square + 2*rbmtest.Gamma(4)*(at(c.want, graph.SuffixSecond)+square)
}

// moved returns a parameter after the exact move by the optimizer's variables of a run, and bounds of the
// differences that rounding makes. These are γ(5) of the parameter and of the sum of the sizes of the terms
// of the move: Adam rounds five times (root, sum, quotient, product, sum), Nesterov four times (difference,
// product, two sums), momentum once. The threshold of a proximal step has two roundings, hence γ(7);
// shrinkGroups adds the others of the step.
func (c *comparison) moved(now map[string][]float32, parameter string) (next, tolerance []float64) {
	for i, x := range wide(c.old[parameter]) {
		move, size := c.move(now, parameter, i)
		next, tolerance = append(next, x+move), append(tolerance, rbmtest.Gamma(7)*(math.Abs(x)+size))
	}
	if parameter == graph.Weights && c.config.GroupLasso > 0 {
		shrinkGroups(c.config, next, tolerance, c.rate)
	}
	return next, tolerance
}

// move returns the exact move of an element of a parameter by the optimizer's variables after the update,
// and the sum of the sizes of its terms.
func (c *comparison) move(now map[string][]float32, parameter string, i int) (move, size float64) {
	at := func(variables map[string][]float32, suffix string) float64 {
		return float64(variables[parameter+suffix][i])
	}
	switch c.config.optimizer() {
	case adam:
		move = c.rate * at(now, graph.SuffixFirst) / (math.Sqrt(at(now, graph.SuffixSecond)) + c.other)
		return move, math.Abs(move)
	case nesterov:
		v := at(now, graph.SuffixVelocity)
		further := c.other * (v - at(c.old, graph.SuffixVelocity))
		return v + further, math.Abs(v) + math.Abs(further)
	}
	v := at(now, graph.SuffixVelocity)
	return v, math.Abs(v)
}

// updateBound bounds the error of one element of an update along the gradient of a
// batch of data and of chains, both from the same float32 parameters and visible
// values, where the parameter is x and was reached at this rate. A sparsity penalty
// enlarges the gradient and its errors by a factor that the caller puts into the rate. It panics
// on real states, whose size has no bound.
//
// A field over states of 0 and 1 is within γ(V+1)·S of the exact one, with S its bias and its weights in
// absolute value. Units worth low and high have bits with the weights (high-low)w, and their bias
// has the V terms low·w more: γ(2V+1) with the weights times |low| + high - low. A mean is within the error of the
// field times the slope of the mean, see meanSlope, and the rounding of the kernel: e.
//
// With s the largest size or span of a state, a row adds products of two values to the gradient of a weight, each up
// to s: errors s·e and roundings of s². The centered gradient of a bias subtracts V or H such gradients times
// offsets up to s, and so V + H + 4 errors s²·e and the roundings of as many sums of s³ bound both. A sum has a rounding
// for each row, and ten are allowed for products, quotients and weights. The last roundings are the roundings of the
// move itself: of the decays, the rate and the momentum.
func updateBound(m *rbm.Model, data, chains int, rate, x float64) float64 {
	var field, slope, rounding float64
	visible, hidden, size := m.Visible.Len(), m.Hidden.Len(), 1.0
	terms := visible + 1
	if !m.Visible.Units.Plain() {
		terms += visible
	}
	for j := range hidden {
		k := m.Hidden.Units.Of(j)
		sum := math.Abs(float64(m.Hidden.Bias[j]))
		for i := range visible {
			low, span := worth(m.Visible.Units.Of(i))
			sum += (math.Abs(low) + span) * math.Abs(float64(m.Weights[i*hidden+j]))
		}
		field = max(field, rbmtest.Gamma(terms)*sum)
		of, off := meanSlope(k)
		slope, rounding = max(slope, of), max(rounding, off)
	}
	for _, l := range []rbm.Layer{m.Visible, m.Hidden} {
		for i := range l.Len() {
			_, span := worth(l.Units.Of(i))
			size = max(size, rbmtest.Largest(l.Units.Of(i)), span)
		}
	}
	units := visible + hidden
	mean := slope*field + rounding
	gradient := float64(units+4) * size * size * (mean + size*rbmtest.Gamma(data+chains+units+10))
	return rate*gradient + rbmtest.Gamma(6)*(math.Abs(x)+rate*size*size)
}

// worth returns what the bit 0 of a unit is worth, and what the bit 1 is worth more.
func worth(k engine.Kind) (low, span float64) {
	if k.Real() {
		panic("no bound on the size of real states")
	}
	return float64(k.Low()), float64(k.High()) - float64(k.Low())
}

// meanSlope returns by how much the mean of a unit changes, at most, for a change of 1 in each of its fields, and the
// error of its kernel. The mean of a unit of two states has the slope of its variance, up to (span/2)². A mean p of
// several has p(1-p) along its own field and as much along the others together. The error is 2⁻²¹ for Sigmoid, 2⁻²⁰ for
// others and (q+16)·2⁻²⁴ for units of q columns (see kernels.Kind).
func meanSlope(k engine.Kind) (slope, rounding float64) {
	_, span := worth(k)
	switch {
	case k.Several():
		return 2 * 0.25, float64(k.Width()+16) * 0x1p-24
	case k.Low() == 0:
		return span * span / 4, 0x1p-21
	}
	return span * span / 4, 0x1p-20
}
