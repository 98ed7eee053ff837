package report

import (
	"fmt"
	"html/template"
	"slices"
	"time"
)

// A page lists at most these numbers of the last estimates and of different warnings.
const (
	listedEstimates = 20
	listedWarnings  = 50
)

// section is what body.html shows of a run.
type section struct {
	ID, Name, Headline, Result, Updates, Time, Model string
	State                                            State
	Findings                                         []finding
	Notes, Warnings                                  []string
	Figures                                          []shown
	Estimates                                        [][]string
	Command, Stop                                    string
	Facts                                            []Fact
}

// shown is a figure in the template. Its body is made by this package, with all names escaped.
type shown struct {
	Title, Caption string
	Body           template.HTML
}

// show returns the figures that have a body.
func show(figures []figure) (list []shown) {
	for _, f := range figures {
		if f.body != "" {
			list = append(list, shown{f.title, f.caption, template.HTML(f.body)})
		}
	}
	return list
}

// section returns what a page shows of a run.
func (r *Run) section(id string) section {
	found := r.judge()
	s := section{
		ID: id, Name: r.Name, State: r.State, Headline: r.headline(found), Result: r.result(),
		Notes: r.Notes, Warnings: r.History.warnings(), Estimates: r.History.table(),
		Command: r.Command, Facts: r.Facts, Stop: r.Stop, Findings: found,
	}
	if last := r.History.Last(); last != nil {
		s.Updates = fmt.Sprint(last.Update)
	}
	if r.Spent > 0 {
		s.Time = r.Spent.Round(10*time.Millisecond).String() + " in updates"
	}
	if r.earlier() {
		s.Model = fmt.Sprintf("its model is from update %d", r.Update)
	}
	curves := r.curves()
	s.Figures = show(slices.Concat(curves[:1], r.Looks.figures(r.logZOfModel()), curves[1:]))
	return s
}

// result is the last log-likelihood in words.
func (r *Run) result() string {
	l := r.likelihood()
	if l == nil {
		return "not estimated"
	}
	return fmt.Sprintf("%s %s%s", l.split, nats(l.value), interval(l.low, l.high))
}

// warnings lists the warnings of the records, each once, with the first update that has it.
func (h *History) warnings() (list []string) {
	listed := map[string]bool{}
	for _, r := range h.Records {
		for _, w := range r.Warnings {
			if len(list) < listedWarnings && !listed[w] {
				listed[w] = true
				list = append(list, fmt.Sprintf("Update %d: %s", r.Update, w))
			}
		}
	}
	return list
}

// table returns the last estimates as text, the latest first: update, training rows, validation rows, evaluation and
// log Z.
func (h *History) table() (lines [][]string) {
	cell := func(value, low, high *float64) string {
		if value == nil {
			return ""
		}
		return nats(*value) + interval(bound(low, -1), bound(high, 1))
	}
	for _, r := range slices.Backward(h.Records) {
		if r.Train == nil && r.LogLikelihood == nil {
			continue
		}
		evaluated := cell(r.LogLikelihood, r.Low, r.High)
		if evaluated != "" {
			evaluated = r.Split + " " + evaluated
		}
		lines = append(lines, []string{fmt.Sprint(r.Update), cell(r.Train, r.TrainLow, r.TrainHigh),
			cell(r.Valid, r.ValidLow, r.ValidHigh), evaluated, cell(r.LogZ, r.LogZLow, r.LogZHigh)})
		if len(lines) == listedEstimates {
			break
		}
	}
	return lines
}
