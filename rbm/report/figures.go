package report

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Chosen between the detail and the size of a page.
const (
	mostDots = 2000 // points of a cloud, at most
	mostBars = 48   // columns in a plot of means, at most
	mostRows = 24   // rows in a map of rows, at most

	picturesAcross = 8 // pictures in a line of a sheet, at most
)

// figures returns the figures of the looks, given log Z of the model or nil. Those whose data are missing have
// no body.
func (l *Looks) figures(logZ *float64) []figure {
	if l == nil {
		return nil
	}
	list := l.pictures()
	if l.dataMeans != nil {
		list = append(list, l.marginals(), l.covariances(), l.planes(), l.probability(logZ))
	}
	return append(list, l.weightHistogram(), l.activityHistogram(), l.neighbourFigure())
}

// pictures shows samples beside rows, and the weights of hidden units, as pictures or as maps.
func (l *Looks) pictures() []figure {
	list := []figure{l.samplesFigure()}
	switch {
	case l.Hidden == 0:
	case l.Width == 0:
		list = append(list, figure{"Weights", "Columns against hidden units, each with its own scale: blue is positive, orange negative, white 0. Of many units, the shown ones are spread over their order by the norm of their weights.", l.weightMap()})
	default:
		list = append(list, l.filtersFigure())
	}
	return list
}

// samplesFigure shows samples, or chains of the training, and rows beside them.
func (l *Looks) samplesFigure() figure {
	rowsTitle := ""
	if l.rows != nil {
		rowsTitle = longNameOf(l.split) + " rows"
	}
	samples := figure{title: "Samples beside rows", caption: fmt.Sprintf("Means of chains of the model after %d Gibbs steps from random states", sampledSteps)}
	if l.chains {
		samples.title, samples.caption = "Chains of the training", "Means of the visible units of the chains at the last checkpoint."
	} else if rowsTitle == "" {
		samples.title = "Samples"
		samples.caption += "."
	} else {
		samples.caption += ", and " + rowsTitle + " of the data as states. They should look alike, and equally varied."
	}
	if l.Width == 0 {
		samples.caption += " White is the upper value of a column, black the lower."
		samples.body = l.rowMap("samples", l.samples) + l.rowMap(rowsTitle, l.rows)
		return samples
	}
	if l.samples != nil {
		samples.body = l.tiles("samples", l.samples)
	}
	if rowsTitle != "" {
		samples.body += l.tiles(rowsTitle, l.rows)
	}
	return samples
}

// filtersFigure shows the weights of hidden units as pictures. Weights to the columns of a label count in the scale
// of a unit but are not shown.
func (l *Looks) filtersFigure() figure {
	filters := slices.Clone(l.filters)
	if l.levels > 0 {
		filters = Rises(filters, l.levels)
		scale(filters, l.Width*l.Height)
	} else {
		scale(filters, l.Visible)
		filters = l.unlabelled(filters)
	}
	body := picture(sheet(filters, l.Width, l.Height, min(picturesAcross, len(l.order)), diverging), "weights of hidden units as pictures")
	return figure{"Filters", fmt.Sprintf("Weights of %d of %d hidden units, each with its own scale: blue is positive, orange negative, white 0. They are spread over the order of all by norm, and the strongest come first.", len(l.order), l.Hidden), body}
}

// leastScale is the least weight that a picture of weights shows in full color: the default standard deviation of
// initial weights. So units whose weights have decayed to almost 0 look empty.
const leastScale = 0.01

// scale divides each filter of a given size by its largest absolute weight, or by leastScale if that is larger.
func scale(filters []float32, size int) {
	for filter := range slices.Chunk(filters, size) {
		largest := float32(leastScale)
		for _, w := range filter {
			largest = max(largest, w, -w)
		}
		for i := range filter {
			filter[i] /= largest
		}
	}
}

// Rises returns how much weights w_a (n,q) to the q levels of n units rise with the level a: Σ_a (a/(q-1) - ½) w_a
// for each unit. A number added to all weights of a unit, which acts as a bias, does not change it.
func Rises(weights []float32, q int) []float32 {
	rises := make([]float32, 0, len(weights)/q)
	for unit := range slices.Chunk(weights, q) {
		var sum float64
		for a, w := range unit {
			sum += (float64(a)/float64(q-1) - 0.5) * float64(w)
		}
		rises = append(rises, float32(sum))
	}
	return rises
}

// tiles shows rows as pictures, in half of the page's width.
func (l *Looks) tiles(name string, rows []float32) string {
	return fmt.Sprintf(`<div class="half"><p class="over">%s</p>%s</div>`, html.EscapeString(name),
		picture(sheet(l.unlabelled(rows), l.Width, l.Height, picturesAcross, grey), name+" as pictures"))
}

// rowMap shows the first rows of those that are no pictures as lines of a map.
func (l *Looks) rowMap(name string, rows []float32) string {
	if len(rows) == 0 {
		return ""
	}
	rows = rows[:min(len(rows), mostRows*l.Visible)]
	return heat{title: name, x: "columns", y: name, values: rows, columns: l.Visible, names: l.Names, paint: grey}.svg()
}

// weightMap shows the weights of hidden units as lines of a map.
func (l *Looks) weightMap() string {
	filters := slices.Clone(l.filters)
	scale(filters, l.Visible)
	var units []string
	for _, j := range l.order {
		units = append(units, fmt.Sprint(j+1))
	}
	return heat{title: "weights", x: "columns", y: "hidden units", values: filters, columns: l.Visible, names: l.Names, lines: units, paint: diverging}.svg()
}

// marginals compares the means of columns: by dots where rows are pictures, and else by bars with names.
func (l *Looks) marginals() figure {
	f := figure{title: "Means of columns", caption: fmt.Sprintf("Largest difference %.3f (training rows %.3f).", l.likeness.Marginal, l.yardstick.Marginal)}
	if l.Width > 0 {
		f.body = scatter{title: f.title, x: longNameOf(l.split) + " rows", y: "samples", label: f.caption, diagonal: true,
			clouds: []cloud{{k: 0, x: thinned(l.dataMeans, mostDots), y: thinned(l.sampleMeans, mostDots)}}}.svg()
		return f
	}
	columns := make([]int, l.Visible)
	for i := range columns {
		columns[i] = i
	}
	if l.Visible > mostBars {
		difference := func(i int) float64 { return math.Abs(l.dataMeans[i] - l.sampleMeans[i]) }
		slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(difference(b), difference(a)) })
		columns = columns[:mostBars]
		f.caption += fmt.Sprintf(" Of %d columns the %d with the largest differences are shown.", l.Visible, mostBars)
	}
	var list []bar
	for _, i := range columns {
		list = append(list, bar{l.Names[i], l.dataMeans[i], l.sampleMeans[i]})
	}
	f.body = bars(f.title, list)
	return f
}

// covariances compares the covariances of pairs of columns.
func (l *Looks) covariances() figure {
	x, y := thinned(l.dataCovariances, mostDots), thinned(l.sampleCovariances, mostDots)
	f := figure{title: "Covariances of pairs of columns", caption: fmt.Sprintf("Pearson correlation %.3f of samples with %s rows; as many training rows as chains have %.3f.", l.likeness.Correlation, longNameOf(l.split), l.yardstick.Correlation)}
	if len(x) < len(l.dataCovariances) {
		f.caption += fmt.Sprintf(" The figure shows %d of %d pairs.", len(x), len(l.dataCovariances))
	}
	f.body = scatter{title: f.title, x: longNameOf(l.split) + " rows", y: "samples", label: f.caption, diagonal: true, clouds: []cloud{{k: 0, x: x, y: y}}}.svg()
	return f
}

// thinned returns at most the given number of values, spread evenly over x.
func thinned[T any](x []T, most int) []T {
	if len(x) <= most {
		return x
	}
	few := make([]T, most)
	for i := range few {
		few[i] = x[i*len(x)/most]
	}
	return few
}

// planes shows rows and samples in the plane of the rows' principal axes.
func (l *Looks) planes() figure {
	f := figure{title: "Principal components"}
	if l.dataX == nil {
		return f
	}
	f.caption = fmt.Sprintf("The plane in which %s rows vary most, with %s of their variance. Samples should cover all that rows cover, and no more.", longNameOf(l.split), percent(l.plane.shares[0]+l.plane.shares[1]))
	f.body = scatter{title: f.title, x: "first component, " + percent(l.plane.shares[0]), y: "second, " + percent(l.plane.shares[1]), label: f.caption,
		clouds: []cloud{{l.split + " rows", 0, l.dataX, l.dataY}, {"samples", 1, l.samplesX, l.samplesY}}}.svg()
	return f
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// probability shows how log p is distributed over rows and samples.
func (l *Looks) probability(logZ *float64) figure {
	f := figure{title: "log p of rows and samples", caption: "Held-out rows to the left of training rows indicate overfitting, and rows without samples beside them lost modes."}
	x, shift := "log p (nats)", 0.0
	if logZ == nil {
		x = "log p + log Z (nats), unnormalised"
		f.caption += " Log Z is not known, so the axis shows the negative free energy, log p up to a constant."
	} else {
		shift = -*logZ
	}
	c := histogram{title: f.title, x: x}
	colors := []int{0, 1, 1, 2} // held-out rows are either validation or test rows
	for i, kind := range []string{"train", "valid", "test", "samples"} {
		if values := l.logP[kind]; values != nil {
			c.groups = append(c.groups, groupOf(kind, colors[i], values, 1, shift))
		}
	}
	f.body = c.svg()
	return f
}

func (l *Looks) weightHistogram() figure {
	c := histogram{title: "Weights", x: "weight", groups: []group{{"weights", 0, l.weights}}}
	caption := fmt.Sprintf("%d visible times %d hidden units", l.Visible, l.Hidden)
	if l.coupled {
		caption += ", and couplings among the visible ones"
	}
	return figure{"Histogram of weights", caption + ".", c.svg()}
}

func (l *Looks) activityHistogram() figure {
	if l.Hidden == 0 {
		return figure{title: "Histogram of activities"}
	}
	c := histogram{title: "Activities", x: "mean of a hidden unit on training rows", groups: []group{{"units", 0, l.activities}}}
	caption := "Units near 0 or 1 are in one state on nearly all rows."
	if l.realHidden != nil {
		caption = "Means of units with real states may be any number; others near 0 or 1 are in one state on nearly all rows."
	}
	if dead := l.dead(); len(dead) > 0 {
		caption += " Dead units: " + names(dead, 40) + "."
	} else {
		caption += " No unit is dead."
	}
	return figure{"Histogram of activities", caption, c.svg()}
}

// neighbourFigure shows samples beside the training rows that differ least from them.
func (l *Looks) neighbourFigure() figure {
	f := figure{title: "Nearest training rows"}
	if len(l.neighbours) == 0 {
		return f
	}
	n := len(l.neighbours)
	f.caption = "Each sample with the training row that differs from it in the fewest columns."
	if l.stride > 1 {
		f.caption += fmt.Sprintf(" One training row in %d was searched.", l.stride)
	}
	if l.heldDistance >= 0 {
		f.caption += fmt.Sprintf(" The median over these samples is %d columns, and over at most as many %s rows %d: a much smaller one for samples indicates that the model repeats training rows.",
			medianDistance(l.neighbours), longNameOf(l.split), l.heldDistance)
	}
	var b strings.Builder
	if l.Width > 0 {
		b.WriteString(l.tiles("samples", l.samples[:n*l.Visible]))
		b.WriteString(l.tiles("nearest training rows", l.trained))
	}
	b.WriteString(`<table><thead><tr><th scope="col">sample</th><th scope="col">nearest training row</th><th scope="col">columns that differ</th></tr></thead><tbody>`)
	for k, neighbour := range l.neighbours {
		fmt.Fprintf(&b, "<tr><td>%d</td><td>%d</td><td>%d of %d</td></tr>", k+1, neighbour.Row+1, neighbour.Distance, l.Visible)
	}
	b.WriteString("</tbody></table>")
	f.body = `<div class="scroll" tabindex="0" role="region" aria-label="nearest training rows">` + b.String() + "</div>"
	return f
}
