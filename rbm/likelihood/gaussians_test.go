package likelihood

import (
	"context"
	"errors"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestEvaluateGaussians: the log-likelihood of a Gaussian model is exact by default, samples of it are independent, and
// annealing of it and a model without a distribution are refused.
func TestEvaluateGaussians(t *testing.T) {
	m, d, ctx := rbmtest.Gaussians(t, 4, 2), rbmtest.OpenDevice(t, 1), context.Background()
	values := []float32{0.3, -1, 0.2, 2, 1, 0.5, -0.5, 0}
	rows := m.Visible.Rows(values)
	e, err := Evaluate(ctx, m, d, rows, EvaluateConfig{})
	if err != nil {
		t.Fatal(err)
	}
	// Fields and energies are sums of at most 8 terms in float32, below 4 in size.
	rbmtest.Near(t, "log-likelihood", e.LogLikelihood, m.LogLikelihood(values, rbmtest.LogPartition(t, m)), 8*4*0x1p-23)
	unknown := *m // exact samples need no base rates
	unknown.BaseRates, unknown.BaseVariances = nil, nil
	c, err := CheckSamples(ctx, &unknown, d, rows, nil, dataset.Binarization{}, 1)
	if err != nil || c.Effective != c.Samples {
		t.Errorf("samples: %+v, %v, want as many independent ones as there are samples", c, err)
	}
	refused := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	const annealing = "annealing of real states in both layers"
	_, err = AIS(ctx, m, d, AISConfig{Runs: 4, Betas: LinearBetas(2)})
	refused(annealing, err)
	_, err = ReverseAIS(ctx, m, d, values, AISConfig{Betas: LinearBetas(2)})
	refused(annealing, err)
	_, err = RAISE(ctx, m, d, values, AISConfig{Runs: 4, Betas: LinearBetas(2)})
	refused(annealing, err)
	rows.Missing = []uint8{0, 255, 0, 0, 0, 0, 0, 0}
	_, err = FreeEnergies(ctx, m, d, rows, dataset.Binarization{}, 1)
	refused(annealing, err)
	rows.Missing = nil
	m.Weights[0] = 5
	if _, err = Evaluate(ctx, m, d, rows, EvaluateConfig{}); !errors.Is(err, rbm.ErrNoDistribution) {
		t.Errorf("error %v of a model without a distribution", err)
	}
}
