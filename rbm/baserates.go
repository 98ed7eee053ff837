package rbm

import (
	"math"

	"harmonium/dataset"
	"harmonium/engine"
)

// BaseRates returns the means (V) of the states that a binarization makes of rows, each in [0,1] unless
// states are real: the rates of the base model of annealed importance sampling. Where the binarization
// draws, they are expectations, the means of the values. Means are of known cells, 0 where a column has none, and
// weighted by the weights of the rows, if they have some.
func BaseRates(rows *dataset.Rows, b dataset.Binarization) []float32 {
	means := make([]float32, rows.V)
	if b.Mode != dataset.Threshold {
		for i, m := range rows.WeightedMeans() {
			means[i] = float32(m)
		}
		return means
	}
	row := make([]float32, rows.V)
	sums, totals := make([]float64, rows.V), make([]float64, rows.V) // of the weights of 1s and of known cells
	for n := range rows.N {
		weight := 1.0
		if rows.Weights != nil {
			weight = float64(rows.Weights[n])
		}
		rows.Row(row, n)
		for i, x := range row {
			if rows.IsMissing(n, i) {
				continue
			}
			if totals[i] += weight; x > float32(b.Threshold) {
				sums[i] += weight
			}
		}
	}
	for i, sum := range sums {
		if totals[i] > 0 {
			means[i] = float32(sum / totals[i])
		}
	}
	return means
}

// BaseVariances returns the variances (V) of the known cells of rows in columns of units with real states,
// weighted by the weights of the rows, if they have some. So that a constant column has a density, a
// variance is raised to at least a hundredth of the mean variance of these columns (chosen: columns in one unit of
// measure rarely differ more), or to 1 if all are 0.
// Other columns have 0. It returns nil if no states are real.
func BaseVariances(rows *dataset.Rows, units engine.Units) []float32 {
	if !units.Real() {
		return nil
	}
	sums, totals := make([]float64, rows.V), make([]float64, rows.V)
	means, row := rows.WeightedMeans(), make([]float32, rows.V)
	for n := range rows.N {
		weight := 1.0
		if rows.Weights != nil {
			weight = float64(rows.Weights[n])
		}
		rows.Row(row, n)
		for i, x := range row {
			if !rows.IsMissing(n, i) {
				sums[i] += weight * (float64(x) - means[i]) * (float64(x) - means[i])
				totals[i] += weight
			}
		}
	}
	var total float64
	count := 0
	for i := range sums {
		if !units.Of(i).Real() {
			continue
		}
		if totals[i] > 0 {
			sums[i] /= totals[i] // now the column's variance
		}
		total += sums[i]
		count++
	}
	least := total / float64(count) / 100
	if least == 0 {
		least = 1
	}
	variances := make([]float32, rows.V)
	for i, v := range sums {
		if units.Of(i).Real() {
			variances[i] = float32(max(v, least))
		}
	}
	return variances
}

// BaseLayer returns a layer of independent units whose rates, the probabilities of the state
// High, were counted over n rows: unit i has the bias
//
//	θ_i = log(r_i/(1-r_i)) / (High-Low)
//
// with r_i the rate smoothed as if two more rows had been seen, one High and one Low, so that
// constant columns stay finite. A unit of q columns has θ_a = log r_a minus the mean of the logs, with
// the rates of its columns smoothed by q rows, one of each state. A unit with real states has the mean
// r_i and the variance of its column in variances, which is nil if no states are real.
func BaseLayer(units engine.Units, rates, variances []float32, n int) Layer {
	l := NewLayer(units, len(rates))
	rows := float64(n)
	for _, g := range l.groups() {
		span := float64(g.Kind.High()) - float64(g.Kind.Low())
		if g.Kind.Several() {
			l.setRates(g, rates, rows)
			continue
		}
		if g.Kind.Real() {
			for i := g.From; i < g.To; i++ {
				l.Bias[i] = rates[i] / variances[i]
				l.LogVariance[i] = float32(math.Log(float64(variances[i])))
			}
			continue
		}
		for i := g.From; i < g.To; i++ {
			high := float64(rates[i])*rows + 1
			l.Bias[i] = float32(math.Log(high/(rows+2-high)) / span)
		}
	}
	return l
}

// setRates sets the biases of a group of units of several columns.
func (l Layer) setRates(g engine.Group, rates []float32, rows float64) {
	q := g.Kind.Width()
	span := float64(g.Kind.High()) - float64(g.Kind.Low())
	for from := g.From; from < g.To; from += q {
		logs, mean := make([]float64, q), 0.0
		for a := range logs {
			logs[a] = math.Log((float64(rates[from+a])*rows + 1) / (rows + float64(q)))
			mean += logs[a] / float64(q)
		}
		for a, x := range logs {
			l.Bias[from+a] = float32((x - mean) / span)
		}
	}
}

// smoothRows stands for the number of rows of the training data, which a model does not
// keep. Chosen: MNIST's order of magnitude.
const smoothRows = 10000

// Base returns the visible layer of the base model, whose biases a⁰ (V) follow from the base rates
// (see BaseLayer), which must be known. Units with real states have the variances of the model, not
// BaseVariances.
func (m *Model) Base() Layer {
	var variances []float32
	for _, z := range m.Visible.LogVariance {
		variances = append(variances, float32(math.Exp(float64(z))))
	}
	base := BaseLayer(m.Visible.Units, m.BaseRates, variances, smoothRows)
	base.LogVariance = m.Visible.LogVariance // without the rounding of exp and log
	return base
}

// Independent returns independent visible units with the base rates, counted over n rows of training data, and
// the base variances where states are real. Both must be known.
func (m *Model) Independent(n int) Layer {
	return BaseLayer(m.Visible.Units, m.BaseRates, m.BaseVariances, n)
}

// LogBasePartition returns log Z_0 of the base model, by the function of the same name.
func (m *Model) LogBasePartition() float64 { return LogBasePartition(m.Base(), m.Hidden) }

// LogBasePartition returns log Z_0 = Σ_j Γ_j(0) + Σ_i Γ_i(a⁰_i) of a model without weights
// whose visible layer is base, with biases a⁰, and whose hidden units have fields of 0:
// the biases of hidden do not count.
func LogBasePartition(base, hidden Layer) float64 {
	fields := make([]float64, base.Len())
	for i, a := range base.Bias {
		fields[i] = float64(a)
	}
	return base.addCumulants(hidden.restCumulant(), fields)
}
