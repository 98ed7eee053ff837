package report

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The size of a chart in its own pixels. A page scales it to its column.
const (
	chartWidth, chartHeight                         = 460, 290
	leftMargin, rightMargin, topMargin, lowerMargin = 58, 104, 32, 44
	labelPitch                                      = 14 // pixels from one name at the end of a line to the next
	nameLetters                                     = 14 // of a name beside a chart, at most: they fit into 100 pixels

	// depth limits how far below the median an axis of log-likelihoods reaches, in units of the
	// distance from the median to the top. It is chosen: the first estimates fall below it and later ones do not.
	depth = 6
	// shortSeries is the number of values from which some may be left out. A short run shows all. It is chosen: the
	// median of fewer values may be one of the first estimates.
	shortSeries = 12
)

// legendLine returns the base line of name i, from 0, in the legend to the right of a chart. Names are 18 pixels apart,
// which is chosen.
func legendLine(i int) float64 { return topMargin + 14 + 18*float64(i) }

// point is a value of a series with its interval; missing bounds are infinite.
type point struct{ x, y, low, high float64 }

// pointAt returns a point without an interval.
func pointAt(x, y float64) point { return point{x, y, y, y} }

// series is a line of a chart.
type series struct {
	name   string
	k      int  // number of its color, dash and marker
	marks  bool // points with error bars in place of a line
	points []point
}

// chart is a plot of series against a common horizontal axis.
type chart struct {
	title, x, y string
	series      []series
	skip        bool // values far below the rest are left out
}

// svg draws the chart, or returns "" if it has no point.
func (c chart) svg() string {
	xs, ys := c.values()
	if len(ys) == 0 {
		return ""
	}
	x := spread(xs, leftMargin, chartWidth-rightMargin)
	y := spread(ys, chartHeight-lowerMargin, topMargin)
	if c.skip {
		y.low = max(y.low, AxisBottom(ys))
	}
	var b strings.Builder
	begin(&b, chartWidth, chartHeight, c.title+". "+c.summary())
	drawAxes(&b, x, y, c.x, c.y)
	for _, s := range c.series {
		s.drawBand(&b, x, y)
	}
	for _, s := range c.series {
		s.draw(&b, x, y)
	}
	c.drawNames(&b, y)
	b.WriteString("</svg>")
	return b.String()
}

// values returns the coordinates of all points. Their intervals, which may be infinite, do not widen the axes.
func (c chart) values() (xs, ys []float64) {
	for _, s := range c.series {
		for _, p := range s.points {
			xs, ys = append(xs, p.x), append(ys, p.y)
		}
	}
	return xs, ys
}

// AxisBottom returns where an axis of some log-likelihoods, at least one, begins: depth below the median, or -Inf
// if the axis must show all. The first estimates of a run may be far below the rest.
func AxisBottom(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	low, median, top := sorted[0], sorted[len(sorted)/2], sorted[len(sorted)-1]
	if cut := median - depth*(top-median); len(values) >= shortSeries && top > median && cut > low {
		return cut
	}
	return math.Inf(-1)
}

// summary says where each series ends, for readers who do not see the chart.
func (c chart) summary() string {
	var parts []string
	for _, s := range c.series {
		if n := len(s.points); n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d values, the last %s at %s", s.name, n, number(s.points[n-1].y), number(s.points[n-1].x)))
		}
	}
	return strings.Join(parts, "; ")
}

// begin opens a picture with a label.
func begin(b *strings.Builder, width, height int, label string) {
	fmt.Fprintf(b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, html.EscapeString(label))
}

// drawAxes draws grid, ticks and titles.
func drawAxes(b *strings.Builder, x, y axis, xTitle, yTitle string) {
	lines := y.ticks(5)
	for i, text := range tickTexts(lines) {
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %.1fH%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			x.from, y.at(lines[i]), x.to, x.from-6, y.at(lines[i])+4, text)
	}
	marks := x.ticks(5)
	for i, text := range tickTexts(marks) {
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %.1fv4"/><text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			x.at(marks[i]), y.from, x.at(marks[i]), y.from+17, text)
	}
	fmt.Fprintf(b, `<path class="axis" d="M%.1f %.1fV%.1fH%.1f"/>`, x.from, y.to, y.from, x.to)
	fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, (x.from+x.to)/2, y.from+36, html.EscapeString(xTitle))
	fmt.Fprintf(b, `<text class="tick" x="4" y="%.1f">%s</text>`, y.to-16, html.EscapeString(yTitle))
}

// drawBand draws the interval of a line.
func (s series) drawBand(b *strings.Builder, x, y axis) {
	if s.marks || !slices.ContainsFunc(s.points, func(p point) bool { return p.low != p.y || p.high != p.y }) {
		return
	}
	var d strings.Builder
	for i, p := range s.points {
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], x.at(p.x), y.at(p.high))
	}
	for _, p := range slices.Backward(s.points) {
		fmt.Fprintf(&d, "L%.1f %.1f", x.at(p.x), y.at(p.low))
	}
	fmt.Fprintf(b, `<path class="band s%d" d="%sz"/>`, s.k%len(seriesShades), d.String())
}

// draw draws the line, and markers at about eight of its points, or error bars with a marker at each point.
func (s series) draw(b *strings.Builder, x, y axis) {
	k := s.k % len(seriesShades)
	var line, marks strings.Builder
	every := max(1, (len(s.points)+7)/8)
	pen := false
	for i, p := range s.points {
		if !y.holds(p.y) {
			pen = false
			continue
		}
		px, py := x.at(p.x), y.at(p.y)
		switch {
		case s.marks:
			if p.low != p.high {
				fmt.Fprintf(&line, "M%.1f %.1fV%.1fm-3 0h6M%.1f %.1fh6", px, y.at(p.low), y.at(p.high), px-3, y.at(p.low))
			}
		case pen:
			fmt.Fprintf(&line, "L%.1f %.1f", px, py)
		default:
			fmt.Fprintf(&line, "M%.1f %.1f", px, py)
		}
		pen = true
		if s.marks || i%every == 0 || i == len(s.points)-1 {
			marks.WriteString(marker(k, px, py))
		}
	}
	dash := ""
	if !s.marks {
		dash = dashOf(k)
	}
	fmt.Fprintf(b, `<path class="line s%d"%s d="%s"/><path class="mark s%d" d="%s"/>`, k, dash, line.String(), k, marks.String())
}

// drawNames writes the names of the series beside their ends. It moves names down until they are apart from each
// other, and then up again as far as the last ones would leave the chart. Below the name of a line that ends
// under the axis stands its last value.
func (c chart) drawNames(b *strings.Builder, y axis) {
	type label struct {
		k     int
		lines []string
		y     float64
	}
	var labels []label
	var names []string
	for _, s := range c.series {
		names = append(names, s.name)
	}
	names = shorten(names, nameLetters)
	for i, s := range c.series {
		n := len(s.points)
		if n == 0 {
			continue
		}
		last := s.points[n-1].y
		l := label{s.k % len(seriesShades), []string{html.EscapeString(names[i])}, y.at(last)}
		if !y.holds(last) {
			l.lines = append(l.lines, "↓ "+short(last))
		}
		labels = append(labels, l)
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	height := func(l label) float64 { return float64(labelPitch * len(l.lines)) }
	for i := range labels {
		if i > 0 {
			labels[i].y = max(labels[i].y, labels[i-1].y+height(labels[i-1]))
		}
	}
	end := y.from + labelPitch // the last name may stand beside the bottom of the axis
	for i := range slices.Backward(labels) {
		labels[i].y = min(labels[i].y, end-height(labels[i]))
		end = labels[i].y
	}
	for _, l := range labels {
		for i, line := range l.lines {
			fmt.Fprintf(b, `<text class="name s%d" x="%d" y="%.1f">%s</text>`, l.k, chartWidth-rightMargin+8, l.y+4+float64(labelPitch*i), line)
		}
	}
}
