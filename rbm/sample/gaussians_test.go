package sample

import (
	"context"
	"math"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestChainsOfGaussians: chains of a Gaussian model reach its means and second moments, which are its exact gradient
// beside the data's. Each of 16 moments of n chains is within 5 standard errors; a false alarm has a probability below
// 1e-5. 40 steps are chosen: twice what rbmtest.GibbsModels take.
func TestChainsOfGaussians(t *testing.T) {
	const n, v = 20000, 4
	m := rbmtest.Gaussians(t, v, 2)
	chains, err := NewChains(m, rbmtest.OpenDevice(t, 2), RandomVisible(m, n, 1), nil, 5)
	if err != nil {
		t.Fatal(err)
	}
	if err := chains.Run(context.Background(), 40); err != nil {
		t.Fatal(err)
	}
	states, err := chains.Visible()
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, v)
	data := m.PositivePhase(row)
	g, err := m.LogLikelihoodGradient(row, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v {
		mean := data.VisibleBias[i] - g.VisibleBias[i]
		second := 2 * (data.VisibleLogVariance[i] - g.VisibleLogVariance[i]) * math.Exp(float64(m.Visible.LogVariance[i]))
		deviation := math.Sqrt(second - mean*mean)
		var sum, squares float64
		for k := i; k < len(states); k += v {
			sum += float64(states[k])
			squares += (float64(states[k]) - mean) * (float64(states[k]) - mean)
		}
		if off := sum/n - mean; math.Abs(off) > 5*deviation/math.Sqrt(n) {
			t.Errorf("unit %d: mean off by %v", i, off)
		}
		// A variance of a normal sample has the relative standard error √(2/n).
		if ratio := squares / n / (deviation * deviation); math.Abs(ratio-1) > 5*math.Sqrt(2./n) {
			t.Errorf("unit %d: variance %v times the model's", i, ratio)
		}
		// ⟨v_i h_j⟩ = ⟨v_i ⟨h_j|v⟩⟩, whose terms have a deviation of at most (⟨v_i⁴⟩⟨h_j⁴⟩)^(1/4) < 4.
		for j := range 2 {
			want := data.Weights[2*i+j] - g.Weights[2*i+j]
			var product float64
			for k := 0; k < len(states); k += v {
				product += float64(states[k+i]) * m.MeanHidden(nil, states[k:k+v])[j]
			}
			if off := product/n - want; math.Abs(off) > 5*4/math.Sqrt(n) {
				t.Errorf("units %d and %d: mean product off by %v", i, j, off)
			}
		}
	}
}
