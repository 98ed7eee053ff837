package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"harmonium/rbm/estimate"
)

// line is a row with its figures.
type line struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Ours    float64 `json:"ours,omitempty"`    // median
	Theirs  float64 `json:"theirs,omitempty"`  // median of the fastest
	Fastest string  `json:"fastest,omitempty"` // name of the fastest
	Ratio   float64 `json:"ratio,omitempty"`   // theirs/ours
	Low     float64 `json:"low,omitempty"`     // smallest and largest ratio of a round
	High    float64 `json:"high,omitempty"`
	Target  float64 `json:"target,omitempty"`  // least Ratio
	Limit   float64 `json:"limit,omitempty"`   // largest Ours
	Missing string  `json:"missing,omitempty"` // tasks without a measurement
}

// met reports whether a line reaches its target and keeps its limit.
func (l line) met() bool { return l.Ratio >= l.Target && (l.Limit == 0 || l.Ours <= l.Limit) }

// lines computes the lines of the rows.
func lines(rows []row, results map[task]*result) []line {
	var all []line
	for _, r := range rows {
		all = append(all, r.line(results))
	}
	return all
}

func (r row) line(results map[task]*result) line {
	l := line{Name: r.Name, Unit: r.Unit, Target: r.Target, Limit: r.Limit}
	ours := results[r.Ours]
	if ours == nil {
		l.Missing = r.Ours.String()
		return l
	}
	l.Ours = ours.median() * r.Scale
	if len(r.Theirs) == 0 {
		return l
	}
	theirs, scale := r.fastest(results)
	if theirs == nil {
		l.Missing = r.Theirs[0].task.String()
		return l
	}
	l.Theirs, l.Fastest = theirs.median()*scale, theirs.Name
	l.Ratio = l.Theirs / l.Ours
	l.Low, l.High = math.Inf(1), 0
	for i := range min(len(ours.Rounds), len(theirs.Rounds)) {
		ratio := estimate.Median(theirs.Rounds[i]) * scale / (estimate.Median(ours.Rounds[i]) * r.Scale)
		l.Low, l.High = min(l.Low, ratio), max(l.High, ratio)
	}
	return l
}

// fastest returns the entry with the smallest median, or nil if none was measured.
func (r row) fastest(results map[task]*result) (*result, float64) {
	var best *result
	var scale float64
	for _, e := range r.Theirs {
		if s := results[e.task]; s != nil && (best == nil || s.median()*e.scale < best.median()*scale) {
			best, scale = s, e.scale
		}
	}
	return best, scale
}

// median is the median over the rounds of the median over a round's blocks.
func (s *result) median() float64 {
	var rounds []float64
	for _, samples := range s.Rounds {
		rounds = append(rounds, estimate.Median(samples))
	}
	return estimate.Median(rounds)
}

// writeTable prints the lines as a Markdown table that is also aligned for a terminal.
func writeTable(w io.Writer, all []line) error {
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	rows := [][]string{
		{"workload", "harmonium", "other", "ratio (lowest to highest)", "wanted", ""},
		{"---", "---", "---", "---", "---", "---"},
	}
	for _, l := range all {
		rows = append(rows, l.cells())
	}
	for _, cells := range rows {
		fmt.Fprintf(t, "| %s\t|\n", strings.Join(cells, "\t| "))
	}
	return t.Flush()
}

// cells returns the columns of the table.
func (l line) cells() []string {
	cells := []string{l.Name, "", "", "", "", ""}
	if l.Ours > 0 {
		cells[1] = figure(l.Ours) + " " + l.Unit
	}
	if l.Missing != "" {
		cells[3] = "not measured: " + l.Missing
		return cells
	}
	if l.Theirs > 0 {
		cells[2] = figure(l.Theirs) + " " + l.Unit
		cells[3] = fmt.Sprintf("%.2f (%.2f to %.2f)", l.Ratio, l.Low, l.High)
	}
	switch {
	case l.Target > 0:
		cells[4] = fmt.Sprintf("at least %g", l.Target)
	case l.Limit > 0:
		cells[4] = fmt.Sprintf("at most %g %s", l.Limit, l.Unit)
	default:
		return cells
	}
	cells[5] = "missed"
	if l.met() {
		cells[5] = "met"
	}
	return cells
}

// figure formats a number with three digits, or with all digits before the point.
func figure(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
