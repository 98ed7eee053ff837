package train

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestPatience(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines string
		want  patience
		ends  bool
	}{
		{"no estimates", `{"update":1}`, patience{limit: 2}, false},
		{"rising", `{"update":1,"log_likelihood_valid":-9}
			{"update":2,"log_likelihood_valid":-8}`, patience{limit: 2, best: -8, update: 2, last: 2}, false},
		{"one worse", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-9}
			{"update":3}`, patience{limit: 2, best: -8, update: 1, since: 1, last: 2}, false},
		{"two no better", `{"update":4,"log_likelihood_valid":0.5}
			{"update":5,"log_likelihood_valid":0.5}
			{"update":6,"log_likelihood_valid":0.4}`, patience{limit: 2, best: 0.5, update: 4, since: 2, last: 6}, true},
		{"two no better within a third of the run", `{"update":6,"log_likelihood_valid":0.5}
			{"update":7,"log_likelihood_valid":0.5}
			{"update":8,"log_likelihood_valid":0.4}`, patience{limit: 2, best: 0.5, update: 6, since: 2, last: 8}, false},
		{"better in time", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-9}
			{"update":3,"log_likelihood_valid":-7}
			{"update":4,"log_likelihood_valid":-8}`, patience{limit: 2, best: -7, update: 3, since: 1, last: 4}, false},
		{"better by less than the noise", `{"update":1,"log_likelihood_valid":-8,"log_z_online":20,"log_z_online_low":19.7,"log_z_online_high":20.1}
			{"update":2,"log_likelihood_valid":-7.6,"log_z_online":21,"log_z_online_low":20.9,"log_z_online_high":21.4}`,
			patience{limit: 2, best: -8, error: 0.3, update: 1, since: 1, last: 2}, false},
		{"fallen", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-7,"fallen":true}`, patience{limit: 2, best: -8, update: 1, since: 1, last: 2}, false},
	} {
		r := run{patience: patience{limit: 2}, trainer: &Trainer{update: 9}}
		for line := range strings.Lines(tc.lines) {
			var past Past
			if err := json.Unmarshal([]byte(line), &past); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			r.Past = append(r.Past, past)
		}
		if err := r.start(); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		got := r.patience
		if !got.found && got.last > 0 {
			t.Errorf("%s: without the log-likelihood of independent units, no model is better", tc.name)
		}
		got.found = false
		got.error = math.Round(1e9*got.error) / 1e9
		if got != tc.want || got.exhausted() != tc.ends {
			t.Errorf("%s: %+v, at an end: %v, want %+v and %v", tc.name, got, got.exhausted(), tc.want, tc.ends)
		}
	}
	forever := run{trainer: &Trainer{}}
	value := -1.0
	for update := range 9 {
		if forever.see(Past{Update: update + 1, LogLikelihoodValid: &value}) || forever.patience.exhausted() {
			t.Error("a run without patience has a best model or ends")
		}
	}
}

// TestPatienceWaits: no run ends while its learning rate is held, and estimates near the log-likelihood
// of independent units end it in its second half only.
func TestPatienceWaits(t *testing.T) {
	independent, log, high := -9.0, 20.0, 20.5
	for _, tc := range []struct {
		name   string
		held   int
		values []float64
		ends   int // index of the estimate
	}{
		{"nothing", 0, []float64{-9, -9.1, -9.2, -9.3, -9.4, -9.5, -9.6}, 4},
		{"less than the noise", 0, []float64{-8.6, -9.1, -9.2, -9.3, -9.4, -9.5, -9.6}, 4},
		{"something", 0, []float64{-8.4, -9.1, -9.2, -9.3, -9.4}, 2},
		{"something, at a rate held", 40, []float64{-8.4, -9.1, -9.2, -9.3, -9.4}, 3},
	} {
		p := patience{limit: 2, held: tc.held, half: 50}
		for i, value := range tc.values {
			p.see(Past{Update: 10 * (i + 1), LogLikelihoodValid: &value, IndependentValid: &independent, LogZ: log, LogZHigh: &high})
			if got, want := p.exhausted(), i >= tc.ends; got != want {
				t.Errorf("%s: exhausted after estimate %d is %v, want %v", tc.name, i, got, want)
			}
		}
	}
	c := DefaultConfig()
	if got := c.held(5000); got != 1500 || c.rate(got, 5000) != c.LearningRate || c.rate(got+1, 5000) >= c.LearningRate {
		t.Errorf("the default rate is held for %d of 5000 updates, want 1500", got)
	}
	if c.Schedule = "constant"; c.held(5000) != 0 {
		t.Errorf("a constant rate is held for %d updates before it falls, want 0", c.held(5000))
	}
}
