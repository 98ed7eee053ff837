package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// printTable prints a table in Markdown. rows holds the measurements of each experiment, one for each seed.
func printTable(w io.Writer, title string, rows [][]measurement) {
	fmt.Fprintf(w, "## %s\n\n", title)
	fmt.Fprintln(w, "| run | training | log-likelihood, by seed | mean, deviation | train | reverse AIS differs by, nats "+
		"| variance of log w, AIS and reverse |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, row := range rows {
		fmt.Fprintln(w, "| "+strings.Join(cells(row), " | ")+" |")
	}
	fmt.Fprintln(w)
}

// cells returns the cells of a row of a table, in the order of the columns of printTable. Log-likelihoods are
// in nats a row of the data. The last two cells are about AIS and have the largest values over the seeds: the
// distance of log Z by reverse AIS from log Z by AIS, in nats, and the variance of log w in both directions.
func cells(row []measurement) []string {
	var seconds, values, train []float64
	var texts []string
	var off, forward, reverse float64
	estimated := false // whether log Z is from AIS
	for _, m := range row {
		seconds, values = append(seconds, m.Training), append(values, m.Test.Value)
		texts = append(texts, m.Test.String())
		if m.Train != nil {
			train = append(train, m.Train.Value)
		}
		if t := m.Test; t.ReverseLogZ != nil {
			estimated = true
			off = max(off, math.Abs(*t.ReverseLogZ-t.LogZ))
			forward, reverse = max(forward, *t.VarLogW), max(reverse, *t.ReverseVarLogW)
		}
	}
	list := []string{row[0].Name, duration(stat.Mean(seconds, nil)), strings.Join(texts, ", "),
		fmt.Sprintf("%.2f, %.2f", stat.Mean(values, nil), stat.StdDev(values, nil)), "", "", ""}
	if row[0].Test.Method == "exact" {
		list[5] = "exact"
		if row[0].Train == nil { // only training rows: bars and stripes, where seeds differ by hundredths
			list[3] = fmt.Sprintf("%.3f, %.3f", stat.Mean(values, nil), stat.StdDev(values, nil))
		}
	}
	if train != nil {
		list[4] = fmt.Sprintf("%.2f", stat.Mean(train, nil))
	}
	if estimated {
		list[5], list[6] = fmt.Sprintf("%.2f", off), fmt.Sprintf("%.2f, %.2f", forward, reverse)
	}
	return list
}

// String returns the value in nats a row, and its interval unless it is exact. The interval is by
// three standard errors of log Z, and unbounded where AIS has not converged.
func (l likelihood) String() string {
	if l.Method == "exact" {
		return fmt.Sprintf("%.3f", l.Value)
	}
	low, high := "unbounded", "unbounded"
	if l.Low != nil {
		low = fmt.Sprintf("%.2f", *l.Low)
	}
	if l.High != nil {
		high = fmt.Sprintf("%.2f", *l.High)
	}
	return fmt.Sprintf("%.2f (%s to %s)", l.Value, low, high)
}

// duration formats a time in seconds, or in minutes and seconds from 100 s on.
func duration(seconds float64) string {
	if s := int(math.Round(seconds)); s >= 100 {
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%.0f s", seconds)
}
