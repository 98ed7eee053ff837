package train

import (
	"math"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestBarsAndStripes: a model of 24 hidden units learns the 32 pictures of four by four
// pixels to -3.6 nats a picture. It begins beyond -11; none can do better than -3.379093,
// the entropy of the pictures with the two constant ones counted twice. The seeds 1 to 6
// reach -3.510 in the mean, with a standard deviation of 0.009.
func TestBarsAndStripes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
	data, rows := barsAndStripes(t)
	c := pcdConfig()
	c.Hidden, c.GibbsSteps, c.Chains, c.BatchSize, c.Updates, c.Binarize = 24, 5, 200, 32, 4000, "none"
	trainer := newTestTrainer(t, c, data, 1)
	likelihood := func() float64 {
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		return m.LogLikelihood(rows, rbmtest.LogPartition(t, m))
	}
	if got := likelihood(); got > -11 {
		t.Errorf("begins at %v, want at most -11", got)
	}
	finish(t, trainer)
	if got := likelihood(); got < -3.6 || got > -3.379093 {
		t.Errorf("ends at %v, want between -3.6 and -3.379093", got)
	}
}

// TestTrajectoryLearnsBarsAndStripes: parallel trajectory tempering ends no more than 0.1 nats
// below PCD with the same chains, steps, updates and rate, which has -3.62 with this seed. The
// ladder's estimate of log Z is within its interval of the exact value.
func TestTrajectoryLearnsBarsAndStripes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	data, rows := barsAndStripes(t)
	c := pcdConfig()
	c.Algorithm, c.Hidden, c.Chains, c.Updates, c.LearningRate, c.Binarize = "ptt", 32, 100, 2500, 0.1, "none"
	trainer := newTestTrainer(t, c, data, 1)
	finish(t, trainer)
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	exact := rbmtest.LogPartition(t, m)
	if got := m.LogLikelihood(rows, exact); got < -3.72 || got > -3.379093 {
		t.Errorf("ends at %v, want between -3.72 and -3.379093", got)
	}
	metrics, err := trainer.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if l := metrics.Trajectory; math.Abs(l.LogPartition-exact) > 3*l.StandardError {
		t.Errorf("log Z by the ladder is %v ± %v, want %v", l.LogPartition, l.StandardError, exact)
	}
}

// barsAndStripes returns the pictures of four by four pixels, and their states (32,16).
func barsAndStripes(t *testing.T) (*dataset.Set, []float32) {
	t.Helper()
	data, err := dataset.Open("bars-and-stripes:4", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float32, data.Train.N*data.Train.V)
	for n := range data.Train.N {
		data.Train.Row(rows[n*data.Train.V:], n)
	}
	return data, rows
}
