package likelihood

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"

	"gonum.org/v1/gonum/stat/distuv"
)

// annealedProbabilities enumerates p_annealed(v) of a schedule: the base distribution
// after one Gibbs step at each β, which is a step of the model with tempered parameters.
func annealedProbabilities(m *rbm.Model, betas []float32) []float64 {
	base := m.Base().Bias
	p := make([]float64, 1<<m.Visible.Len())
	for n, v := range m.Visible.States() {
		p[n] = 1
		for i, x := range v {
			p[n] *= 1 / (1 + math.Exp(-float64(2*x-1)*float64(base[i])))
		}
	}
	for _, beta := range betas[1:] {
		tempered := *m
		tempered.Weights = scaled(m.Weights, beta)
		tempered.Hidden.Bias = scaled(m.Hidden.Bias, beta)
		tempered.Visible.Bias = scaled(m.Visible.Bias, beta)
		for i, a := range base {
			tempered.Visible.Bias[i] += (1 - beta) * a
		}
		p = tempered.GibbsStep(p)
	}
	return p
}

func scaled(x []float32, by float32) []float32 {
	y := make([]float32, len(x))
	for i, x := range x {
		y[i] = by * x
	}
	return y
}

// TestConservativeOfTheAnnealedModel: the mean weight of many runs from each state
// is its enumerated p_annealed, which differs from p on a short schedule. The squared errors of
// all 2^V states, in units of their standard errors, add up to a chi-square with a false alarm rate of FalseAlarm.
func TestConservativeOfTheAnnealedModel(t *testing.T) {
	d := rbmtest.OpenDevice(t, 2)
	m := annealedModels(t)["6x5"]
	var all []float32
	for _, v := range m.Visible.States() {
		all = append(all, v...)
	}
	const runs = 400
	exact := rbmtest.VisibleProbabilities(t, m)
	for _, steps := range []int{1, 2, 4} {
		c := AISConfig{Runs: runs, Betas: LinearBetas(steps), Seed: 5}
		conservative, err := RAISE(context.Background(), m, d, all, c)
		if err != nil {
			t.Fatal(err)
		}
		logs := conservative.LogLikelihoods
		// The weights of the single runs, for the standard errors.
		starts, betas := repeatRows(all, m.Visible.Len(), runs), append([]float32{1}, reversed(c.Betas)...)
		weights, err := descend(context.Background(), m, d, starts, betas, c)
		if err != nil {
			t.Fatal(err)
		}
		p := annealedProbabilities(m, c.Betas)
		var squares, fromExact float64
		for n, logP := range logs {
			deviation := math.Exp(logP) * math.Sqrt(estimate.RelativeVariance(weights[n*runs:(n+1)*runs]))
			squares += math.Pow((math.Exp(logP)-p[n])/deviation, 2)
			fromExact += math.Pow((math.Exp(logP)-exact[n])/deviation, 2)
		}
		limit := distuv.ChiSquared{K: float64(len(p))}.Quantile(1 - rbmtest.FalseAlarm)
		if squares > limit {
			t.Errorf("%d steps: chi-square is %v, want at most %v", steps, squares, limit)
		}
		if steps == 1 && fromExact < limit {
			t.Errorf("%d steps: chi-square of the model itself is %v, want the test to refuse it above %v", steps, fromExact, limit)
		}
	}
}

// repeatRows repeats each row of x, one after the other.
func repeatRows(x []float32, width, times int) []float32 {
	var out []float32
	for n := range len(x) / width {
		for range times {
			out = append(out, x[n*width:(n+1)*width]...)
		}
	}
	return out
}

// TestConservativeRisesToTheLikelihood: on samples of the model the mean of log ŵ lies
// below the mean of log p, since the mean of log p_annealed does (Gibbs' inequality) and ŵ is
// unbiased. The gap falls as one over the number of steps. Tolerances are Monte-Carlo
// errors of the mean over the rows of log ŵ - log p.
func TestConservativeRisesToTheLikelihood(t *testing.T) {
	const rows = 1000
	d := rbmtest.OpenDevice(t, 1)
	quantile := distuv.UnitNormal.Quantile(1 - rbmtest.FalseAlarm)
	for name, m := range annealedModels(t) {
		samples := modelSamples(t, m, rows, 2)
		logZ := rbmtest.LogPartition(t, m)
		var last float64
		for _, steps := range []int{1, 10, 300} {
			conservative, err := RAISE(context.Background(), m, d, samples, AISConfig{Runs: 2, Betas: LinearBetas(steps), Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			logs := conservative.LogLikelihoods
			rbmtest.Near(t, name+": mean", conservative.Mean, estimate.Sum(logs)/rows, 0)
			rbmtest.Near(t, name+": standard error", conservative.StandardError, estimate.StandardError(logs, conservative.Mean), 0)
			for n := range logs {
				logs[n] -= m.LogMarginalVisible(samples[n*m.Visible.Len():(n+1)*m.Visible.Len()], logZ)
			}
			gap := estimate.Sum(logs) / rows
			tolerance := quantile * estimate.StandardError(logs, gap)
			what := fmt.Sprintf("%s, %d steps", name, steps)
			if gap > tolerance {
				t.Errorf("%s: %v above the exact log-likelihood, want at most %v", what, gap, tolerance)
			}
			// Half, not a tenth or a thirtieth: one step is too few for the law to hold.
			if steps > 1 && gap < last/2-tolerance {
				t.Errorf("%s: %v from the exact log-likelihood, want at most half of %v of the shorter schedule", what, gap, last)
			}
			last = gap
		}
	}
}

func TestConservativeRefuses(t *testing.T) {
	m := annealedModels(t)["6x5"]
	d := rbmtest.OpenDevice(t, 1)
	for name, test := range map[string]struct {
		m      *rbm.Model
		states []float32
		c      AISConfig
		want   string
	}{
		"ragged":        {m, make([]float32, 7), AISConfig{}, "7 values, want rows of 6"},
		"no rows":       {m, nil, AISConfig{}, "0 values"},
		"no base rates": {rbmtest.RandomModel(t, 6, 5, 1, 1), make([]float32, 6), AISConfig{}, "no base rates"},
		"one run":       {m, make([]float32, 6), AISConfig{Runs: 1}, "Runs is 1"},
	} {
		_, err := RAISE(context.Background(), test.m, d, test.states, test.c)
		if err == nil || !strings.HasPrefix(err.Error(), "likelihood: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}
