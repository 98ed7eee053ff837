package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"harmonium/store"
)

const (
	curveWidth, curveHeight = 20 * vg.Centimeter, 11 * vg.Centimeter

	// curveDepth limits how far below the median a picture of curves reaches, in units of the
	// distance from the median to the top: the first estimates of a run may be far below.
	curveDepth = 6
)

func newCurveCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "curve RUN...",
		Short: "Draw the learning curves of runs",
		Long: `Draw the log-likelihoods in the metrics of run folders against the updates.

A line shows the training rows and a dashed line the validation rows, by the estimates of log Z
of --online-every; a band shows the interval that log Z leaves to the training rows. Points show the
evaluations of --eval with their intervals. Values far below the rest, as at the start of
a run, are left out.`,
		Example: `  harmonium curve runs/mnist
  harmonium curve runs/pcd runs/pt --out compared.png`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("curve: 0 arguments, want RUN...")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, folders []string) error {
			if err := checkExtension("--out", out, ".png"); err != nil {
				return err
			}
			var runs []curve
			for _, folder := range folders {
				c, err := readCurve(runFolder(folder))
				if err != nil {
					return err
				}
				runs = append(runs, c)
			}
			if err := writeCurves(out, runs); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "learning curves of %d runs: %s\n", len(runs), out)
			return nil
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&out, "out", "curve.png", "`FILE` .png to write")
	})
	return cmd
}

// curve holds the log-likelihoods in the metrics of a run.
type curve struct {
	name         string
	train, valid []likelihoodAt
	evaluated    []likelihoodAt
	split        string // name of the evaluated rows
}

// likelihoodAt is a log-likelihood after a number of updates. A missing bound is infinite.
type likelihoodAt struct {
	update           int
	value, low, high float64
}

// readCurve reads the metrics of a run. It returns an error if they hold no log-likelihood.
func readCurve(folder runFolder) (curve, error) {
	c := curve{name: filepath.Base(filepath.Clean(string(folder)))}
	path := folder.file(fileMetrics)
	content, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	lines, _, damaged := keptMetrics(content, math.MaxInt) // the last line of a running run may be torn
	if damaged != nil {
		return c, fmt.Errorf("%s: line %d is no record", path, damaged[0])
	}
	for line := range bytes.Lines(lines) {
		if err := c.add(line); err != nil {
			return c, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(c.all()) == 0 {
		return c, fmt.Errorf("%s: no log-likelihood in it; train with --online-every or --eval", path)
	}
	return c, nil
}

// add appends the log-likelihoods in a line of metrics.
func (c *curve) add(line []byte) error {
	var o struct {
		Update int
		Split  string
		Value  *float64 `json:"log_likelihood"`
		Low    *float64 `json:"log_likelihood_low"`
		High   *float64 `json:"log_likelihood_high"`

		LogZ     float64  `json:"log_z_online"`
		LogZLow  *float64 `json:"log_z_online_low"`
		LogZHigh *float64 `json:"log_z_online_high"`
		Train    *float64 `json:"log_likelihood_train"`
		Valid    *float64 `json:"log_likelihood_valid"`
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	if o.Value != nil {
		c.split = o.Split
		c.evaluated = append(c.evaluated, likelihoodAt{o.Update, *o.Value, orInfinite(o.Low, -1), orInfinite(o.High, 1)})
	}
	if o.Train != nil {
		low, high := *o.Train+o.LogZ-orInfinite(o.LogZHigh, 1), *o.Train+o.LogZ-orInfinite(o.LogZLow, -1)
		c.train = append(c.train, likelihoodAt{o.Update, *o.Train, low, high})
	}
	if o.Valid != nil {
		c.valid = append(c.valid, likelihoodAt{update: o.Update, value: *o.Valid})
	}
	return nil
}

func orInfinite(bound *float64, sign int) float64 {
	if bound == nil {
		return math.Inf(sign)
	}
	return *bound
}

func (c *curve) all() []likelihoodAt { return slices.Concat(c.train, c.valid, c.evaluated) }

// writeCurves draws runs to a PNG file.
func writeCurves(path string, runs []curve) error {
	p := newPlot("updates", "log-likelihood (nats a row)")
	p.Legend.Top, p.Legend.XOffs = false, -2*vg.Millimeter
	p.Add(plotter.NewGrid())
	setRange(p, runs)
	for i, c := range runs {
		c.addTo(p, curveColors[i%len(curveColors)])
	}
	setRange(p, runs) // again, since adding curves has widened it
	image := vgimg.New(curveWidth, curveHeight)
	p.Draw(draw.Crop(draw.New(image), vg.Millimeter, -5*vg.Millimeter, vg.Millimeter, -2*vg.Millimeter))
	return store.WriteAtomic(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: image}.WriteTo(w)
		return err
	})
}

func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.Legend.Padding = vg.Millimeter
	return p
}

// curveColors distinguish runs.
var curveColors = []color.NRGBA{
	{0x1f, 0x77, 0xb4, 0xff}, {0xd9, 0x5f, 0x02, 0xff}, {0x2c, 0xa0, 0x2c, 0xff},
	{0x94, 0x67, 0xbd, 0xff}, {0x8c, 0x56, 0x4b, 0xff}, {0x33, 0x33, 0x33, 0xff},
}

// addTo draws a run to a plot whose range is set.
func (c *curve) addTo(p *plot.Plot, shade color.NRGBA) {
	if len(c.train) > 0 {
		faint := shade
		faint.A = 0x30
		line := newLine(c.train, shade)
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{band(c.train, p.Y.Min, p.Y.Max)}, Color: faint}, line)
		p.Legend.Add(c.name+", train", line)
	}
	if len(c.valid) > 0 {
		line := newLine(c.valid, shade)
		line.Dashes = []vg.Length{vg.Points(4), vg.Points(2)}
		p.Add(line)
		p.Legend.Add(c.name+", valid", line)
	}
	if len(c.evaluated) > 0 {
		bars := &plotter.YErrorBars{XYs: points(c.evaluated), YErrors: errorBars(c.evaluated, p.Y.Min, p.Y.Max),
			LineStyle: plotter.DefaultLineStyle, CapWidth: 2 * vg.Millimeter}
		bars.Color = shade
		marks := &plotter.Scatter{XYs: points(c.evaluated), GlyphStyle: draw.GlyphStyle{Color: shade, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}}
		p.Add(bars, marks)
		p.Legend.Add(c.name+", "+c.split, marks)
	}
}

func newLine(looks []likelihoodAt, shade color.NRGBA) *plotter.Line {
	line := &plotter.Line{XYs: points(looks), LineStyle: plotter.DefaultLineStyle}
	line.Color = shade
	return line
}

func points(looks []likelihoodAt) plotter.XYs {
	var xys plotter.XYs
	for _, e := range looks {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: e.value})
	}
	return xys
}

// band is a polygon along the upper bounds and back along the lower bounds, clipped to the
// bottom and the top of the picture.
func band(looks []likelihoodAt, bottom, top float64) plotter.XYs {
	var xys plotter.XYs
	for _, e := range looks {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: min(e.high, top)})
	}
	for _, e := range slices.Backward(looks) {
		xys = append(xys, plotter.XY{X: float64(e.update), Y: max(e.low, bottom)})
	}
	return xys
}

func errorBars(looks []likelihoodAt, bottom, top float64) plotter.YErrors {
	var errors plotter.YErrors
	for _, e := range looks {
		errors = append(errors, struct{ Low, High float64 }{e.value - max(e.low, bottom), min(e.high, top) - e.value})
	}
	return errors
}

// setRange fits the axes to all runs, but for values far below the rest.
func setRange(p *plot.Plot, runs []curve) {
	var values []float64
	last := 0
	for _, c := range runs {
		for _, e := range c.all() {
			values, last = append(values, e.value), max(last, e.update)
		}
	}
	slices.Sort(values)
	bottom, median, top := values[0], values[len(values)/2], values[len(values)-1]
	bottom = max(bottom, median-curveDepth*(top-median))
	if bottom == top {
		half := max(1, math.Abs(top)/1e6) // enough for the plot to separate them
		bottom, top = bottom-half, top+half
	}
	margin := (top - bottom) / 20
	p.X.Min, p.X.Max = 0, float64(last)*1.01
	p.Y.Min, p.Y.Max = bottom-margin, top+margin
}
