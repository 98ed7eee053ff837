package likelihood

import (
	"context"
	"slices"
	"testing"

	"harmonium/engine"
	"harmonium/rbm/internal/rbmtest"
)

// TestLikelihoodsOnCUDA: AIS and free energies are computed in float32 whatever the
// precision of training. The free energies equal the host's within their bound, and
// the interval of AIS, three standard errors on each side and the same for all precisions, holds the exact log Z. The
// seed is fixed; another one would fail with a probability of about 0.003.
func TestLikelihoodsOnCUDA(t *testing.T) {
	m := rbmtest.RandomModel(t, 9, 6, 1, 1)
	m.BaseRates = slices.Repeat([]float32{0.5}, 9)
	data := rbmtest.RandomRows(32, 9, false, true)
	evaluate := func(d engine.Device) *Evaluation {
		t.Helper()
		c := EvaluateConfig{Method: "ais", AIS: AISConfig{Runs: 50, Betas: LinearBetas(100)}}
		got, err := Evaluate(context.Background(), m, d, data, c)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	host, exact := evaluate(rbmtest.OpenDevice(t, 1)), rbmtest.LogPartition(t, m)
	var first *Evaluation
	for precision, device := range rbmtest.GPUs(t, "f32", "tf32", "bf16", "bf16x2") {
		got := evaluate(device)
		if first == nil {
			first = got
		}
		if got.LogLikelihood != first.LogLikelihood || got.Partition.LogZ != first.Partition.LogZ {
			t.Errorf("%s: log-likelihood %v with log Z %v, in another precision %v with %v",
				precision, got.LogLikelihood, got.Partition.LogZ, first.LogLikelihood, first.Partition.LogZ)
		}
		_, bound := rbmtest.GraphBound(m, nil, 1)
		rbmtest.Near(t, precision+": mean free energy", got.MeanFreeEnergy, host.MeanFreeEnergy, bound)
		if p := got.Partition; !(p.Low < exact && exact < p.High) {
			t.Errorf("%s: log Z within [%v, %v], exactly %v", precision, p.Low, p.High, exact)
		}
	}
}
