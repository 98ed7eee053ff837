package sample

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"slices"
	"testing"

	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// holes returns rows of a model of 6 visible columns, in which no, one, three and all columns are
// missing, with the other columns of their units. It returns the numbers of missing units as well.
func holes(m *rbm.Model) (rows []float32, units []int) {
	rows, units = rbmtest.SomeRows(m, 4), make([]int, 4)
	for n, missing := range [][]int{nil, {2}, {0, 3, 5}, {0, 1, 2, 3, 4, 5}} {
		for _, i := range missing {
			k, first := m.Visible.Units.At(i)
			if at := n*6 + first; rows[at] == rows[at] {
				units[n]++
				for a := range k.Width() {
					rows[at+a] = float32(math.NaN())
				}
			}
		}
	}
	return rows, units
}

// conditionalMeans returns the exact means of all units of rows with missing cells, from the p(v) of
// all states that agree with a row.
func conditionalMeans(m *rbm.Model, rows []float32) []float64 {
	var means []float64
	for row := range slices.Chunk(rows, m.Visible.Len()) {
		sums := make([]float64, len(row))
		var total float64
		for v, l := range m.EnumerateVisible(0) {
			if slices.EqualFunc(v, row, func(x, y float32) bool { return x == y || y != y }) {
				for i, x := range v {
					sums[i] += math.Exp(l) * float64(x)
				}
				total += math.Exp(l)
			}
		}
		for i := range sums {
			sums[i] /= total
		}
		means = append(means, sums...)
	}
	return means
}

// TestImputeExactly: the means agree with the exact conditionals, and known cells stay as they are.
// A conditional probability is a ratio of two sums. Its log is a difference of two logs on either side, each within
// LogBound, so that it changes by a factor within e^(4 LogBound) - 1 of 1. A mean of states of at most 1 in size
// has this error in its sum and in the total that divides it, and rounds to float32.
func TestImputeExactly(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 6, 4, 2, 1) {
		rows, missing := holes(m)
		got, err := Impute(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, ImputeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		within := 2*math.Expm1(4*rbmtest.LogBound(m)) + 0x1p-24
		for i, want := range conditionalMeans(m, rows) {
			known := rows[i] == rows[i]
			if known && (got.Means[i] != rows[i] || got.Draws[i] != rows[i]) || got.Errors[i] != 0 {
				t.Errorf("%s: cell %d: mean %v, draw %v, error %v, want %v and no error",
					name, i, got.Means[i], got.Draws[i], got.Errors[i], rows[i])
			}
			rbmtest.Near(t, name+": mean", float64(got.Means[i]), want, within)
		}
		if err := m.Visible.CheckStates(got.Draws, false); err != nil {
			t.Errorf("%s: draws: %v", name, err)
		}
		if !slices.Equal(got.Missing, missing) || !slices.Equal(got.Exact, []bool{true, true, true, true}) {
			t.Errorf("%s: missing %v, exact %v", name, got.Missing, got.Exact)
		}
	}
}

// TestImputeByChains: the means of 400 chains lie within 6 of their standard errors of the exact ones,
// but for fewer than one seed in a million for all cells together: the chains are independent, and forget
// their start in the burn-in. A chain's mean is in an interval of length 1 or 2, so its deviation
// is at most half of that.
func TestImputeByChains(t *testing.T) {
	for _, m := range rbmtest.GibbsModels(t) {
		if m.Visible.Len() != 6 { // as holes wants
			continue
		}
		rows, _ := holes(m)
		config := ImputeConfig{Chains: 400, Steps: 10, BurnIn: 20, ExactCells: 2, Seed: 3}
		got, err := Impute(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, config)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Exact, []bool{true, true, false, false}) {
			t.Errorf("exact %v", got.Exact)
		}
		for i, want := range conditionalMeans(m, rows) {
			if sampled := i >= 12 && rows[i] != rows[i]; sampled != (got.Errors[i] > 0) { // from row 2 on
				t.Errorf("cell %d: standard error %v, want one above 0: %v", i, got.Errors[i], sampled)
			}
			if most := 1 / math.Sqrt(400); float64(got.Errors[i]) > most {
				t.Errorf("cell %d: standard error %v, want at most %v", i, got.Errors[i], most)
			}
			exact := 2*math.Expm1(4*rbmtest.LogBound(m)) + 0x1p-24 // as in TestImputeExactly
			rbmtest.Near(t, "mean", float64(got.Means[i]), want, 6*float64(got.Errors[i])+exact)
		}
	}
}

// TestImputeDraws: the draws of many equal rows have the enumerated frequencies, where rows are enumerated and where
// chains fill them. The states of their three missing bits are the digits of a number.
func TestImputeDraws(t *testing.T) {
	m := rbmtest.GibbsModels(t)[0]
	nan := float32(math.NaN())
	pattern := []float32{1, nan, nan, 0, 1, nan}
	const n = 2000
	_, logs := m.EnumerateGiven(pattern)
	p := make([]float64, len(logs))
	for k, l := range logs {
		p[k] = math.Exp(l)
	}
	for name, cells := range map[string]int{"enumerated": 3, "chains": 2} {
		got, err := Impute(context.Background(), m, rbmtest.OpenDevice(t, 2), slices.Repeat(pattern, n),
			ImputeConfig{Chains: 2, Steps: 1, BurnIn: 20, ExactCells: cells, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]int, len(p))
		for v := range slices.Chunk(got.Draws, 6) {
			counts[int(v[1])|int(v[2])<<1|int(v[5])<<2]++
		}
		rbmtest.ChiSquare(t, name, counts, p)
	}
}

// TestImputeMemory: results that do not fit into the memory are an error before they are allocated.
func TestImputeMemory(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
	rows := make([]float32, 1_500_000) // the results take more than memory.Check lets pass
	t.Setenv("GOMEMLIMIT", "1")        // memory.Check takes notice of a limit that is set there
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1))
	var want *memory.Error
	if _, err := Impute(context.Background(), m, rbmtest.OpenDevice(t, 1), rows, ImputeConfig{}); !errors.As(err, &want) {
		t.Errorf("got error %v, want a *memory.Error", err)
	}
}

func TestImputeRefuses(t *testing.T) {
	m, d := rbmtest.RandomModel(t, 3, 2, 1, 1), rbmtest.OpenDevice(t, 1)
	nan := float32(math.NaN())
	for _, tc := range []struct {
		rows   []float32
		config ImputeConfig
		want   string
	}{
		{nil, ImputeConfig{}, "sample: impute: 0 values, want rows of 3"},
		{make([]float32, 4), ImputeConfig{}, "sample: impute: 4 values, want rows of 3"},
		{[]float32{nan, 0.5, 1}, ImputeConfig{}, "sample: impute: value 1 is 0.5, want 0 or 1"},
		{[]float32{nan, 0, 1}, ImputeConfig{Chains: 1},
			"sample: Chains is 1, want at least 2, whose differences give the error, or 0 for 10"},
		{[]float32{nan, 0, 1}, ImputeConfig{Steps: -1}, "sample: Steps is -1, want at least 1, or 0 for 100"},
		{[]float32{nan, 0, 1}, ImputeConfig{BurnIn: -1}, "sample: BurnIn is -1, want at least 1, or 0 for 100"},
		{[]float32{nan, 0, 1}, ImputeConfig{ExactCells: 25}, "sample: ExactCells is 25, want 1 to 24, 0 for 16, or -1 for none"},
	} {
		if _, err := Impute(context.Background(), m, d, tc.rows, tc.config); err == nil || err.Error() != tc.want {
			t.Errorf("got error %v, want %q", err, tc.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, cells := range []int{3, -1} {
		if _, err := Impute(ctx, m, d, []float32{nan, nan, 1}, ImputeConfig{ExactCells: cells}); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
	}
	done := 0
	progress := func(n, total int) {
		if done++; n != done || total != 2 {
			t.Errorf("progress %d of %d, want %d of 2", n, total, done)
		}
	}
	config := ImputeConfig{ExactCells: 1, Chains: 2, Steps: 1, BurnIn: 1, Progress: progress}
	if _, err := Impute(context.Background(), m, d, []float32{0, 1, 1, nan, 0, 1, nan, nan, 0}, config); err != nil || done != 2 {
		t.Errorf("%d calls of Progress, %v, want 2", done, err)
	}
}
