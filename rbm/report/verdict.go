package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"harmonium/rbm/estimate"
	"harmonium/rbm/likelihood"
)

const (
	// logZShare is the part of the log-likelihood that the interval of log Z may span. At least a nat is allowed. It is
	// chosen, as are fallShare and deadShare: less would report faults that do not matter, more would miss some.
	logZShare = 0.02
	// fallShare is the part of its log-likelihood that a model must lose on validation rows before
	// it counts as overfit, and gain in the last fifth of a run before it counts as still learning.
	fallShare = 0.02
	// slowSteps is the autocorrelation time, in Gibbs steps, from which chains mix slowly. It is half
	// of the 30 steps that package train estimates the time from: they show longer times too short.
	slowSteps = 15
	// deadShare is the part of the hidden units that may be dead before it is a fault.
	deadShare = 0.1
)

// finding is one thing that a page says about a run.
type finding struct {
	Bad  bool   // it is a fault
	name string // of a fault, for the first line
	Text string
}

// judge returns what the records and the looks of a run say, faults first.
func (r *Run) judge() []finding {
	var faults, good []finding
	add := func(f *finding) {
		switch {
		case f == nil:
		case f.Bad:
			faults = append(faults, *f)
		default:
			good = append(good, *f)
		}
	}
	add(r.standing())
	add(r.logZ())
	add(r.History.fell())
	add(r.ofModel().overfit())
	add(r.likeness())
	add(r.History.mixing())
	add(r.deadUnits())
	if r.State != Running && !r.earlier() {
		add(r.History.unfinished())
	}
	if n := r.History.Damaged; n > 0 {
		add(&finding{true, "damaged records", fmt.Sprintf("%d of %d lines of metrics.jsonl are no records and were left out.", n, r.History.Lines)})
	}
	return append(faults, good...)
}

// Claim is one thing that a page says about a run.
type Claim struct {
	Fault string `json:"fault"` // its name; empty for what is well
	Text  string `json:"text"`
}

// Verdict returns the first line of a page about a run, and what the page says about it, faults first.
func (r *Run) Verdict() (headline string, claims []Claim) {
	list := r.judge()
	claims = []Claim{}
	for _, f := range list {
		c := Claim{Text: f.Text}
		if f.Bad {
			c.Fault = f.name
		}
		claims = append(claims, c)
	}
	return r.headline(list), claims
}

// headline is the first line of a page about a run.
func (r *Run) headline(list []finding) string {
	var names []string
	for _, f := range list {
		if f.Bad {
			names = append(names, f.name)
		}
	}
	last := r.History.Last()
	switch {
	case last == nil && r.LogZ == nil:
		return "No record yet."
	case len(names) > 0:
		return "Look again: " + strings.Join(names, ", ") + "."
	case r.State == Running:
		return "No fault so far."
	case len(list) == 0:
		return "Nothing to judge by: no log-likelihood was estimated."
	}
	return "No fault found."
}

// standing compares the last log-likelihood with independent units.
func (r *Run) standing() *finding {
	l := r.likelihood()
	if l == nil || l.independent == nil {
		return nil
	}
	standing := likelihood.StandingOf(l.value, l.low, l.high, *l.independent)
	rows := longNameOf(l.split)
	text := fmt.Sprintf("Log-likelihood of the %s rows: %s nats a row%s. The model is %s.", rows, nats(l.value), interval(l.low, l.high),
		strings.ReplaceAll(standing.Phrase(l.value-*l.independent), "-", "−"))
	return &finding{standing != likelihood.Better, "no better than independent units", text}
}

// longNameOf returns the name of a part of the data as sentences have it.
func longNameOf(part string) string {
	if long, ok := map[string]string{"train": "training", "valid": "validation"}[part]; ok {
		return long
	}
	return part
}

// bound returns a bound of an interval, infinite on the side of sign if it is missing.
func bound(x *float64, sign int) float64 {
	if x == nil {
		return math.Inf(sign)
	}
	return *x
}

// interval formats the bounds of an interval. The text is empty if they are equal.
func interval(low, high float64) string {
	switch {
	case low == high:
		return ""
	case math.IsInf(low, 0) && math.IsInf(high, 0):
		return " (unbounded)"
	case math.IsInf(low, 0):
		return fmt.Sprintf(" (at most %s, unbounded below)", nats(high))
	case math.IsInf(high, 0):
		return fmt.Sprintf(" (at least %s, unbounded above)", nats(low))
	}
	return fmt.Sprintf(" (%s to %s)", nats(low), nats(high))
}

// logZ judges the last estimate of log Z.
func (r *Run) logZ() *finding {
	if a := r.LogZ; a != nil && a.Verdict != "" {
		f := &finding{Text: "Log Z by the long estimate: " + a.Verdict + "."}
		switch {
		case a.Converged != nil && !*a.Converged:
			f.Bad, f.name = true, "log Z not converged"
		case a.Samples != nil && a.Samples.Differ:
			f.Bad, f.name = true, "samples unlike the rows"
		}
		return f
	}
	e := r.ofModel().last((*Record).estimated)
	if e == nil || e.LogZ == nil {
		return nil
	}
	if e.LogZMethod == "exact" {
		return &finding{false, "", "Log Z is exact: the sum over all states of a layer, or in closed form."}
	}
	low, high := bound(e.LogZLow, -1), bound(e.LogZHigh, 1)
	allowed := max(1, logZShare*math.Abs(*e.Train))
	switch {
	case math.IsInf(low, 0) || math.IsInf(high, 0):
		return &finding{true, "log Z not bounded", "The last estimate of log Z is bounded on one side only, so the log-likelihood may be far off: harmonium eval --report estimates it from both sides."}
	case high-low > allowed:
		return &finding{true, "log Z not converged", fmt.Sprintf("The last estimate of log Z leaves %s nats open, more than %s: harmonium eval --report estimates it by a longer schedule.", number(high-low), number(allowed))}
	}
	return &finding{false, "", fmt.Sprintf("The last estimate of log Z leaves %s nats open.", number(high-low))}
}

// fell says whether the log-likelihood fell far.
func (h *History) fell() *finding {
	falls, first := h.falls()
	if falls == 0 {
		return nil
	}
	return &finding{true, "the log-likelihood fell far", fmt.Sprintf("The log-likelihood of training rows fell far below its best %s, first at update %d: the learning rate is too high for the chains. %s.", times(falls), first, h.remedy())}
}

// remedy says what may help a run whose chains do not follow the model.
func (h *History) remedy() string {
	if last := h.Last(); last != nil && (last.Ladder != nil || last.Trajectory != nil) {
		return "A lower learning rate or more Gibbs steps may help"
	}
	return "A lower learning rate, more Gibbs steps, or the algorithm pt or ptt may help"
}

// falls returns the number of estimates that lie far below an earlier one, and the first update with such an
// estimate. Falls are computed from the records too, since a run whose guard was off records none.
func (h *History) falls() (falls, first int) {
	var best likelihood.Best
	for _, e := range h.with((*Record).estimated) {
		fallen := e.Fallen
		if e.LogZ != nil && e.IndependentTrain != nil {
			now := likelihood.Estimated{
				LogLikelihood: *e.Train,
				Low:           *e.Train - (bound(e.LogZHigh, 1) - *e.LogZ),
				High:          *e.Train + (*e.LogZ - bound(e.LogZLow, -1)),
				Independent:   *e.IndependentTrain,
			}
			fallen = fallen || best.Lost(now)
			best.See(now, e.Update)
		}
		if !fallen {
			continue
		}
		if falls++; falls == 1 {
			first = e.Update
		}
	}
	return falls, first
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// overfit says whether validation rows became worse while training rows became better. Validation rows must have
// lost more than fallShare and more than log Z is uncertain.
func (h *History) overfit() *finding {
	var best, last *Record
	for _, e := range h.with(func(r *Record) bool { return r.estimated() && r.Valid != nil && !r.Fallen }) {
		last = e
		if best == nil || *e.Valid > *best.Valid {
			best = e
		}
	}
	if last == best {
		return nil
	}
	noise := max(math.Hypot(best.logZError(), last.logZError()), fallShare*math.Abs(*best.Valid))
	if *last.Valid < *best.Valid-noise && *last.Train > *best.Train {
		return &finding{true, "overfitting", fmt.Sprintf("The model overfits: since update %d validation rows have fallen from %s to %s nats and training rows risen from %s to %s. --patience, fewer hidden units or a larger --l2 may help.",
			best.Update, nats(*best.Valid), nats(*last.Valid), nats(*best.Train), nats(*last.Train))}
	}
	return nil
}

// logZError returns how far log Z may lie from its estimate, on the sides that are bounded.
func (r *Record) logZError() (distance float64) {
	for _, bound := range []*float64{r.LogZLow, r.LogZHigh} {
		if bound != nil && r.LogZ != nil {
			distance = max(distance, math.Abs(*bound-*r.LogZ))
		}
	}
	return distance
}

// likeness says whether samples look like rows: samples of the page, or the chains of the run.
func (r *Run) likeness() *finding {
	var samples, yardstick estimate.Likeness
	what := "The chains of the run"
	switch e := r.History.last((*Record).compared); {
	case r.Looks != nil && r.Looks.dataMeans != nil:
		samples, yardstick, what = r.Looks.likeness, r.Looks.yardstick, "Samples of the model"
	case e != nil:
		samples, yardstick = *e.Samples, *e.Yardstick
	default:
		return nil
	}
	figures := fmt.Sprintf("pair covariances correlate by %.2f (training rows %.2f) and means of columns differ by at most %.2f (%.2f)",
		samples.Correlation, yardstick.Correlation, samples.Marginal, yardstick.Marginal)
	figures = strings.ReplaceAll(figures, "-", "−")
	if samples.Differs(yardstick) {
		return &finding{true, "samples unlike the rows", what + " do not look like the rows: " + figures + ". The model has lost or invented modes, or the chains do not reach them. " + r.History.remedy() + "."}
	}
	return &finding{false, "", what + " look like the rows: " + figures + "."}
}

// mixing says whether the chains move slowly by Gibbs steps alone.
func (h *History) mixing() *finding {
	last := h.Last()
	if last == nil || last.AutocorrelationTime < slowSteps || last.Ladder != nil || last.Trajectory != nil {
		return nil
	}
	return &finding{true, "slow chains", fmt.Sprintf("The chains mix slowly: their autocorrelation time is %s Gibbs steps or more. The algorithm pt or ptt may help.", number(last.AutocorrelationTime))}
}

// deadUnits names the dead hidden units, see [Looks.dead].
func (r *Run) deadUnits() *finding {
	if r.Looks == nil || r.Looks.Hidden == 0 {
		return nil
	}
	dead := r.Looks.dead()
	if len(dead) == 0 {
		return &finding{false, "", fmt.Sprintf("None of the %d hidden units is dead.", r.Looks.Hidden)}
	}
	many := float64(len(dead)) > deadShare*float64(r.Looks.Hidden)
	text := fmt.Sprintf("Of %d hidden units %d are dead, as they are in one state on nearly all rows or have hardly any weights: units %s.",
		r.Looks.Hidden, len(dead), names(dead, 20))
	if len(dead) == 1 {
		text = fmt.Sprintf("Of %d hidden units one is dead, as it is in one state on nearly all rows or has hardly any weights: unit %s.", r.Looks.Hidden, names(dead, 1))
	}
	if many {
		text += " A lower learning rate, less weight decay or fewer hidden units may help."
	}
	return &finding{many, "dead units", text}
}

// names lists numbers of units, counted from 1.
func names(units []int, most int) string {
	var words []string
	for i, u := range units {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(units)-most))
			break
		}
		words = append(words, fmt.Sprint(u+1))
	}
	return strings.Join(words, ", ")
}

// unfinished says whether the log-likelihood still rose at the end: since the last estimate that is at least a fifth
// of all updates old, by more than fallShare of its value for each fifth of the updates. Fewer than five estimates, one
// for each fifth, say nothing.
func (h *History) unfinished() *finding {
	list := h.with((*Record).estimated)
	if len(list) < 5 {
		return nil
	}
	last := list[len(list)-1]
	for _, e := range slices.Backward(list) {
		if e.Update > last.Update*4/5 {
			continue
		}
		value, before, rows := *last.Train, *e.Train, "training"
		if last.Valid != nil && e.Valid != nil {
			value, before, rows = *last.Valid, *e.Valid, "validation"
		}
		gain, fifths := value-before, 5*float64(last.Update-e.Update)/float64(last.Update)
		if gain > fallShare*math.Abs(value)*fifths {
			return &finding{true, "still improving", fmt.Sprintf("The log-likelihood of %s rows still rose by %s nats since update %d: more updates may help.", rows, nats(gain), e.Update)}
		}
		return nil
	}
	return nil
}
