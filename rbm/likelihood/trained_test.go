package likelihood_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// mnistModel is a model of 15 hidden units trained on 2,000 rows of MNIST for two epochs.
var mnistModel = sync.OnceValues(func() (*rbm.Model, error) {
	data, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		return nil, err
	}
	data.Train = data.Train.Slice(0, 2000)
	d, err := engine.Open("cpu", 1)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c := train.DefaultConfig()
	c.Algorithm = "pcd"
	c.Hidden, c.Epochs, c.BatchSize = 15, 2, 20
	trainer, err := train.New(c, data, d)
	if err != nil {
		return nil, err
	}
	for !trainer.Done() {
		if err := trainer.Train(context.Background(), 1000); err != nil {
			return nil, err
		}
	}
	return trainer.Model()
})

// TestAISCoversTheExactValue: three standard errors of the mean weight hold the exact
// log Z but for 0.27 % of all estimates if the mean of 100 weights is normal, which an
// effective number of runs close to all of them makes true. Among 40 estimates, more than
// four outside come by chance once in a million.
func TestAISCoversTheExactValue(t *testing.T) {
	trained, err := mnistModel()
	if err != nil {
		t.Fatal(err)
	}
	const estimates, allowed = 40, 4
	outside := 0
	cover := func(name string, m *rbm.Model, exact float64, seed uint64, c likelihood.AISConfig) {
		c.Seed, c.Runs = seed, 100
		p, err := likelihood.AIS(context.Background(), m, rbmtest.OpenDevice(t, 1), c)
		if err != nil {
			t.Fatal(err)
		}
		if !(p.Low < p.LogZ && p.LogZ < p.High) {
			t.Errorf("%s, seed %d: log Z %v is not within (%v,%v)", name, seed, p.LogZ, p.Low, p.High)
		}
		// Chosen, so that a sum of the weights is nearly normal: an effective number of runs of a third is what weights of a
		// normal log w have at a variance of 1.1.
		if !(p.ESS > 30 && p.ESS <= 100 && p.VarLogWeight < 1.5) {
			t.Errorf("%s, seed %d: ESS %v, variance %v, want 30 to 100 and below 1.5", name, seed, p.ESS, p.VarLogWeight)
		}
		if exact < p.Low || exact > p.High {
			outside++
			t.Logf("%s, seed %d: the exact %v is outside (%v,%v)", name, seed, exact, p.Low, p.High)
		}
	}
	for i := range estimates - 4 { // the last four are of the trained model
		m := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 4+i%7, 3+i%5, 1.5, 1))
		cover(fmt.Sprint("random ", i), m, rbmtest.LogPartition(t, m), uint64(i), likelihood.AISConfig{Betas: likelihood.LinearBetas(100)})
	}
	exact := rbmtest.LogPartition(t, trained)
	for seed := range uint64(4) {
		cover("mnist", trained, exact, seed, likelihood.AISConfig{Betas: likelihood.LinearBetas(300)})
	}
	if chance := 1 - (distuv.Binomial{N: estimates, P: 0.0027}).CDF(allowed); chance > rbmtest.FalseAlarm {
		t.Fatalf("more than %d of %d outside have the probability %v, want at most %v", allowed, estimates, chance, rbmtest.FalseAlarm)
	}
	if outside > allowed {
		t.Errorf("%d of %d intervals are without the exact value, want at most %d", outside, estimates, allowed)
	}
}

// digitModel trains a model of digits for 1000 updates, about a second, at a learning rate.
func digitModel(t *testing.T, hidden int, rate float64) *rbm.Model {
	t.Helper()
	c := train.DefaultConfig()
	c.Algorithm = "pcd"
	c.Hidden, c.Epochs, c.Updates, c.LearningRate = hidden, 0, 1000, rate
	trainer, err := train.New(c, &dataset.Set{Train: rbmtest.Digits(t, 0, 20000)}, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	for !trainer.Done() {
		if err := trainer.Train(context.Background(), c.Updates); err != nil {
			t.Fatal(err)
		}
	}
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestReportHoldsTheExactLogZ makes ten reports of each of two models of digits. In at least
// nineteen of the twenty each interval, of AIS, of reverse AIS and of both by Bennett's
// ratio, has the exact log Z in it: if an interval holds it with the probability 0.9973 of
// three standard errors, fewer do with probability 0.0014. For that the error of a hundred
// weights has to be nearly normal, as it is where var log w is well below 1: here it is 0.1 to
// 0.3, and of 120 such reports two had an interval without log Z. In the
// mean, AIS errs low and reverse AIS high, within the Monte-Carlo error of these means.
func TestReportHoldsTheExactLogZ(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and minutes under the race detector")
	}
	const seeds = 10
	limit := distuv.UnitNormal.Quantile(1 - rbmtest.FalseAlarm)
	inside := map[string]int{}
	off := map[string][]float64{}
	for _, hidden := range []int{15, 20} {
		m := digitModel(t, hidden, 0.5)
		exact := rbmtest.LogPartition(t, m)
		for seed := range uint64(seeds) {
			c := likelihood.ReportConfig{AIS: likelihood.AISConfig{Betas: likelihood.LinearBetas(400), Seed: seed}, BurnIn: 400}
			r, err := likelihood.ReportLogPartition(context.Background(), m, rbmtest.OpenDevice(t, 1), c)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []*likelihood.Partition{r.Last().Forward, r.Last().Reverse, r.Last().Bennett} {
				off[p.Method] = append(off[p.Method], p.LogZ-exact)
				if p.Low <= exact && exact <= p.High {
					inside[p.Method]++
				}
			}
		}
	}
	for _, method := range []string{"ais", "reverse ais", "bennett"} {
		if got := inside[method]; got < 2*seeds-1 {
			t.Errorf("%d of %d intervals of %s hold the exact log Z, want at least %d", got, 2*seeds, method, 2*seeds-1)
		}
	}
	for method, sign := range map[string]float64{"ais": 1, "reverse ais": -1} {
		mean := estimate.Sum(off[method]) / (2 * seeds)
		if tolerance := limit * estimate.StandardError(off[method], mean); sign*mean > tolerance {
			t.Errorf("%s is off by %v in the mean, want at most %v on that side", method, mean, tolerance)
		}
	}
}
