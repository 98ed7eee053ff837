package report

import (
	"fmt"
	"strings"
	"testing"
)

// headlineOf returns the first line of a page about records, looks and a long estimate of log Z.
func headlineOf(t *testing.T, lines string, l *Looks, a *Annealing) string {
	t.Helper()
	r := &Run{State: Finished, History: historyOf(t, lines), Looks: l, LogZ: a}
	return r.headline(r.judge())
}

// records returns ten records, 100 updates apart, whose log-likelihoods of training and validation rows are functions of
// the record's number. Log Z is known to within 0.1, independent units have -50 nats, and more is JSON behind the other
// fields.
func records(train, valid func(i int) float64, more string) string {
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `{"epoch":%d,"update":%d,"independent_train":-50,"independent_valid":-50,`, i+1, 100*(i+1))
		b.WriteString(`"log_z_online":10,"log_z_online_low":9.9,"log_z_online_high":10.1,"log_z_online_method":"online",`)
		fmt.Fprintf(&b, `"log_likelihood_train":%v,"log_likelihood_train_low":-99,"log_likelihood_train_high":0,`, train(i))
		fmt.Fprintf(&b, `"log_likelihood_valid":%v,"log_likelihood_valid_low":%v,"log_likelihood_valid_high":0%s}`+"\n", valid(i), valid(i)-1, more)
	}
	return b.String()
}

// Log-likelihoods of record i, from 0 to 9.
func flat(int) float64          { return -10 }
func rising(i int) float64      { return -20 + float64(i) }
func swinging(i int) float64    { return -10 - 10*float64(i%2) }
func creeping(i int) float64    { return -10 + float64(i)/100 } // of training rows that are overfit
func overfitting(i int) float64 { return -11 - float64(i) }     // of validation rows

// TestStories: the first line of a page names the fault of a run, and no other.
func TestStories(t *testing.T) {
	good, overfit := records(flat, flat, ""), records(creeping, overfitting, "")
	// with returns records with another value of one field.
	with := func(lines, field, old, value string) string {
		return strings.ReplaceAll(lines, `"`+field+`":`+old, `"`+field+`":`+value)
	}
	const lostModes = `,"samples":{"correlation":0.2,"residual":0.1,"marginal":0.4,"rows":500},` +
		`"samples_yardstick":{"correlation":0.95,"residual":0.01,"marginal":0.03,"rows":500}`
	low, high, better := -9.5, -8.5, -5.
	useless := &Annealing{Verdict: "converged: x", Converged: new(true), LogLikelihood: &low, Low: &low, High: &high, Independent: &better}
	for _, c := range []struct {
		name, lines, want string
		looks             *Looks
		long              *Annealing
	}{
		{name: "good", lines: good, want: "No fault found."},
		{name: "lost modes", lines: records(flat, flat, lostModes), want: "samples unlike the rows"},
		{name: "fell", lines: records(flat, flat, `,"fallen":true`), want: "the log-likelihood fell far"},
		{name: "fell without a guard", lines: records(swinging, flat, ""), want: "the log-likelihood fell far"},
		{name: "fell by 10 nats, less than log Z is uncertain", lines: with(records(swinging, flat, ""), "log_z_online_low", "9.9", "-5"),
			want: "log Z not converged"},
		{name: "overfit", lines: overfit, want: "overfitting"},
		{name: "overfit by 9 nats, within the error of log Z", lines: with(overfit, "log_z_online_high", "10.1", "25"),
			want: "log Z not converged"},
		{name: "dead", lines: good, looks: &Looks{Hidden: 4, norms: []float64{1, 1, 1, 1}, activities: []float64{0, 0, 0.5, 0.5}},
			want: "dead units"},
		{name: "dead by decay", lines: good, looks: &Looks{Hidden: 2, Visible: 4, norms: []float64{1e-6, 1e-6}}, want: "dead units"},
		{name: "log Z open", lines: with(good, "log_z_online_high", "10.1", "15"), want: "log Z not converged"},
		{name: "log Z unbounded", lines: with(good, "log_z_online_high", "10.1", "null"), want: "log Z not bounded"},
		{name: "long log Z", lines: good, long: &Annealing{Verdict: "not converged: x", Converged: new(bool)},
			want: "log Z not converged"},
		{name: "long, lost modes", lines: good, long: &Annealing{Verdict: "converged: x; but", Converged: new(true), Samples: &annealingSamples{true}},
			want: "samples unlike the rows"},
		{name: "long, useless", long: useless, want: "no better than independent units"},
		{name: "slow", lines: records(flat, flat, `,"autocorrelation_time":20`), want: "slow chains"},
		{name: "short", lines: records(rising, rising, ""), want: "still improving"},
		{name: "useless", lines: with(good, "independent_valid", "-50", "-9"), want: "no better than independent units"},
	} {
		got := headlineOf(t, c.lines, c.looks, c.long)
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
	lines := records(creeping, overfitting, "")
	for _, c := range []struct {
		update   int // of the model
		headline string
		logZ     bool // the record of the model has log Z
	}{
		{0, "Look again: overfitting.", true},    // the last update
		{1000, "Look again: overfitting.", true}, // the last update, by its number
		{100, "No fault found.", true},           // the first record
		{150, "No fault found.", false},          // between two records
	} {
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

// TestReadAnnealing: a report.json of two schedules, with missing bounds and without reverse AIS in the second, is drawn,
// and a text without a verdict is refused.
func TestReadAnnealing(t *testing.T) {
	a, err := ReadAnnealing([]byte(`{"verdict":"converged: yes","converged":true,"base_log_z":2,"schedules":[
		{"betas":8,"ais":{"log_z":3,"log_z_low":null,"log_z_high":4,"log_weights":[0.5,1.5]},
			"reverse_ais":{"log_z":3.1,"log_z_low":3,"log_z_high":null,"log_weights":[-1,-1.2]},"bennett":null},
		{"betas":16,"ais":{"log_z":3,"log_z_low":2,"log_z_high":4,"log_weights":[1,1]},"reverse_ais":null,"bennett":null}]}`))
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

// TestRemedyIsNotInUse: the advice on a fall names the algorithms pt and ptt only to a run without them.
func TestRemedyIsNotInUse(t *testing.T) {
	for more, named := range map[string]bool{"": true, `,"ladder":{}`: false, `,"trajectory":{}`: false} {
		f := historyOf(t, records(flat, flat, `,"fallen":true`+more)).fell()
		if got := strings.Contains(f.Text, "pt or ptt"); got != named {
			t.Errorf("%s: %q names pt and ptt: %v, want %v", more, f.Text, got, named)
		}
	}
}
