package report

import "time"

// Run is what a page shows of one run. Only Name and History must be there.
type Run struct {
	Name    string
	State   State
	History *History
	Update  int           // the model of the run is from after this update; 0 for the last update
	Spent   time.Duration // time spent in updates; 0 if unknown
	Looks   *Looks        // nil if no model could be read
	LogZ    *Annealing    // nil without a long estimate
	Command string        // a command that trains the same model
	Facts   []Fact        // settings, machine and versions
	Notes   []string      // what the page leaves out, and why
	Stop    string        // name by which a live page can end the run; "" for no button
}

// State says how far a run is.
type State string

// The states of a run.
const (
	Finished State = "finished"
	Running  State = "running"
	Stopped  State = "stopped before its end"
)

// Fact is a setting of a run, or another thing to know of it, with its value.
type Fact struct{ Name, Value string }

// earlier reports whether the run has records of updates after its model. So it is where the result is an earlier model:
// the best one by --patience, or one that is clearly better than the last.
func (r *Run) earlier() bool {
	last := r.History.Last()
	return r.Update > 0 && last != nil && r.Update < last.Update
}

// ofModel returns the records up to the model of the run.
func (r *Run) ofModel() *History {
	if r.earlier() {
		return r.History.upTo(r.Update)
	}
	return r.History
}

// rowLikelihood is a log-likelihood of rows with its interval, in nats a row.
type rowLikelihood struct {
	split            string // part of the data that the rows are of
	value, low, high float64
	independent      *float64 // of independent units on the same rows; nil if unknown
}

// likelihood returns the last log-likelihood of the model: an evaluation, else an estimate on
// validation rows, else on training rows, else the one in report.json. It is nil without any.
func (r *Run) likelihood() *rowLikelihood {
	h := r.ofModel()
	if e := h.last((*Record).evaluated); e != nil {
		return &rowLikelihood{e.Split, *e.LogLikelihood, bound(e.Low, -1), bound(e.High, 1), e.Independent}
	}
	if e := h.last((*Record).estimated); e != nil {
		if e.Valid != nil {
			return &rowLikelihood{"valid", *e.Valid, bound(e.ValidLow, -1), bound(e.ValidHigh, 1), e.IndependentValid}
		}
		return &rowLikelihood{"train", *e.Train, bound(e.TrainLow, -1), bound(e.TrainHigh, 1), e.IndependentTrain}
	}
	if a := r.LogZ; a != nil && a.LogLikelihood != nil {
		return &rowLikelihood{a.Split, *a.LogLikelihood, bound(a.Low, -1), bound(a.High, 1), a.Independent}
	}
	return nil
}

// logZOfModel returns the estimate of log Z in the record of the model, the long one if there are two, or nil.
func (r *Run) logZOfModel() *float64 {
	e := r.ofModel().Last()
	switch {
	case e == nil || r.Update > 0 && e.Update != r.Update:
		return nil
	case e.EvalLogZ != nil:
		return e.EvalLogZ
	}
	return e.LogZ
}
