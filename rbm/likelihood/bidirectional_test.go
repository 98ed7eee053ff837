package likelihood

import (
	"context"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestBidirectionalJoinsBothSides: its runs are the runs of AIS and of ReverseAIS with the
// same seed. Its interval holds both estimates, and the exact log Z.
func TestBidirectionalJoinsBothSides(t *testing.T) {
	ctx, d := context.Background(), rbmtest.OpenDevice(t, 2)
	for name, m := range annealedModels(t) {
		samples := modelSamples(t, m, 60, 1)
		c := AISConfig{Runs: 80, Betas: LinearBetas(20), Seed: 5}
		got, err := Bidirectional(ctx, m, d, samples, c)
		if err != nil {
			t.Fatal(err)
		}
		up, err := AIS(ctx, m, d, c)
		if err != nil {
			t.Fatal(err)
		}
		c.Runs = 60
		down, err := ReverseAIS(ctx, m, d, samples, c)
		if err != nil {
			t.Fatal(err)
		}
		want, err := join(m, up, down)
		if err != nil {
			t.Fatal(err)
		}
		if got.LogZ != want.LogZ || got.Runs != 140 || got.Betas != 21 {
			t.Errorf("%s: log Z %v of %d runs over %d betas, want %v of 140 over 21", name, got.LogZ, got.Runs, got.Betas, want.LogZ)
		}
		exact := rbmtest.LogPartition(t, m)
		for what, logZ := range map[string]float64{"AIS": up.LogZ, "reverse AIS": down.LogZ, "exact": exact} {
			if !(got.Low <= logZ && logZ <= got.High) {
				t.Errorf("%s: [%v, %v] is without %v, %s", name, got.Low, got.High, logZ, what)
			}
		}
	}
}
