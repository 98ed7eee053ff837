package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"harmonium/rbm/likelihood"
	"harmonium/store"
)

// fileReport is the file in the folder of --report.
const fileReport = "report.json"

// likelihoodReport is an evaluation with the checks of its log Z. Null stands for a missing
// figure: an exact log Z has only the verdict, and without reverse AIS the figures that
// depend on it are missing.
type likelihoodReport struct {
	*evaluation

	ReverseLogZ     *float64 `json:"reverse_log_z"`
	ReverseLogZLow  *float64 `json:"reverse_log_z_low"`
	ReverseLogZHigh *float64 `json:"reverse_log_z_high"`
	ReverseESS      *float64 `json:"reverse_ess"`
	ReverseVarLogW  *float64 `json:"reverse_var_log_w"`

	// Estimates by Bennett's acceptance ratio from both directions.
	BennettLogZ     *float64 `json:"bennett_log_z"`
	BennettLogZLow  *float64 `json:"bennett_log_z_low"`
	BennettLogZHigh *float64 `json:"bennett_log_z_high"`

	Verdict      string `json:"verdict"`
	Converged    *bool  `json:"converged"` // null where AIS ran forward only and no check failed
	Equilibrated *bool  `json:"equilibrated"`
	BurnIn       *int   `json:"burn_in"`
	Ended        string `json:"ended,omitempty"` // why --betas auto stopped

	// Samples compares samples of the model with rows; null where cells are missing.
	Samples *sampleCheck `json:"samples"`

	Raise *raised `json:"raise,omitempty"`
	Time  float64 `json:"time"` // in seconds

	estimates *likelihood.Report // of log Z; nil if exact
}

// newLikelihoodReport joins an evaluation with the estimates of its log Z, nil for an exact one.
func newLikelihoodReport(e *evaluation, estimates *likelihood.Report, burnIn int) *likelihoodReport {
	r := &likelihoodReport{evaluation: e, estimates: estimates}
	if estimates == nil {
		r.Verdict, r.Converged = "exact: log Z is computed, not estimated", new(true)
		return r
	}
	last := estimates.Last()
	r.Verdict, r.Ended = estimates.Verdict, estimates.Ended
	if !estimates.Unchecked {
		r.Converged = &estimates.Converged
	}
	if text := e.refutation(); text != "" {
		r.Converged, r.Verdict = new(false), "not converged: "+text
	}
	if p := last.Reverse; p != nil {
		r.ReverseLogZ, r.ReverseLogZLow, r.ReverseLogZHigh = &p.LogZ, bound(p.Low), bound(p.High)
		r.ReverseESS, r.ReverseVarLogW = &p.ESS, &p.VarLogWeight
		b := last.Bennett
		r.BennettLogZ, r.BennettLogZLow, r.BennettLogZHigh = &b.LogZ, bound(b.Low), bound(b.High)
		r.Equilibrated, r.BurnIn = new(last.Equilibrium.Reached()), &burnIn
	}
	return r
}

// sampleCheck compares samples of a model with rows. As a yardstick, as many training rows as the effective
// number of samples are compared with the same rows.
type sampleCheck struct {
	Samples         int     `json:"samples"`
	Effective       int     `json:"effective"`        // effective number of samples
	Against         string  `json:"against"`          // split of the rows
	Correlation     float64 `json:"correlation"`      // of pair covariances
	CorrelationRows float64 `json:"correlation_rows"` // the same of training rows
	Marginal        float64 `json:"marginal"`         // largest difference of a column's mean
	MarginalRows    float64 `json:"marginal_rows"`
	Differ          bool    `json:"differ"` // by more than training rows do
}

// addSamples adds a comparison of samples to the report. The verdict says if they differ.
func (r *likelihoodReport) addSamples(c *likelihood.SampleCheck, against string) {
	r.Samples = &sampleCheck{
		c.Samples, c.Effective, against, c.Model.Correlation, c.Yardstick.Correlation,
		c.Model.Marginal, c.Yardstick.Marginal, c.Differ(),
	}
	if c.Differ() {
		r.Verdict += "; but samples of the model differ from the " + against + " rows: it has lost or invented modes, " +
			"and more Gibbs steps, a lower learning rate or parallel tempering (pt, ptt) in training may help"
	}
}

// print writes a comparison for people.
func (c *sampleCheck) print(w io.Writer) {
	fmt.Fprintf(w, "samples: %d, effectively %d, beside the %s rows: pair covariances correlate by %.3f (training rows %.3f), "+
		"means of columns differ by at most %.3f (%.3f)\n",
		c.Samples, c.Effective, c.Against, c.Correlation, c.CorrelationRows, c.Marginal, c.MarginalRows)
}

// print writes the report for people.
func (r *likelihoodReport) print(w io.Writer) {
	r.evaluation.print(w)
	if r.ReverseLogZ != nil {
		fmt.Fprintf(w, "log Z: %s%s, by reverse AIS: ESS %.1f, var log w %.3g; the log-likelihood by it is %s\n",
			r.nats(r.ReverseLogZ), interval(r.ReverseLogZLow, r.ReverseLogZHigh, 3), *r.ReverseESS, *r.ReverseVarLogW,
			r.nats(new(-r.MeanFreeEnergy-*r.ReverseLogZ)))
		fmt.Fprintf(w, "log Z: %s%s, by both and Bennett's acceptance ratio\n",
			r.nats(r.BennettLogZ), interval(r.BennettLogZLow, r.BennettLogZHigh, 3))
	}
	if x := r.Raise; x != nil {
		fmt.Fprintf(w, "conservative: %.3f nats a row, standard error over rows %.3f, by RAISE on %d rows x %d runs; by log "+
			"Z these rows have %.3f\n",
			x.LogLikelihood, x.StandardError, x.Rows, x.Runs, x.ByLogZ)
	}
	if r.Ended != "" {
		fmt.Fprintf(w, "betas: %d, as %s\n", *r.Betas, r.Ended)
	}
	if r.Samples != nil {
		r.Samples.print(w)
	}
	fmt.Fprintf(w, "verdict: %s\n", r.Verdict)
}

// schedule holds the estimates of log Z by one schedule of inverse temperatures, as the file has them.
type schedule struct {
	Betas   int       `json:"betas"`
	AIS     estimate  `json:"ais"`
	Reverse *estimate `json:"reverse_ais"`
	Bennett *estimate `json:"bennett"`
	// Values of the two halves of the chains of reverse AIS: first the half with the shorter
	// burn-in, then the half with the longer one.
	HalvesLogZ       *[2]float64 `json:"halves_log_z"`
	HalvesFreeEnergy *[2]float64 `json:"halves_free_energy"`
	Time             float64     `json:"time"` // in seconds
}

// estimate is one estimate of log Z, as the file has it.
type estimate struct {
	LogZ       float64   `json:"log_z"`
	LogZLow    *float64  `json:"log_z_low"`
	LogZHigh   *float64  `json:"log_z_high"`
	ESS        float64   `json:"ess,omitempty"`
	VarLogW    float64   `json:"var_log_w,omitempty"`
	LogWeights []float64 `json:"log_weights,omitempty"` // relative to base_log_z
}

func newEstimate(p *likelihood.Partition) *estimate {
	if p == nil {
		return nil
	}
	return &estimate{p.LogZ, bound(p.Low), bound(p.High), p.ESS, p.VarLogWeight, p.LogWeights}
}

func newSchedule(c likelihood.Comparison) schedule {
	s := schedule{
		Betas: c.Betas, AIS: *newEstimate(c.Forward), Reverse: newEstimate(c.Reverse),
		Bennett: newEstimate(c.Bennett), Time: c.Elapsed.Seconds(),
	}
	if e := c.Equilibrium; e != nil {
		s.HalvesLogZ, s.HalvesFreeEnergy = &e.LogZ, &e.FreeEnergy
	}
	return s
}

// save writes the report to a folder and makes the folder if necessary.
func (r *likelihoodReport) save(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	file := struct {
		*likelihoodReport
		BaseLogZ  *float64   `json:"base_log_z"`
		Schedules []schedule `json:"schedules"`
	}{likelihoodReport: r}
	if r.estimates != nil {
		file.BaseLogZ = &r.estimates.LogBase
		for _, c := range r.estimates.Comparisons {
			file.Schedules = append(file.Schedules, newSchedule(c))
		}
	}
	return store.WriteAtomic(filepath.Join(folder, fileReport), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "\t")
		return e.Encode(file)
	})
}
