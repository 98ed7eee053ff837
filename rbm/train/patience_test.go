package train

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestPatience: the patience that Run restores from the lines of its records, without the log-likelihoods of independent
// units, has the best estimate and counts the estimates since, and ends a run after two without a better one that span
// the last third of its updates.
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
		// The noise is the root of 0.3² + 0.4², 0.5, by the farther ends of the intervals of log Z.
		{"better by less than the noise", `{"update":1,"log_likelihood_valid":-8,` +
			`"log_z_online":20,"log_z_online_low":19.7,"log_z_online_high":20.1}
			{"update":2,"log_likelihood_valid":-7.6,"log_z_online":21,"log_z_online_low":20.9,"log_z_online_high":21.4}`,
			patience{limit: 2, best: -8, error: 0.3, update: 1, since: 1, last: 2}, false},
		{"fallen", `{"update":1,"log_likelihood_valid":-8}
			{"update":2,"log_likelihood_valid":-7,"fallen":true}`, patience{limit: 2, best: -8, update: 1, since: 1, last: 2}, false},
	} {
		r := run{patience: patience{limit: 2}, trainer: &Trainer{update: 9}} // after all records, so that start keeps no model
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
		if want := got.last > 0; got.found != want {
			t.Errorf("%s: a model counts as better than independent units: %v, want %v after an estimate", tc.name, got.found, want)
		}
		if ends := got.exhausted(); ends != tc.ends {
			t.Errorf("%s: exhausted: %v, want %v", tc.name, ends, tc.ends)
		}
		got.found = false
		got.error = math.Round(1e9*got.error) / 1e9 // 20 - 19.7 in float64 is not 0.3
		if got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// TestNoPatience: a run without patience does not end before its last update, and has no candidates.
func TestNoPatience(t *testing.T) {
	forever := run{trainer: &Trainer{}}
	value := -1.0
	for update := range 9 {
		if forever.see(Past{Update: update + 1, LogLikelihoodValid: &value}) {
			t.Errorf("update %d has a candidate", update+1)
		}
		if forever.patience.exhausted() {
			t.Errorf("the run ends after update %d", update+1)
		}
	}
}

// TestPatienceWaits: no run ends before its learning rate falls, and estimates near the log-likelihood of independent
// units, which is -9, end it in its second half only. Estimates have an error of 0.5 and are ten updates apart.
func TestPatienceWaits(t *testing.T) {
	independent, logZ, high := -9.0, 20.0, 20.5
	for _, tc := range []struct {
		name   string
		held   int // updates before the learning rate falls
		values []float64
		ends   int // index of the first estimate after which the run ends
	}{
		{"no gain", 0, []float64{-9, -9.1, -9.2, -9.3, -9.4, -9.5, -9.6}, 4},
		{"a gain below the noise", 0, []float64{-8.6, -9.1, -9.2, -9.3, -9.4, -9.5, -9.6}, 4},
		{"a gain", 0, []float64{-8.4, -9.1, -9.2, -9.3, -9.4}, 2},
		{"a gain, at a rate that begins to fall late", 40, []float64{-8.4, -9.1, -9.2, -9.3, -9.4}, 3},
	} {
		p := patience{limit: 2, held: tc.held, half: 50}
		for i, value := range tc.values {
			p.see(Past{
				Update: 10 * (i + 1), LogLikelihoodValid: &value, IndependentValid: &independent, LogZ: logZ, LogZHigh: &high,
			})
			if got, want := p.exhausted(), i >= tc.ends; got != want {
				t.Errorf("%s: exhausted after estimate %d is %v, want %v", tc.name, i, got, want)
			}
		}
	}
}

// TestHeld: the learning rate falls after the held updates, which are a share Hold of the run, 0.3 by default. A constant
// rate has none.
func TestHeld(t *testing.T) {
	const updates = 5000
	c := DefaultConfig()
	got := c.held(updates)
	if got != 1500 {
		t.Errorf("the default rate is held for %d of %d updates, want 1500", got, updates)
	}
	if c.rate(got, updates) != c.LearningRate || c.rate(got+1, updates) >= c.LearningRate {
		t.Errorf("the rate is %v at update %d and then %v, want %v and then less",
			c.rate(got, updates), got, c.rate(got+1, updates), c.LearningRate)
	}
	if c.Schedule = "constant"; c.held(updates) != 0 {
		t.Errorf("a constant rate is held for %d updates before it falls, want 0", c.held(updates))
	}
}
