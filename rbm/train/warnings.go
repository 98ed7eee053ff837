package train

import (
	"cmp"
	"fmt"
	"math"

	"harmonium/rbm/likelihood"
)

// The limits of the warnings. They were chosen: lower ones warn of runs that are well, higher ones miss faults.
const (
	// lostModesShare is a share of the log-likelihood of independent units. A pseudo-likelihood closer to 0 than
	// this share indicates that the model predicts each unit well from all others: if its log-likelihood is bad
	// nevertheless, it has modes far from the data.
	lostModesShare = 0.5

	// littleShare is the part of the log-likelihood of independent units that a model must gain over
	// them before it counts as having found something.
	littleShare = 0.01

	// overfitShare is the part of its log-likelihood that validation rows must lose before the model
	// counts as overfit.
	overfitShare = 0.02
)

// warn adds the problems that an estimate shows to a record.
func (r *run) warn(record *Record) {
	t, o := r.trainer, record.Online
	if t.config.watched() && t.hasFallen(o) {
		o.Fallen = true
		record.Warnings = append(record.Warnings, t.fallWarning(o))
	}
	if text := r.overfit.warning(record.past()); text != "" {
		record.Warnings = append(record.Warnings, text)
	}
	if !r.endsWith(record) {
		return
	}
	if o.Samples != nil && o.Samples.Differs(*o.Yardstick) {
		record.Warnings = append(record.Warnings, fmt.Sprintf("the chains do not look like the rows: pair covariances correlate "+
			"by %.2f (training rows by %.2f), and means of columns differ by up to %.2f (%.2f); %s",
			o.Samples.Correlation, o.Yardstick.Correlation, o.Samples.Marginal, o.Yardstick.Marginal, t.mixing()))
	}
	if c := t.config.Algorithm; (c == "pcd" || c == "fpcd") && record.AutocorrelationTime >= correlatedSteps/2 {
		record.Warnings = append(record.Warnings, fmt.Sprintf("the chains mix slowly: their autocorrelation time, %.0f Gibbs "+
			"steps, is at least half of the %d steps that it is estimated from, so it may be longer; %s may help",
			record.AutocorrelationTime, correlatedSteps, cmp.Or(t.tempering(), "more Gibbs steps")))
	}
	if f := r.falls; !t.config.watched() { // a copy, as run.see gives r.falls the record later
		if f.see(record.past()); f.found {
			record.Warnings = append(record.Warnings, f.String())
		}
	}
	if text := o.warning(record.PseudoLikelihood, t.config); text != "" {
		record.Warnings = append(record.Warnings, text)
	}
}

// endsWith reports whether a record with an estimate is the last one of the run: after all
// updates, or because patience is exhausted, or the run went back too often. It asks a copy of
// r.patience, which sees the record later.
func (r *run) endsWith(record *Record) bool {
	t, patience := r.trainer, r.patience
	if p := record.past(); r.counts(p) {
		patience.see(p)
	}
	return t.Done() || patience.exhausted() || record.Fallen && t.config.guarded() && t.guard.Returns == mostReturns
}

// mixing says what may help a run whose chains do not follow the model.
func (t *Trainer) mixing() string {
	if by := t.tempering(); by != "" {
		return "a lower learning rate, more Gibbs steps, or " + by + " may help"
	}
	return "a lower learning rate or more Gibbs steps may help"
}

// tempering names the algorithms by tempering that the run could have. It returns "" if its units allow none, or if
// it has one.
func (t *Trainer) tempering() string {
	switch c := t.config; {
	case c.Algorithm == "pt" || c.Algorithm == "ptt" || t.visible.Units.Real() && t.hidden.Units.Real():
		return ""
	case t.visible.Units.Real() || c.Lateral:
		return "the algorithm pt"
	}
	return "the algorithm pt or ptt"
}

// warning says what is wrong with a model that is hardly better than independent units, or "".
func (o *Online) warning(pseudoLikelihood float64, c Config) string {
	standing, gain := o.Standing(), o.LogLikelihoodTrain-o.IndependentTrain
	if standing == likelihood.Better {
		if gain < littleShare*math.Abs(o.IndependentTrain) {
			return fmt.Sprintf("the model is hardly better than independent units, by %.3f nats on training rows: the columns may "+
				"be independent, or depend on each other in threes and more, which takes more updates, without l2, to find", gain)
		}
		return ""
	}
	text := "the model is " + standing.Phrase(gain) + " on training rows"
	if standing == likelihood.Worse && pseudoLikelihood != 0 && pseudoLikelihood > lostModesShare*o.IndependentTrain {
		text += fmt.Sprintf(", though the pseudo-likelihood is %.3f: the chains have lost modes of the model", pseudoLikelihood)
	}
	switch {
	case c.Algorithm == "pt" || c.Algorithm == "ptt":
		return text + "; more updates or another learning rate may help, unless the columns are independent"
	case standing == likelihood.Worse:
		return text + "; parallel tempering (pt), more Gibbs steps or a lower learning rate may help"
	}
	return text + "; more updates, another learning rate or parallel tempering (pt) may help, unless the columns are independent"
}

// falls finds the first estimate of the log-likelihood of training rows that lies far below the best one before
// it, in a run without a guard.
type falls struct {
	best  likelihood.Best // so far
	from  likelihood.Best // the best one before the fall
	to    Past            // the estimate that lies far below it
	found bool
}

// see takes the estimate of a record.
func (f *falls) see(p Past) {
	if p.LogLikelihoodTrain == 0 || p.IndependentTrain == 0 {
		return // no estimate
	}
	e := p.estimated()
	if !f.found && f.best.Lost(e) {
		f.from, f.to, f.found = f.best.Before(e), p, true
	}
	f.best.See(e, p.Update)
}

func (f *falls) String() string {
	return fallText(f.from, f.to) + ": the learning rate is too high for the chains; a lower one, more Gibbs steps, parallel " +
		"tempering or the guard may help"
}

// fallText says in words how far an estimate has fallen.
func fallText(from likelihood.Best, to Past) string {
	return fmt.Sprintf("the log-likelihood of training rows fell from %.4g nats after update %d to %.4g after update %d",
		from.LogLikelihood, from.Update, to.LogLikelihoodTrain, to.Update)
}

// overfit finds the first estimate at which validation rows have become worse while training rows became
// better.
type overfit struct {
	best   Past // with the best estimate of validation rows
	warned bool
}

// see takes the estimate of a record.
func (f *overfit) see(p Past) {
	if p.LogLikelihoodValid == nil || p.Fallen {
		return
	}
	if f.best.LogLikelihoodValid == nil || *p.LogLikelihoodValid > *f.best.LogLikelihoodValid {
		f.best = p
	}
	f.warned = f.warned || f.grown(p)
}

// grown reports whether validation rows have become worse since their best estimate, by more than
// the noise, while training rows have become better.
func (f *overfit) grown(p Past) bool {
	if p.LogLikelihoodValid == nil || f.best.LogLikelihoodValid == nil || p.Fallen {
		return false
	}
	noise := max(math.Hypot(p.logZError(), f.best.logZError()), overfitShare*math.Abs(*f.best.LogLikelihoodValid))
	return *p.LogLikelihoodValid < *f.best.LogLikelihoodValid-noise && p.LogLikelihoodTrain > f.best.LogLikelihoodTrain
}

// warning returns a sentence the first time that the model overfits, or "".
func (f *overfit) warning(p Past) string {
	if f.warned || !f.grown(p) {
		return ""
	}
	return fmt.Sprintf("the model overfits: since update %d validation rows have fallen from %.4g to %.4g nats and training "+
		"rows risen from %.4g to %.4g; patience, fewer hidden units or a larger l2 may help",
		f.best.Update, *f.best.LogLikelihoodValid, *p.LogLikelihoodValid, f.best.LogLikelihoodTrain, p.LogLikelihoodTrain)
}
