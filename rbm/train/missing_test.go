package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestMaskWithoutHoles: a run on rows whose marks of missing cells mark none has the bits of a run on rows without marks.
func TestMaskWithoutHoles(t *testing.T) {
	rows := rbmtest.RandomRows(caseRows, caseVisible, false, true)
	marked := *rows
	marked.Missing = make([]uint8, 23*9)
	c := pcdConfig()
	c.Hidden, c.Epochs, c.BatchSize = 5, 2, 10
	want, got := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1), newTestTrainer(t, c, &dataset.Set{Train: &marked}, 1)
	finish(t, want)
	finish(t, got)
	wantSameRun(t, "a mask without holes", got, want)
}

// TestHolesInFractions: missing cells are refused where the values are fractions and stay so, as cells then have no
// states that could be drawn.
func TestHolesInFractions(t *testing.T) {
	tc := trainingCase{config: pcdConfig(), grey: true, holes: true}
	tc.config.Binarize = "none"
	_, err := New(tc.config, &dataset.Set{Train: tc.rows(caseRows, caseVisible)}, rbmtest.OpenDevice(t, 1))
	if err == nil || !strings.Contains(err.Error(), "missing cells in training rows of fractions") {
		t.Errorf("got error %v, want one about missing cells", err)
	}
}

// TestHolesAreDrawn: in the positive phase the known cells of a batch are as they are, and the draws of
// missing cells have the frequencies of the enumerated p(missing|known). All rows but the last are equal, with three
// missing cells. 20 steps let the draws forget their start in the models of rbmtest.GibbsModels.
func TestHolesAreDrawn(t *testing.T) {
	const n = 2000
	m := rbmtest.GibbsModels(t)[0]
	nan := float32(math.NaN())
	pattern := []float32{1, nan, nan, 0, 1, nan}
	_, logs := m.EnumerateGiven(pattern)
	p := make([]float64, len(logs))
	for k, l := range logs {
		p[k] = math.Exp(l)
	}
	for _, bytes := range []bool{false, true} {
		rows := &dataset.Rows{N: n + 1, V: 6}
		for k := range n + 1 {
			for _, x := range pattern {
				missing := uint8(0)
				if x != x { // NaN
					x = float32(k % 2) // which no draw may depend on
					if k < n {
						missing = 255
					}
				}
				rows.Missing = append(rows.Missing, missing)
				if bytes {
					rows.Bytes = append(rows.Bytes, uint8(255*x))
				} else {
					rows.Floats = append(rows.Floats, x)
				}
			}
		}
		c := pcdConfig()
		c.Hidden, c.BatchSize, c.Binarize, c.MissingSteps = m.Hidden.Len(), n+1, "threshold", 20
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 2)
		trainer.setModel(t, m, "")
		w := &watched{trainer, map[*engine.Plan]*gorgonia.Node{}, map[*engine.Plan]*gorgonia.Node{}}
		w.watch(t)
		if err := w.makeUpdate(); err != nil {
			t.Fatal(err)
		}
		v, _ := w.phases(t)
		counts := make([]int, len(p))
		for row := range slices.Chunk(v, 6) {
			if row[0] != 1 || row[3] != 0 || row[4] != 1 {
				t.Fatalf("known cells of %v changed", row)
			}
			counts[int(row[1])|int(row[2])<<1|int(row[5])<<2]++
		}
		// The last row of the data, in which the three cells are known, does not count.
		last := n % 2
		counts[last|last<<1|last<<2]--
		rbmtest.ChiSquare(t, fmt.Sprintf("draws of missing cells, bytes %v", bytes), counts, p)
	}
}

// TestCategoricalHoles: a missing unit of several columns is drawn as a whole, with the probabilities of its
// states given the known ones, in a run that begins with a model. A unit with some of its columns missing is an error.
// The last three rows have no missing cells, and the three states of the unit.
func TestCategoricalHoles(t *testing.T) {
	const n = 2000
	units, err := engine.ParseUnits("categorical/3:2", 6)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(units, nil, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	like := rbmtest.RandomModel(t, 6, 4, 2, 1)
	m.Weights, m.Visible.Bias, m.Hidden.Bias = like.Weights, like.Visible.Bias, like.Hidden.Bias
	rows := &dataset.Rows{N: n + 3, V: 6}
	for k := range n + 3 {
		state, missing := []uint8{0, 0, 0, 0, 255, 0}, []uint8{255, 255, 255, 0, 0, 0}
		if k >= n {
			state[k-n], missing = 255, make([]uint8, 6)
		}
		rows.Bytes, rows.Missing = append(rows.Bytes, state...), append(rows.Missing, missing...)
	}
	c := pcdConfig()
	c.BatchSize, c.Binarize, c.MissingSteps, c.Center = n+3, "none", 20, false
	trainer, err := NewFrom(c, m, &dataset.Set{Train: rows}, rbmtest.OpenDevice(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{trainer, map[*engine.Plan]*gorgonia.Node{}, map[*engine.Plan]*gorgonia.Node{}}
	w.watch(t)
	if err := w.makeUpdate(); err != nil {
		t.Fatal(err)
	}
	v, _ := w.phases(t)
	counts := []int{-1, -1, -1} // less the rows without missing cells
	kind := units.Of(0)
	for row := range slices.Chunk(v, 6) {
		if row[3] != 0 || row[4] != 1 || row[5] != 0 || kind.StateOf(row[:3]) < 0 {
			t.Fatalf("the row %v has other known cells, or no state of the first unit", row)
		}
		counts[kind.StateOf(row[:3])]++
	}
	nan := float32(math.NaN())
	_, logs := m.EnumerateGiven([]float32{nan, nan, nan, 0, 1, 0})
	p := make([]float64, len(logs))
	for k, l := range logs {
		p[k] = math.Exp(l)
	}
	rbmtest.ChiSquare(t, "draws of a missing categorical unit", counts, p)
	rows.Missing[6*n+1] = 255
	_, err = NewFrom(c, m, &dataset.Set{Train: rows}, rbmtest.OpenDevice(t, 1))
	if want := "are missing, want all of them or none"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a unit that is missing in part: error %v, want %q", err, want)
	}
}

// TestEstimateOfHoles: the estimates of rows with missing cells count the known cells alone. The sums over the missing
// ones are exact, as there are few, and in float64: fewer than 400 roundings at up to 20. Independent units have
// the rates of known cells.
func TestEstimateOfHoles(t *testing.T) {
	tc := trainingCase{config: pcdConfig(), holes: true}
	tc.config.Hidden, tc.config.Epochs = 5, 1
	rows := tc.rows(caseRows, caseVisible)
	trainer := newTestTrainer(t, tc.config, &dataset.Set{Train: rows, Valid: tc.rows(7, 9)}, 1)
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	o, err := trainer.Estimate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	base := rbm.BaseLayer(nil, m.BaseRates, nil, rows.N)
	var want, independent float64
	pattern := make([]float32, 9)
	for n := range rows.N {
		rows.Row(pattern, n)
		for i := range pattern {
			if rows.IsMissing(n, i) {
				pattern[i] = float32(math.NaN())
			}
		}
		want += m.LogKnown(pattern) / float64(rows.N)
		independent += base.LogProbabilityKnown(pattern) / float64(rows.N)
	}
	const tolerance = 400 * 20 * 0x1p-53
	rbmtest.Near(t, "log-likelihood", o.LogLikelihoodTrain, want-o.LogZ, tolerance)
	rbmtest.Near(t, "independent units", o.IndependentTrain, independent, tolerance)
	if o.Samples != nil {
		t.Errorf("samples are compared with rows that have missing cells: %+v", *o.Samples)
	}
	if o.LogLikelihoodValid == nil {
		t.Error("the log-likelihood of the validation rows is not estimated")
	}
	if _, err := trainer.Metrics(); err != nil {
		t.Error(err)
	}
}

// TestEstimateOfAnnealedHoles: the interval of an estimate has the error that annealing over missing cells leaves,
// and holds the exact log-likelihood of the known cells. It has three standard errors, which one seed in 370
// exceeds; the seed is fixed. log Z is exact, and all rows are used. 17 missing cells are too many for an exact sum.
func TestEstimateOfAnnealedHoles(t *testing.T) {
	const visible, missing, n = 20, 17, 10
	rows := rbmtest.RandomRows(n, visible, false, false)
	rows.Missing = make([]uint8, n*visible)
	isMissing := func(k, i int) bool { return (i+2*k)%visible < missing } // other columns in each row
	for i := range rows.Missing {
		if isMissing(i/visible, i%visible) {
			rows.Missing[i] = 255
		}
	}
	c := pcdConfig()
	c.Hidden, c.Epochs, c.Binarize = 5, 1, "none"
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
	model := rbmtest.RandomModel(t, visible, c.Hidden, 1, 1)
	trainer.setModel(t, model, "")
	o, err := trainer.Estimate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	pattern := make([]float32, visible)
	for k := range n {
		rows.Row(pattern, k)
		for i := range pattern {
			if isMissing(k, i) {
				pattern[i] = float32(math.NaN())
			}
		}
		want += model.LogKnown(pattern) / n
	}
	want -= rbmtest.LogPartition(t, model)
	if low, high := *o.LogLikelihoodTrainLow, *o.LogLikelihoodTrainHigh; low >= high || want < low || want > high {
		t.Errorf("log-likelihood %v (%v to %v), want an interval that holds %v", o.LogLikelihoodTrain, low, high, want)
	}
}
