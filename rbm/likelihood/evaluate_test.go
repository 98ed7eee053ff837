package likelihood

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

var allBinarizations = []dataset.Binarization{
	{Mode: dataset.None}, {Mode: dataset.Threshold, Threshold: 0.5}, {Mode: dataset.Static}, {Mode: dataset.Dynamic},
}

// evaluationCase returns a model and rows, of states or of grey levels, as a data set and one by one. The rows make two
// batches and a part of a third.
func evaluationCase(t *testing.T, grey bool) (*rbm.Model, *dataset.Rows, [][]float32) {
	m := rbmtest.RandomModel(t, 9, 7, 2, 1)
	data := rbmtest.RandomRows(2*graph.EvaluationBatch+203, m.Visible.Len(), grey, true)
	var rows [][]float32
	for n := range data.N {
		row := make([]float32, data.V)
		data.Row(row, n)
		rows = append(rows, row)
	}
	return m, data, rows
}

// TestFreeEnergies: the batches give the free energy of each row, in the order of the
// rows, of states and of grey values as they are.
func TestFreeEnergies(t *testing.T) {
	for _, grey := range []bool{false, true} {
		m, data, rows := evaluationCase(t, grey)
		got, err := FreeEnergies(context.Background(), m, rbmtest.OpenDevice(t, 2), data, dataset.Binarization{Mode: dataset.None}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != data.N {
			t.Fatalf("got %d free energies, want %d", len(got), data.N)
		}
		for n, v := range rows {
			rbmtest.Near(t, fmt.Sprintf("grey=%v: row %d", grey, n), got[n], m.FreeEnergy(v), rbmtest.FreeEnergyBound(m, v))
		}
	}
}

// TestStatesNeedNoBinarization: each binarization leaves rows of 0 and 1 as they are.
// Of grey rows a draw depends on the seed.
func TestStatesNeedNoBinarization(t *testing.T) {
	m, data, _ := evaluationCase(t, false)
	energies := func(data *dataset.Rows, b dataset.Binarization, seed uint64) []float64 {
		f, err := FreeEnergies(context.Background(), m, rbmtest.OpenDevice(t, 2), data, b, seed)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	want := energies(data, allBinarizations[0], 1)
	for _, b := range allBinarizations[1:] {
		if got := energies(data, b, 1); !slices.Equal(got, want) {
			t.Errorf("%v changes the free energies of states", b)
		}
	}
	_, grey, _ := evaluationCase(t, true)
	static := energies(grey, allBinarizations[2], 1)
	if !slices.Equal(static, energies(grey, allBinarizations[3], 1)) {
		t.Error("one dynamic draw is not the static one of its seed")
	}
	if slices.Equal(static, energies(grey, allBinarizations[2], 2)) {
		t.Error("another seed draws the same")
	}
}

// TestEvaluateIsExactOnSmallModels: likelihood, free energy and its standard error
// equal the formulas; auto is exact here, and a given log Z is taken as it is.
func TestEvaluateIsExactOnSmallModels(t *testing.T) {
	m, data, rows := evaluationCase(t, false)
	logZ := rbmtest.LogPartition(t, m)
	var sum, squares, bound float64
	for _, v := range rows {
		f := m.FreeEnergy(v)
		sum += f
		squares += f * f
		bound = max(bound, rbmtest.FreeEnergyBound(m, v))
	}
	n := float64(data.N)
	mean := sum / n
	given := &Partition{Method: "ais", LogZ: logZ, Low: logZ - 1, High: logZ + 2}
	for _, tc := range []struct {
		name      string
		config    EvaluateConfig
		low, high float64
	}{
		{"exact", EvaluateConfig{Method: "exact", Binarize: allBinarizations[0]}, 0, 0},
		{"auto", EvaluateConfig{Method: "auto", Binarize: allBinarizations[3]}, 0, 0},
		{"given", EvaluateConfig{Method: "auto", Binarize: allBinarizations[0], Partition: given}, -2, 1},
	} {
		l, err := Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 2), data, tc.config)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "ais", false: "exact"}[tc.name == "given"]; l.Partition.Method != want {
			t.Errorf("%s: method is %q, want %q", tc.name, l.Partition.Method, want)
		}
		tolerance := bound + rbmtest.PartitionBound(m)
		rbmtest.Near(t, tc.name+": log-likelihood", l.LogLikelihood, -mean-logZ, tolerance)
		rbmtest.Near(t, tc.name+": low", l.Low, -mean-logZ+tc.low, tolerance)
		rbmtest.Near(t, tc.name+": high", l.High, -mean-logZ+tc.high, tolerance)
		rbmtest.Near(t, tc.name+": free energy", l.MeanFreeEnergy, mean, bound)
		// A deviation from the mean is off by at most 2·bound.
		standardError := math.Sqrt((squares/n - mean*mean) / (n - 1))
		rbmtest.Near(t, tc.name+": standard error", l.StandardError, standardError, 2*bound/math.Sqrt(n))
		if l.Rows != data.N || l.Binarize != tc.config.Binarize {
			t.Errorf("%s: of %d rows, %v, want %d, %v", tc.name, l.Rows, l.Binarize, data.N, tc.config.Binarize)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	m, data, _ := evaluationCase(t, false)
	narrow := rbmtest.RandomRows(3, 8, false, true)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	evaluate := func(ctx context.Context, rows *dataset.Rows, c EvaluateConfig) error {
		_, err := Evaluate(ctx, m, rbmtest.OpenDevice(t, 1), rows, c)
		return err
	}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{evaluate(context.Background(), data, EvaluateConfig{Method: "best"}), `likelihood: Method is "best", want auto, exact or ais`},
		{evaluate(context.Background(), data, EvaluateConfig{Method: "ais"}),
			"likelihood: annealed importance sampling: the model has no base rates of its training data"},
		{evaluate(context.Background(), narrow, EvaluateConfig{Method: "auto"}),
			"likelihood: evaluate: rows of 8 values for a model of 9 visible units"},
		{evaluate(cancelled, data, EvaluateConfig{Method: "auto", Partition: &Partition{}}), "likelihood: evaluate: context canceled"},
	} {
		if tc.err == nil || tc.err.Error() != tc.want {
			t.Errorf("got error %v, want %q", tc.err, tc.want)
		}
	}
}

// TestEvaluateZeroConfig: the zero configuration evaluates by the automatic method, here exactly, and no rows, rows
// without values and values beyond [0,1] are refused.
func TestEvaluateZeroConfig(t *testing.T) {
	m, err := rbm.NewModel(3, 2)
	if err != nil {
		t.Fatal(err)
	}
	d := rbmtest.OpenDevice(t, 1)
	l, err := Evaluate(context.Background(), m, d, &dataset.Rows{N: 1, V: 3, Bytes: make([]uint8, 3)}, EvaluateConfig{})
	if err != nil || math.Abs(l.LogLikelihood+3*math.Ln2) > 2*0x1p-20+32*rbmtest.U { // F has two cumulants in float32, each within 2⁻²⁰
		t.Errorf("got %+v (%v), want %v", l, err, -3*math.Ln2)
	}
	for _, rows := range []*dataset.Rows{nil, {N: 1, V: 3}, {N: 1, V: 3, Floats: []float32{0, 2, 0}}} {
		if _, err := Evaluate(context.Background(), m, d, rows, EvaluateConfig{}); err == nil {
			t.Errorf("%+v is no error", rows)
		}
	}
}

// TestWeightsOfRows: weighted rows have the likelihoods of repeated rows, under the model and under independent
// units, and Plain has the likelihoods of the rows without their weights. Means of 2,000 free energies below 200 round
// within 2000·2⁻⁵³·200 < 5e-11, and means of the same numbers in the same order are equal.
func TestWeightsOfRows(t *testing.T) {
	m := rbmtest.RandomModel(t, 9, 7, 2, 1)
	rows := rbmtest.RandomRows(2*graph.EvaluationBatch+203, m.Visible.Len(), true, true)
	once := *rows
	var order []int
	for n := range rows.N {
		rows.Weights = append(rows.Weights, float32(n%4))
		order = append(order, slices.Repeat([]int{n}, n%4)...)
	}
	repeated := once.Select(order)
	binarize := dataset.Binarization{Mode: dataset.Threshold, Threshold: 0.4}
	base := rbm.BaseLayer(m.Visible.Units, rbm.BaseRates(rows, binarize), nil, rows.N)
	evaluate := func(rows *dataset.Rows) (*Evaluation, float64) {
		t.Helper()
		e, err := Evaluate(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, EvaluateConfig{Binarize: binarize})
		if err != nil {
			t.Fatal(err)
		}
		independent, err := Independent(context.Background(), rbmtest.OpenDevice(t, 2), base, rows, binarize, 1)
		if err != nil {
			t.Fatal(err)
		}
		return e, independent
	}
	got, gotIndependent := evaluate(rows)
	want, wantIndependent := evaluate(repeated)
	plain, _ := evaluate(&once)
	rbmtest.Near(t, "weighted", got.LogLikelihood, want.LogLikelihood, 1e-10)
	rbmtest.Near(t, "plain", got.Plain.LogLikelihood, plain.LogLikelihood, 0)
	rbmtest.Near(t, "plain standard error", got.Plain.StandardError, plain.StandardError, 0)
	// The means of 9 columns are rounded to float32, within 2⁻²⁴, with a factor of 16 to spare (chosen) for weights and for
	// sums in a batch, and biases are at most log(rows).
	rbmtest.Near(t, "independent", gotIndependent, wantIndependent, 9*math.Log(float64(repeated.N))*0x1p-20)
	if plain.Plain != nil {
		t.Errorf("rows without weights have a plain likelihood %v", plain.Plain)
	}
	if math.Abs(got.LogLikelihood-plain.LogLikelihood) < 1e-3 { // chosen, far above the tolerances
		t.Errorf("log-likelihood %v with weights and %v without, want a difference", got.LogLikelihood, plain.LogLikelihood)
	}
	rates, repeatedRates := rbm.BaseRates(rows, binarize), rbm.BaseRates(repeated, binarize)
	if !slices.Equal(rates, repeatedRates) {
		t.Errorf("base rates %v, want %v", rates, repeatedRates)
	}
}
