package main

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"harmonium/rbm/likelihood"
	"harmonium/store"
)

const (
	reportWidth, reportHeight = 26 * vg.Centimeter, 11 * vg.Centimeter
	reportBins                = 30
)

// side is one kind of estimate of log Z in the picture.
type side struct {
	name  string
	color color.NRGBA
	of    func(likelihood.Comparison) *likelihood.Partition
}

var (
	forwardSide = side{"AIS", color.NRGBA{0x1f, 0x77, 0xb4, 0xff},
		func(c likelihood.Comparison) *likelihood.Partition { return c.Forward }}
	reverseSide = side{"reverse AIS", color.NRGBA{0xd9, 0x5f, 0x02, 0xff},
		func(c likelihood.Comparison) *likelihood.Partition { return c.Reverse }}
	bennettSide = side{"both (Bennett)", color.NRGBA{0x33, 0x33, 0x33, 0xff},
		func(c likelihood.Comparison) *likelihood.Partition { return c.Bennett }}
)

// writeReportPicture writes two plots side by side to a PNG file: a histogram of log Z by
// each single run of the longest schedule, in both directions, and the estimates with their
// intervals against the number of betas.
func writeReportPicture(path string, r *likelihood.Report) error {
	plots := [][]*plot.Plot{{logWeightPlot(r), schedulePlot(r.Comparisons)}}
	image := vgimg.New(reportWidth, reportHeight)
	canvas := draw.New(image)
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Centimeter, PadTop: vg.Millimeter, PadRight: 3 * vg.Millimeter}
	for i, c := range plot.Align(plots, tiles, canvas)[0] {
		plots[0][i].Draw(c)
	}
	return store.WriteAtomic(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: image}.WriteTo(w)
		return err
	})
}

func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = 2 * vg.Millimeter
	p.Legend.Top = true
	p.Legend.Padding = vg.Millimeter
	return p
}

// logWeightPlot is the histogram of log Z_0 + log w and of log Z_0 - log w'.
func logWeightPlot(r *likelihood.Report) *plot.Plot {
	last := r.Last()
	p := newPlot(fmt.Sprintf("log-weights of %d runs, %d betas", last.Forward.Runs, last.Betas), "log Z by one run (nats)", "runs")
	values := map[string][]float64{forwardSide.name: shifted(last.Forward.LogWeights, 1, r.LogBase)}
	sides := []side{forwardSide}
	if last.Reverse != nil {
		sides = append(sides, reverseSide)
		values[reverseSide.name] = shifted(last.Reverse.LogWeights, -1, r.LogBase)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, slices.Min(v)), max(high, slices.Max(v))
	}
	for _, s := range sides {
		h := histogram(values[s.name], low, high)
		fill := s.color
		fill.A = 0x80
		h.FillColor, h.LineStyle.Color = fill, s.color
		p.Add(h)
		p.Legend.Add(s.name, h)
	}
	p.Y.Min = 0
	p.Y.Max *= 1.2 // room for the legend
	return p
}

// shifted returns sign·x + shift.
func shifted(x []float64, sign, shift float64) []float64 {
	y := make([]float64, len(x))
	for i, x := range x {
		y[i] = sign*x + shift
	}
	return y
}

// histogram counts values in bins between low and high.
func histogram(values []float64, low, high float64) *plotter.Histogram {
	width := (high - low) / reportBins
	if width == 0 {
		low, width = low-0.5, 1./reportBins
	}
	h := &plotter.Histogram{Width: width, LineStyle: plotter.DefaultLineStyle}
	for i := range reportBins {
		h.Bins = append(h.Bins, plotter.HistogramBin{Min: low + float64(i)*width, Max: low + float64(i+1)*width})
	}
	for _, v := range values {
		h.Bins[min(int((v-low)/width), reportBins-1)].Weight++
	}
	return h
}

// schedulePlot shows the estimates with intervals against the number of betas. Neighbours
// stand a little apart, so that their intervals do not hide each other.
func schedulePlot(comparisons []likelihood.Comparison) *plot.Plot {
	p := newPlot("log Z with intervals of 3 standard errors", "betas", "log Z (nats)")
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, betaTicks(comparisons)
	sides := []side{forwardSide}
	if comparisons[0].Reverse != nil {
		sides = append(sides, reverseSide, bennettSide)
	}
	for i, s := range sides {
		e := newErrorPoints(comparisons, s, math.Pow(1.06, float64(i)-float64(len(sides)-1)/2))
		bars := &plotter.YErrorBars{XYs: e.XYs, YErrors: e.YErrors, LineStyle: plotter.DefaultLineStyle, CapWidth: 2 * vg.Millimeter}
		line := &plotter.Line{XYs: e.XYs, LineStyle: plotter.DefaultLineStyle}
		points := &plotter.Scatter{XYs: e.XYs, GlyphStyle: draw.GlyphStyle{Color: s.color, Radius: vg.Points(3), Shape: draw.CircleGlyph{}}}
		bars.LineStyle.Color, line.LineStyle.Color = s.color, s.color
		line.LineStyle.Dashes = []vg.Length{vg.Points(2), vg.Points(2)}
		p.Add(line, bars, points)
		p.Legend.Add(s.name, points)
	}
	p.X.Min = float64(comparisons[0].Betas) / 1.3
	p.X.Max = float64(comparisons[len(comparisons)-1].Betas) * 1.3
	p.Y.Max += 0.2 * (p.Y.Max - p.Y.Min) // room for the legend
	return p
}

// errorPoints are the points and intervals of one side.
type errorPoints struct {
	plotter.XYs
	plotter.YErrors
}

// newErrorPoints returns the estimates of one side, with their betas multiplied by aside. A
// missing bound is drawn at three times the distance of the other bound.
func newErrorPoints(comparisons []likelihood.Comparison, s side, aside float64) errorPoints {
	var e errorPoints
	for _, c := range comparisons {
		z := s.of(c)
		below, above := z.LogZ-z.Low, z.High-z.LogZ
		if math.IsInf(below, 0) {
			below = 3 * above
		}
		if math.IsInf(above, 0) {
			above = 3 * below
		}
		e.XYs = append(e.XYs, plotter.XY{X: aside * float64(c.Betas), Y: z.LogZ})
		e.YErrors = append(e.YErrors, struct{ Low, High float64 }{below, above})
	}
	return e
}

// betaTicks marks the lengths of the schedules.
func betaTicks(comparisons []likelihood.Comparison) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, c := range comparisons {
		ticks = append(ticks, plot.Tick{Value: float64(c.Betas), Label: fmt.Sprint(c.Betas)})
	}
	return ticks
}
