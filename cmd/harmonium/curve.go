package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gonum.org/v1/plot"

	"harmonium/rbm/report"
)

func newCurveCommand() *cobra.Command {
	var out, size string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "curve RUN...",
		Short: "Draw the learning curves of runs",
		Long: `Draw the log-likelihoods in the metrics of run folders against the updates.

A line shows the training rows and a dashed line the validation rows, by the estimates of log Z
of --online-every; a band shows the interval that log Z leaves to the training rows. Points show the
evaluations of --eval with their intervals; the name beside them says on which rows. Values
far below the rest, as at the start of a run, are left out. The command report shows more.`,
		Example: `  harmonium curve runs/mnist
  harmonium curve runs/pcd runs/pt --out compared.svg --size 16x9`,
		Args: oneOrMore("RUN"),
		RunE: func(cmd *cobra.Command, folders []string) error {
			if err := checkTable(out, asJSON, figureExtensions...); err != nil {
				return err
			}
			width, height, err := parseSize(size)
			if err != nil {
				return err
			}
			var runs []curve
			names := folderNames(folders)
			for i, folder := range folders {
				c, err := readCurve(runFolder(folder))
				if err != nil {
					return err
				}
				c.name = names[i]
				runs = append(runs, c)
			}
			write := func(w io.Writer) error { return writeCurves(w, formatOfFigure(out), width, height, runs) }
			if err := writeOut(cmd, out, write); err != nil {
				return err
			}
			if asJSON {
				return writeObject(cmd.OutOrStdout(), summaryOfCurves(out, runs))
			}
			fmt.Fprintf(notes(cmd, out), "learning curves of %s: %s\n", plural(len(runs), "run"), out)
			return nil
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&out, "out", "curve.png", "`FILE` .png, .svg or .pdf to write, or - for SVG on standard output")
		flags.StringVar(&size, "size", "20x11", "`WIDTHxHEIGHT` size of the picture in centimetres")
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

// curvesSummary is the output of --json.
type curvesSummary struct {
	Out  string         `json:"out"`
	Runs []curveSummary `json:"runs"`
}

// curveSummary counts the points of a run's curves, and has the last of each.
type curveSummary struct {
	Name      string   `json:"name"`
	Estimates int      `json:"estimates"`
	Train     *float64 `json:"log_likelihood_train"`
	Valid     *float64 `json:"log_likelihood_valid"`
	Evaluated int      `json:"evaluations"`
	Split     string   `json:"split"` // of the evaluated rows; empty without
	Last      *float64 `json:"log_likelihood"`
}

func summaryOfCurves(out string, runs []curve) curvesSummary {
	s := curvesSummary{Out: out}
	last := func(list []likelihoodAt) *float64 {
		if len(list) == 0 {
			return nil
		}
		return &list[len(list)-1].value
	}
	for _, c := range runs {
		s.Runs = append(s.Runs, curveSummary{c.name, len(c.train), last(c.train), last(c.valid), len(c.evaluated), c.split,
			last(c.evaluated)})
	}
	return s
}

// curve holds the log-likelihoods in the metrics of a run, each list in the order of updates.
type curve struct {
	name         string
	train, valid []likelihoodAt
	evaluated    []likelihoodAt
	split        string // name of the evaluated rows
}

// likelihoodAt is a log-likelihood after a number of updates. A missing bound is infinite; of validation rows, which
// are drawn without bounds, both are 0. The bounds of training rows are of log Z alone (chosen: they show how sure the
// estimates along a run are, and the page of a run shows the whole intervals of both).
type likelihoodAt struct {
	update           int
	value, low, high float64
}

// readCurve reads the metrics of a run. It returns an error if they hold no log-likelihood.
func readCurve(folder runFolder) (curve, error) {
	var c curve
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
	var r report.Record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.LogLikelihood != nil {
		c.split = r.Split
		c.evaluated = append(c.evaluated, likelihoodAt{r.Update, *r.LogLikelihood, orInfinite(r.Low, -1), orInfinite(r.High, 1)})
	}
	if r.Train != nil {
		at := likelihoodAt{r.Update, *r.Train, math.Inf(-1), math.Inf(1)}
		if r.LogZ != nil { // the bounds of log Z in its place: a high log Z is a low likelihood
			at.low, at.high = *r.Train+*r.LogZ-orInfinite(r.LogZHigh, 1), *r.Train+*r.LogZ-orInfinite(r.LogZLow, -1)
		}
		c.train = append(c.train, at)
	}
	if r.Valid != nil {
		c.valid = append(c.valid, likelihoodAt{update: r.Update, value: *r.Valid})
	}
	return nil
}

// orInfinite returns a bound, or the infinity of a sign for a missing one.
func orInfinite(bound *float64, sign int) float64 {
	if bound == nil {
		return math.Inf(sign)
	}
	return *bound
}

func (c *curve) all() []likelihoodAt { return slices.Concat(c.train, c.valid, c.evaluated) }

// setRange fits the axes to all runs, but for values far below the rest.
func setRange(p *plot.Plot, runs []curve) {
	var values []float64
	last := 0
	for _, c := range runs {
		for _, e := range c.all() {
			values, last = append(values, e.value), max(last, e.update)
		}
	}
	bottom, top := max(slices.Min(values), report.AxisBottom(values)), slices.Max(values)
	if bottom == top {
		room := max(1, math.Abs(top)/1e6) // a millionth, of large values, which the labels of the axis can still tell apart
		bottom, top = bottom-room, top+room
	}
	margin := (top - bottom) / 20 // chosen, as the hundredth on the right: no value touches the frame
	p.X.Min, p.X.Max = 0, float64(last)*1.01
	p.Y.Min, p.Y.Max = bottom-margin, top+margin
}
