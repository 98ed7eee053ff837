package train

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
)

// TestCandidates: the models within the noise of the highest estimate may be the best, and no more
// than three of them. The noise of two estimates is the root of the sum of their squared errors.
func TestCandidates(t *testing.T) {
	var c candidates
	for update, tc := range []struct {
		value, error float64
		fallen       bool
		want         []int
	}{
		{-9, 0, false, []int{0}},
		{-10, 0, false, []int{0}},          // exact, and worse
		{-10, 2, false, []int{0, 2}},       // 1 below the best, by a noise of 2
		{-20, 3, false, []int{0, 2}},       // 11 below
		{-8.5, 1, false, []int{0, 2, 4}},   // the best, but within the noise of both
		{-8.6, 1, false, []int{0, 4, 5}},   // the fourth, so that the lowest of them goes
		{-1, 1, true, []int{0, 4, 5}},      // of a run that has fallen
		{-8.4, 0.1, false, []int{4, 5, 7}}, // 0.6 above estimate 0, which is exact: a noise of 0.1
		{-8, 0, false, []int{4, 5, 8}},     // 0.4 above estimate 7, by a noise of 0.1
		{-7, 0.5, false, []int{9}},         // 1 above the exact estimate 8, and at least 1.5 > √1.25 above the others
		{-7, 0.5, false, []int{9, 10}},     // equal to the best
	} {
		z, bound := 20.0, 20+tc.error // log Z, whose interval gives the error
		isOne := c.see(Past{Update: update, LogLikelihoodValid: &tc.value, LogZ: z, LogZHigh: &bound, Fallen: tc.fallen})
		if got := c.updates(); !slices.Equal(got, tc.want) {
			t.Errorf("after estimate %d (%v with error %v) the candidates are %v, want %v", update, tc.value, tc.error, got, tc.want)
		}
		if want := slices.Contains(tc.want, update); isOne != want {
			t.Errorf("estimate %d (%v with error %v) is reported as a candidate: %v, want %v", update, tc.value, tc.error, isOne, want)
		}
	}
}

// TestNoCandidates: a run with patience has a result without a candidate too, evaluated on the validation rows: if it
// ended before its first estimate the model that it has, and if its log-likelihood fell at all of them, at a rate that
// is far too high, the first model.
func TestNoCandidates(t *testing.T) {
	for name, rate := range map[string]float64{"before an estimate": 0.1, "fallen at all": 1e9} {
		c, data := lostRun("pcd")
		c.LearningRate, c.Updates = rate, 200
		data.Valid = data.Train
		trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
		rc := RunConfig{OnlineEvery: 1, Patience: 2}
		if rate < 1 {
			rc.TimeLimit = 1 // a nanosecond
		}
		first := modelOf(t, trainer)
		result, err := Run(context.Background(), trainer, d.configure(trainer, rc))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(d.models) > 0 || result.Update != 0 || !reflect.DeepEqual(result.Model, first) {
			t.Errorf("%s: %d candidates and a result of update %d, want none and the first model", name, len(d.models), result.Update)
		}
		e, err := likelihood.Evaluate(context.Background(), first, rbmtest.OpenDevice(t, 1), data.Valid,
			likelihood.EvaluateConfig{Method: "exact", Binarize: trainer.binarize})
		if err != nil {
			t.Fatal(err)
		}
		if result.LogLikelihood != e.LogLikelihood {
			t.Errorf("%s: the result has %v nats, want %v", name, result.LogLikelihood, e.LogLikelihood)
		}
	}
}

// TestBestCandidate: where log Z of the estimates has noise, the result is the model with the highest
// log-likelihood by [likelihood.Evaluate] of those that were kept.
func TestBestCandidate(t *testing.T) {
	c, _ := smallRun(30)
	c.Hidden = 18 // more units than exactBits, in both layers: log Z is estimated with noise
	data := &dataset.Set{Train: rbmtest.RandomRows(20, 18, false, true), Valid: rbmtest.RandomRows(9, 18, false, true)}
	trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	result, err := Run(context.Background(), trainer, d.configure(trainer, RunConfig{OnlineEvery: 3, Patience: 9}))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.models) < 2 {
		t.Fatalf("%d models are kept, want at least 2 to choose from", len(d.models))
	}
	best, values := 0, map[int]float64{}
	highest := math.Inf(-1)
	for update, m := range d.models {
		e, err := likelihood.Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 1), data.Valid,
			likelihood.EvaluateConfig{Method: "auto", Seed: c.Seed, AIS: likelihood.AISConfig{Seed: c.Seed}})
		if err != nil {
			t.Fatal(err)
		}
		if values[update] = e.LogLikelihood; e.LogLikelihood > highest {
			best, highest = update, e.LogLikelihood
		}
	}
	if result.Update != best || result.LogLikelihood != values[best] || result.Model != d.models[best] {
		t.Errorf("the result is of update %d with %v nats, want the best of %v", result.Update, result.LogLikelihood, values)
	}
}
