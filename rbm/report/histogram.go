package report

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// histogramBins is chosen: the 298 pixels between the axes of a chart show bins of 7, and a thousand values fill them.
const histogramBins = 40

// headroom is the height of a histogram in heights of its tallest bin (chosen): its line stays off the frame.
const headroom = 1.08

// group is a set of values in a histogram.
type group struct {
	name   string
	k      int // number of its color and dash
	values []float64
}

// histogram shows how values are distributed, by outlines of the shares in equal bins.
type histogram struct {
	title, x string
	groups   []group
}

func (c histogram) svg() string {
	var all []float64
	for _, s := range c.groups {
		for _, v := range s.values {
			if finite(v) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	x := spread(all, leftMargin, chartWidth-rightMargin)
	shares := make([][]float64, len(c.groups))
	top := 0.0
	for i, s := range c.groups {
		shares[i] = share(s.values, x)
		top = max(top, slices.Max(shares[i]))
	}
	y := axis{0, headroom * top, chartHeight - lowerMargin, topMargin}
	var b strings.Builder
	begin(&b, chartWidth, chartHeight, c.title+". "+c.summary())
	drawAxes(&b, x, y, c.x, "share")
	for i, s := range c.groups {
		if len(s.values) == 0 {
			continue
		}
		s.outline(&b, x, y, shares[i])
		if len(c.groups) > 1 {
			line := legendLine(i)
			fmt.Fprintf(&b, `<path class="line s%d"%s d="M%d %.0fh16"/><text class="name s%d" x="%d" y="%.0f">%s</text>`,
				s.k, dashOf(s.k), chartWidth-rightMargin+6, line-4, s.k, chartWidth-rightMargin+26, line, html.EscapeString(s.name))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

// share returns the share of the values that lies in each bin of an axis. Values that are not finite lie in none.
func share(values []float64, x axis) []float64 {
	bins := make([]float64, histogramBins)
	for _, v := range values {
		if finite(v) {
			bins[min(int((v-x.low)/(x.high-x.low)*histogramBins), histogramBins-1)] += 1 / float64(len(values))
		}
	}
	return bins
}

// outline draws the bins of one group.
func (s group) outline(b *strings.Builder, x, y axis, shares []float64) {
	width := (x.to - x.from) / histogramBins
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f %.1f", x.from, y.from)
	for _, v := range shares {
		fmt.Fprintf(&d, "V%.1fh%.2f", y.at(v), width)
	}
	fmt.Fprintf(&d, "V%.1f", y.from)
	fmt.Fprintf(b, `<path class="band s%d" d="%sz"/><path class="line s%d"%s d="%s"/>`, s.k, d.String(), s.k, dashOf(s.k), d.String())
}

// summary gives the number, the ends and the median of each group.
func (c histogram) summary() string {
	var parts []string
	for _, s := range c.groups {
		sorted := slices.DeleteFunc(slices.Sorted(slices.Values(s.values)), func(v float64) bool { return !finite(v) })
		if n := len(sorted); n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d values from %s to %s, median %s", s.name, n, number(sorted[0]), number(sorted[n-1]), number(sorted[n/2])))
		}
	}
	return strings.Join(parts, "; ")
}
