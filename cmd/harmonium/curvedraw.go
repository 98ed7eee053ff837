package main

import (
	"cmp"
	"image/color"
	"io"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"harmonium/rbm/report"
)

const (
	// markedPoints is the number of points from which a line is drawn without markers. It is chosen: more markers would
	// touch each other.
	markedPoints = 40

	namePitch = 11 // points of 1/72 inch between two names beside the curves, at least: the height of their text
)

// curveColors distinguish runs, together with the shapes of their markers.
var curveColors = report.Colors()

var curveShapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{},
	draw.SquareGlyph{}, draw.CrossGlyph{}}

// curveName is the name of a line or of points beside their last value.
type curveName struct {
	text  string
	style draw.TextStyle
	y     vg.Length
}

// writeCurves draws runs in the format of an extension and a size.
func writeCurves(w io.Writer, format string, width, height vg.Length, runs []curve) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "updates", "log-likelihood (nats a row)"
	p.X.Tick.Marker, p.Y.Tick.Marker = plainTicks{}, plainTicks{}
	p.Add(plotter.NewGrid())
	setRange(p, runs)
	for i, c := range runs {
		c.addTo(p, curveColors[i%len(curveColors)], curveShapes[i%len(curveShapes)])
	}
	setRange(p, runs) // again: each curve that was added has widened the axes to all its values
	names := curveNames(p, runs)
	var widest vg.Length // the names stand to the right of the plot
	for _, n := range names {
		widest = max(widest, n.style.Width(n.text))
	}
	return writeFigure(w, format, width, height, func(c draw.Canvas) { // names take half of the width at most
		inner := draw.Crop(c, vg.Millimeter, -min(widest+4*vg.Millimeter, width/2), vg.Millimeter, -2*vg.Millimeter)
		p.Draw(inner)
		area := p.DataCanvas(inner)
		_, toY := p.Transforms(&area)
		drawNames(c, area, names, toY, runs)
	})
}

// curveNames returns a name for each line and for the points of each run.
func curveNames(p *plot.Plot, runs []curve) []curveName {
	var names []curveName
	for i, c := range runs {
		style := p.Legend.TextStyle
		style.Color = curveColors[i%len(curveColors)]
		style.YAlign = draw.YCenter
		for _, s := range c.drawnSeries() {
			names = append(names, curveName{text: c.name + " " + s.name, style: style})
		}
	}
	return names
}

// namedSeries is a line or the points of a run, with the name beside it.
type namedSeries struct {
	name   string
	values []likelihoodAt
}

// drawnSeries returns what is drawn of a run, in the order of its names.
func (c *curve) drawnSeries() (list []namedSeries) {
	for _, s := range []namedSeries{{"train", c.train}, {"valid", c.valid}, {c.split + " (points)", c.evaluated}} {
		if len(s.values) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// drawNames writes the names to the right of the curves, at the height of their ends but apart from
// each other.
func drawNames(c draw.Canvas, area draw.Canvas, names []curveName, toY func(float64) vg.Length, runs []curve) {
	k := 0 // curveNames has the same order
	for _, r := range runs {
		for _, s := range r.drawnSeries() {
			end := toY(s.values[len(s.values)-1].value)
			names[k].y = min(max(end, area.Min.Y), area.Max.Y)
			k++
		}
	}
	slices.SortStableFunc(names, func(a, b curveName) int { return cmp.Compare(b.y, a.y) }) // the highest first
	for i := range names[1:] {
		names[i+1].y = min(names[i+1].y, names[i].y-namePitch)
	}
	if last := &names[len(names)-1]; last.y < area.Min.Y { // below the plot: push them up again
		last.y = area.Min.Y
		for i := len(names) - 2; i >= 0; i-- {
			names[i].y = max(names[i].y, names[i+1].y+namePitch)
		}
	}
	for _, n := range names {
		c.FillText(n.style, vg.Point{X: area.Max.X + 2*vg.Millimeter, Y: n.y}, n.text)
	}
}

// addTo draws a run to a plot whose range is set.
func (c *curve) addTo(p *plot.Plot, shade color.NRGBA, shape draw.GlyphDrawer) {
	if len(c.train) > 0 {
		faint := shade
		faint.A = 0x30
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{band(c.train, p.Y.Min, p.Y.Max)}, Color: faint})
		addLine(p, c.train, shade, shape, nil)
	}
	addLine(p, c.valid, shade, shape, []vg.Length{vg.Points(4), vg.Points(2)})
	if len(c.evaluated) > 0 {
		bars := &plotter.YErrorBars{XYs: points(c.evaluated), YErrors: errorBars(c.evaluated, p.Y.Min, p.Y.Max),
			LineStyle: plotter.DefaultLineStyle, CapWidth: 2 * vg.Millimeter}
		bars.Color = shade
		p.Add(bars, &plotter.Scatter{XYs: points(c.evaluated),
			GlyphStyle: draw.GlyphStyle{Color: shade, Radius: vg.Points(3.5), Shape: shape}})
	}
}

// addLine draws a line. A line of few points, which may be hard to see, has markers.
func addLine(p *plot.Plot, series []likelihoodAt, shade color.NRGBA, shape draw.GlyphDrawer, dashes []vg.Length) {
	if len(series) == 0 {
		return
	}
	line := &plotter.Line{XYs: points(series), LineStyle: plotter.DefaultLineStyle}
	line.Color, line.Dashes, line.Width = shade, dashes, vg.Points(1.2)
	p.Add(line)
	if len(series) < markedPoints {
		p.Add(&plotter.Scatter{XYs: points(series), GlyphStyle: draw.GlyphStyle{Color: shade, Radius: vg.Points(2), Shape: shape}})
	}
}

// points returns the values of a series by update.
func points(series []likelihoodAt) plotter.XYs {
	var xys plotter.XYs
	for _, e := range series {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: e.value})
	}
	return xys
}

// band is a polygon along the upper bounds and back along the lower bounds, clipped to the
// bottom and the top of the picture.
func band(series []likelihoodAt, bottom, top float64) plotter.XYs {
	var xys plotter.XYs
	for _, e := range series {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: min(e.high, top)})
	}
	for _, e := range slices.Backward(series) {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: max(e.low, bottom)})
	}
	return xys
}

// errorBars returns the intervals, clipped like a band, as distances from the values.
func errorBars(series []likelihoodAt, bottom, top float64) plotter.YErrors {
	var errors plotter.YErrors
	for _, e := range series {
		errors = append(errors, struct{ Low, High float64 }{e.value - max(e.low, bottom), min(e.high, top) - e.value})
	}
	return errors
}

// plainTicks are the usual ticks, with labels of no more digits than they need.
type plainTicks struct{ plot.DefaultTicks }

func (t plainTicks) Ticks(low, high float64) []plot.Tick {
	ticks := t.DefaultTicks.Ticks(low, high)
	for i, tick := range ticks {
		if tick.Label != "" {
			ticks[i].Label = strconv.FormatFloat(tick.Value, 'g', 8, 64)
		}
	}
	return ticks
}
