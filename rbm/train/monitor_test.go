package train

import (
	"context"
	"errors"
	"math"
	"regexp"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// moments returns the mean and the variance of a quantity that takes values x with probabilities p.
func moments(p, x []float64) (mean, variance float64) {
	for i, q := range p {
		mean += q * x[i]
	}
	for i, q := range p {
		variance += q * (x[i] - mean) * (x[i] - mean)
	}
	return mean, variance
}

// pseudoLikelihoods returns the values x_i = V·log p(v_i|the others) for each unit i of v, and their probabilities 1/V.
func pseudoLikelihoods(m *rbm.Model, v []float32) (p, x []float64) {
	for i := range v {
		other := append([]float32(nil), v...)
		other[i] = 1 - v[i]
		here, there := -m.FreeEnergy(v), -m.FreeEnergy(other)
		x = append(x, float64(m.Visible.Len())*(here-estimate.LogSumExp([]float64{here, there})))
		p = append(p, 1/float64(m.Visible.Len()))
	}
	return p, x
}

// reconstructions returns the mean squared error of the mean reconstruction of v from each hidden state h, and p(h|v).
func reconstructions(m *rbm.Model, v []float32) (p, x []float64) {
	for _, h := range m.Hidden.States() {
		var sum float64
		for i, mean := range m.MeanVisible(nil, h) {
			sum += (float64(v[i]) - mean) * (float64(v[i]) - mean)
		}
		p = append(p, math.Exp(m.LogConditionalHidden(h, v)))
		x = append(x, sum/float64(m.Visible.Len()))
	}
	return p, x
}

// monitored returns a run of a model that does not move, and its training and validation rows.
func monitored(t *testing.T, m *rbm.Model, grey bool) (*watched, *dataset.Rows, *dataset.Rows) {
	train, valid := rbmtest.RandomRows(40, m.Visible.Len(), grey, true), rbmtest.RandomRows(25, m.Visible.Len(), grey, true)
	w := frozen(t, m, Config{Algorithm: "cd", GibbsSteps: 1, BatchSize: 10, Epochs: 1}, train)
	w.Trainer.data.Valid = valid
	return w, train, valid
}

func floatRows(r *dataset.Rows) [][]float32 {
	var rows [][]float32
	for n := range r.N {
		row := make([]float32, r.V)
		r.Row(row, n)
		rows = append(rows, row)
	}
	return rows
}

// TestMetricsStayAsTheyWere: later metrics of a run do not change the values of earlier ones.
func TestMetricsStayAsTheyWere(t *testing.T) {
	m := rbmtest.RandomModel(t, 9, 5, 2, 1)
	trainer, _, _ := monitored(t, m, false)
	var got [2]Metrics
	for i := range got {
		var err error
		if got[i], err = trainer.Metrics(); err != nil {
			t.Fatal(err)
		}
		if err := trainer.state.Set(graph.HiddenBias, make([]float32, m.Hidden.Len())); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := *got[0].FreeEnergyValid, *got[1].FreeEnergyValid; a == b {
		t.Errorf("under two models the validation rows have the free energies %v and %v, want two numbers", a, b)
	}
}

// TestMetricsOfStatesAndParameters: the metrics that do not depend on random numbers have the values of their formulas.
func TestMetricsOfStatesAndParameters(t *testing.T) {
	m := rbmtest.RandomModel(t, 9, 5, 2, 1)
	for _, grey := range []bool{false, true} {
		w, train, valid := monitored(t, m, grey)
		got, err := w.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		energy := func(r *dataset.Rows) (mean, bound float64) {
			for _, v := range floatRows(r) {
				mean += m.FreeEnergy(v) / float64(r.N)
				bound = max(bound, rbmtest.FreeEnergyBound(m, v))
			}
			return mean, bound
		}
		trainEnergy, trainBound := energy(train)
		validEnergy, validBound := energy(valid)
		rbmtest.Near(t, "free energy of the training rows", got.FreeEnergyTrain, trainEnergy, trainBound)
		rbmtest.Near(t, "free energy of the validation rows", *got.FreeEnergyValid, validEnergy, validBound)
		rbmtest.Near(t, "gap", *got.FreeEnergyGap, trainEnergy-validEnergy, trainBound+validBound)
		var mean, field float64
		for _, v := range floatRows(train) {
			for j, p := range m.MeanHidden(nil, v) {
				mean += p / float64(train.N*m.Hidden.Len())
				field = max(field, rbmtest.FieldBound(m, v, j))
			}
		}
		// The slope of σ is at most 1/4, and its kernel is within 2⁻²¹.
		rbmtest.Near(t, "mean of the hidden units", got.MeanHidden, mean, field/4+0x1p-21)
		var squares float64
		for _, x := range m.Weights {
			squares += float64(x) * float64(x)
		}
		// Fewer than 50 roundings of each sum of 45 squares, and the root is below 2.
		rbmtest.Near(t, "weight norm", got.WeightNorm, math.Sqrt(squares/float64(len(m.Weights))), 2*2*50*0x1p-53)
		if got.Epoch != 0 || got.Update != 0 || got.LearningRate != frozenRate {
			t.Errorf("got %+v, want epoch 0, update 0 and the learning rate %v", got, frozenRate)
		}
		if want := got.PseudoLikelihood / 9; got.PseudoLikelihoodPerUnit != want {
			t.Errorf("pseudo-likelihood per unit: got %v, want %v", got.PseudoLikelihoodPerUnit, want)
		}
	}
}

// TestMetricsByChance: the means of many random pseudo-likelihoods and reconstruction errors
// equal the enumerated means, within a multiple of the standard errors that follow from the
// enumerated variances. A correct program fails with the probability rbmtest.FalseAlarm. Rounding in float32 adds V times
// the errors of two free energies to a pseudo-likelihood. To the squared error of a value between 0 and 1 it adds twice
// the error of the mean, which is a quarter of the field's error and 2⁻²¹ of the kernel.
func TestMetricsByChance(t *testing.T) {
	const draws = 2000 // of the monitors
	m := rbmtest.RandomModel(t, 7, 5, 2, 1)
	w, train, _ := monitored(t, m, false)
	if _, err := w.Metrics(); err != nil {
		t.Fatal(err)
	}
	var pseudo, reconstruction float64
	for update := range draws {
		if err := w.monitoring.train.measure(update); err != nil {
			t.Fatal(err)
		}
		pseudo += w.monitoring.train.pseudoLikelihood / draws
		reconstruction += w.monitoring.train.reconstruction / draws
	}
	limit := distuv.UnitNormal.Quantile(1 - rbmtest.FalseAlarm/2)
	for _, tc := range []struct {
		name   string
		got    float64
		values func(m *rbm.Model, v []float32) (p, x []float64)
		bound  func(v []float32) float64
	}{
		{"pseudo-likelihood", pseudo, pseudoLikelihoods, func(v []float32) float64 {
			return 7 * 2 * rbmtest.FreeEnergyBound(m, v)
		}},
		{"reconstruction error", reconstruction, reconstructions, func([]float32) float64 {
			// The weights are below 2 and the biases below 1.
			return 2 * (rbmtest.Gamma(5+1)*(5*2+1)/4 + 0x1p-21)
		}},
	} {
		var want, variance, rounding float64
		n := float64(train.N)
		for _, v := range floatRows(train) {
			mean, spread := moments(tc.values(m, v))
			want += mean / n
			variance += spread / (n * n * draws)
			rounding = max(rounding, tc.bound(v))
		}
		rbmtest.Near(t, tc.name, tc.got, want, limit*math.Sqrt(variance)+rounding)
	}
}

// TestMetricsLeaveTheRunAlone: a run with metrics after each update has the same bits as one
// without.
func TestMetricsLeaveTheRunAlone(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, true, true), Valid: rbmtest.RandomRows(5, 9, true, true)}
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs = 4, 10, 2
	got, want := newTestTrainer(t, c, data, 2), newTestTrainer(t, c, data, 2)
	finish(t, want)
	for !got.Done() {
		if err := got.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		m, err := got.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		if m.Update != got.update || m.Epoch != got.update/got.perEpoch {
			t.Errorf("after update %d: got metrics of update %d of epoch %d", got.update, m.Update, m.Epoch)
		}
		if m.SamplesPerSecond <= 0 || m.Seconds <= 0 {
			t.Errorf("update %d: got %v samples a second and %v seconds, want positive numbers", got.update, m.SamplesPerSecond, m.Seconds)
		}
		_, total := got.Updates()
		if want := c.rate(m.Update-1, total); m.LearningRate != want {
			t.Errorf("update %d: learning rate %v, want %v", m.Update, m.LearningRate, want)
		}
	}
	wantSameRun(t, "with metrics", got, want)
}

// TestEnergiesGoneWrong: metrics and estimates of a model whose finite weights give infinite energies are errors that say
// so.
func TestEnergiesGoneWrong(t *testing.T) {
	c := pcdConfig()
	c.Hidden = 3
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, false, true)}, 1)
	trainer.set(t, graph.Weights, slices.Repeat([]float32{math.MaxFloat32}, caseVisible*c.Hidden))
	_, ofMetrics := trainer.Metrics()
	_, ofEstimate := trainer.Estimate(context.Background())
	for want, err := range map[string]error{
		"train: update 0: the free energy of training rows is -Inf; a lower learning rate may help":                         ofMetrics,
		"train: log-likelihood after update 0: the log-likelihood of training rows is +Inf; a lower learning rate may help": ofEstimate,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestRowsBetween counts the training rows of updates of 10, 10 and 3 rows in turn.
func TestRowsBetween(t *testing.T) {
	c := pcdConfig()
	c.Hidden, c.BatchSize = 2, 10
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(23, 4, false, true)}, 1)
	for _, tc := range []struct{ from, to, want int }{
		{0, 0, 0}, {0, 1, 10}, {0, 2, 20}, {0, 3, 23}, {2, 3, 3}, {2, 4, 13}, {1, 9, 3*23 - 10},
	} {
		if got := trainer.rowsBetween(tc.from, tc.to); got != tc.want {
			t.Errorf("updates %d to %d have %d rows, want %d", tc.from, tc.to-1, got, tc.want)
		}
	}
}

// TestNumbersGoneWrongStopTheRun: the error names update, parameter and element. The learning rate times the decay is
// beyond the largest float32, so that the first weights overflow.
func TestNumbersGoneWrongStopTheRun(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, false, true)}
	for _, center := range []bool{false, true} {
		for _, momentum := range []float64{0, 0.9} {
			c := pcdConfig()
			c.Hidden, c.BatchSize, c.LearningRate, c.L2 = 3, 10, 3e37, 100
			c.Center, c.Momentum, c.FinalMomentum = center, momentum, momentum
			c.GroupLasso = 1e-38 // the shrunk weights keep their name
			trainer := newTestTrainer(t, c, data, 2)
			var err error
			for err == nil && !trainer.Done() {
				err = trainer.Train(context.Background(), 1)
			}
			want := regexp.MustCompile(`^train: update [1-9]\d*: engine: (weights|visible_bias|hidden_bias)(_velocity)? ` +
				`\(\d+(, \d+)?\): element \[\d+(,\d+)?\] became (NaN|[+-]Inf); a lower learning rate may help$`)
			fault := (*engine.Fault)(nil)
			if !errors.As(err, &fault) || !want.MatchString(err.Error()) {
				t.Errorf("center=%v, momentum=%v: got error %v, want one like %v", center, momentum, err, want)
			}
		}
	}
}
