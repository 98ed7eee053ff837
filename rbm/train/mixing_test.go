package train

import (
	"fmt"
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestAutocorrelationTime: a Gibbs chain of one visible and one hidden unit with biases a and b and weight w has the
// eigenvalue λ = (σ(a+w)-σ(a))·(σ(b+w)-σ(b)), and so the autocorrelation time (1+λ)/(1-λ). The relative standard
// error of an estimate from n states with a window of M lags is √(2(2M+1)/n) (Madras
// and Sokal 1988). M is five times the autocorrelation time in [estimate.AutocorrelationTime]. The tolerance is four
// standard errors, which a correct program exceeds with one of 16,000 seeds, and the share of the autocorrelations beyond
// the window, which is at most 2e⁻⁵.
func TestAutocorrelationTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
	const chains = 2000
	for _, weight := range []float64{0, 2, 4} {
		unit := rbm.Layer{Bias: []float32{-float32(weight) / 2}}
		m := &rbm.Model{Visible: unit, Hidden: unit, Weights: []float32{float32(weight)}}
		root := 2/(1+math.Exp(-weight/2)) - 1 // √λ = σ(w/2) - σ(-w/2), as a = b = -w/2
		want := (1 + root*root) / (1 - root*root)
		for _, algorithm := range []string{"pcd", "pt"} {
			w := frozen(t, m, Config{Algorithm: algorithm, GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: 20},
				rbmtest.RandomRows(4, 1, false, true))
			finish(t, w.Trainer)
			got, err := w.autocorrelationTime(chains)
			if err != nil {
				t.Fatal(err)
			}
			tolerance := want * (4*math.Sqrt(2*(10*want+1)/(chains*correlatedSteps)) + 2*math.Exp(-5))
			rbmtest.Near(t, fmt.Sprintf("%s, weight %v", algorithm, weight), got, want, tolerance)
		}
	}
}
