package report

import (
	"fmt"
	"strings"
	"testing"
)

// told returns the first line of a page about records and looks.
func told(t *testing.T, lines string, l *Looks, a *Annealing) string {
	t.Helper()
	r := &Run{State: Finished, History: historyOf(t, lines), Looks: l, LogZ: a}
	return r.headline(r.judge())
}

// rising returns ten records whose log-likelihoods of training and validation rows are given by
// functions of the record's number.
func rising(train, valid func(i int) float64, more string) string {
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `{"epoch":%d,"update":%d,"log_z_online":10,"log_z_online_low":9.9,"log_z_online_high":10.1,"log_z_online_method":"online",`+
			`"log_likelihood_train":%v,"log_likelihood_train_low":-99,"log_likelihood_train_high":0,"log_likelihood_valid":%v,"log_likelihood_valid_low":%v,"log_likelihood_valid_high":0,"independent_train":-50,"independent_valid":-50%s}`+"\n",
			i+1, 100*(i+1), train(i), valid(i), valid(i)-1, more)
	}
	return b.String()
}

// TestStories: the first line tells a good run from bad ones, and bad ones from each other.
func TestStories(t *testing.T) {
	flat := func(int) float64 { return -10 }
	good := rising(flat, flat, "")
	overfit := rising(func(i int) float64 { return -10 + float64(i)/100 }, func(i int) float64 { return -11 - float64(i) }, "")
	low, high, better := -9.5, -8.5, -5.
	for _, c := range []struct {
		name, lines, want string
		looks             *Looks
		long              *Annealing
	}{
		{name: "good", lines: good, want: "No fault found."},
		{name: "lost modes", lines: rising(flat, flat, `,"samples":{"correlation":0.2,"residual":0.1,"marginal":0.4,"rows":500},"samples_yardstick":{"correlation":0.95,"residual":0.01,"marginal":0.03,"rows":500}`), want: "samples unlike the rows"},
		{name: "fell", lines: rising(flat, flat, `,"fallen":true`), want: "the log-likelihood fell far"},
		{name: "fell without a guard", lines: rising(func(i int) float64 { return -10 - 10*float64(i%2) }, flat, ""), want: "the log-likelihood fell far"},
		{name: "fell by less than log Z is uncertain", lines: strings.ReplaceAll(rising(func(i int) float64 { return -10 - 10*float64(i%2) }, flat, ""), `"log_z_online_low":9.9`, `"log_z_online_low":-5`), want: "log Z not converged"},
		{name: "overfit", lines: overfit, want: "overfitting"},
		{name: "overfit within the error of log Z", lines: strings.ReplaceAll(overfit, `"log_z_online_high":10.1`, `"log_z_online_high":25`), want: "log Z not converged"},
		{name: "dead", lines: good, looks: &Looks{Hidden: 4, norms: []float64{1, 1, 1, 1}, activities: []float64{0, 0, 0.5, 0.5}}, want: "dead units"},
		{name: "dead by decay", lines: good, looks: &Looks{Hidden: 2, Visible: 4, norms: []float64{1e-6, 1e-6}}, want: "dead units"},
		{name: "log Z open", lines: strings.ReplaceAll(good, `"log_z_online_high":10.1`, `"log_z_online_high":15`), want: "log Z not converged"},
		{name: "log Z unbounded", lines: strings.ReplaceAll(good, `"log_z_online_high":10.1`, `"log_z_online_high":null`), want: "log Z not bounded"},
		{name: "long log Z", lines: good, long: &Annealing{Verdict: "not converged: x", Converged: new(bool)}, want: "log Z not converged"},
		{name: "long, lost modes", lines: good, long: &Annealing{Verdict: "converged: x; but", Converged: new(true), Samples: &annealingSamples{true}}, want: "samples unlike the rows"},
		{name: "long, useless", long: &Annealing{Verdict: "converged: x", Converged: new(true), LogLikelihood: &low, Low: &low, High: &high, Independent: &better}, want: "no better than independent units"},
		{name: "slow", lines: rising(flat, flat, `,"autocorrelation_time":20`), want: "slow chains"},
		{name: "short", lines: rising(func(i int) float64 { return -20 + float64(i) }, func(i int) float64 { return -20 + float64(i) }, ""), want: "still improving"},
		{name: "useless", lines: strings.ReplaceAll(good, `"independent_valid":-50`, `"independent_valid":-9`), want: "no better than independent units"},
	} {
		got := told(t, c.lines, c.looks, c.long)
		if c.name != "good" {
			c.want = "Look again: " + c.want + "."
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestKeptModel: a run that keeps an earlier model is judged by the records up to it.
func TestKeptModel(t *testing.T) {
	lines := rising(func(i int) float64 { return -10 + float64(i)/100 }, func(i int) float64 { return -11 - float64(i) }, "")
	for _, c := range []struct {
		update   int
		headline string
		logZ     bool
	}{{0, "Look again: overfitting.", true}, {1000, "Look again: overfitting.", true}, {100, "No fault found.", true}, {150, "No fault found.", false}} {
		r := &Run{State: Finished, History: historyOf(t, lines), Update: c.update}
		if got := r.headline(r.judge()); got != c.headline {
			t.Errorf("model of update %d: got %q, want %q", c.update, got, c.headline)
		}
		if got := r.logZOfModel(); (got != nil) != c.logZ {
			t.Errorf("model of update %d: log Z %v, want one: %v", c.update, got, c.logZ)
		}
		if l := r.likelihood(); c.update == 100 && l.value != -11 {
			t.Errorf("model of update %d: log-likelihood %v, want -11", c.update, l.value)
		}
	}
}

func TestReadAnnealing(t *testing.T) {
	a, err := ReadAnnealing([]byte(`{"verdict":"converged: yes","converged":true,"base_log_z":2,"schedules":[{"betas":8,"ais":{"log_z":3,"log_z_low":null,"log_z_high":4,"log_weights":[0.5,1.5]},
		"reverse_ais":{"log_z":3.1,"log_z_low":3,"log_z_high":null,"log_weights":[-1,-1.2]},"bennett":null},{"betas":16,"ais":{"log_z":3,"log_z_low":2,"log_z_high":4,"log_weights":[1,1]},"reverse_ais":null,"bennett":null}]}`))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := pageOf(t, &Run{Name: "x", History: &History{}, LogZ: a})
	for _, want := range []string{"log Z from both sides", "log Z by single runs", "reverse AIS", "converged: yes"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, wrong := range []string{"", "[]", "{}", "{"} {
		if _, err := ReadAnnealing([]byte(wrong)); err == nil {
			t.Errorf("%q: got no error", wrong)
		}
	}
}

// TestRemedyIsNotInUse: a run that tempers its chains is not told to do so.
func TestRemedyIsNotInUse(t *testing.T) {
	flat := func(int) float64 { return -10 }
	for more, named := range map[string]bool{"": true, `,"ladder":{}`: false, `,"trajectory":{}`: false} {
		f := historyOf(t, rising(flat, flat, `,"fallen":true`+more)).fell()
		if got := strings.Contains(f.Text, "pt or ptt"); got != named {
			t.Errorf("%s: %q names pt and ptt: %v, want %v", more, f.Text, got, named)
		}
	}
}
