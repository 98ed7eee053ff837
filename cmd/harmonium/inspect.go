package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/train"
	"harmonium/store"
)

func newInspectCommand() *cobra.Command {
	var filters string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect MODEL",
		Short: "Show what is in a model or checkpoint",
		Long: `Show the shapes, the provenance and, of a checkpoint, the state of its run, and
histograms of the weights, the biases and the norms of the hidden units' weights, where
dead units stand apart at the low end. MODEL may be - for standard input, here and in every
command that takes one.`,
		Example: `  harmonium inspect runs/mnist/checkpoint.safetensors
  harmonium inspect model.safetensors --filters filters.png
  harmonium inspect - < model.safetensors`,
		Args: arguments("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if filters != "" {
				if err := checkExtension("--filters", filters, ".png"); err != nil {
					return err
				}
			}
			s, err := loadStack(cmd, args[0])
			if err != nil {
				return err
			}
			return inspect(cmd.OutOrStdout(), s, filters, asJSON)
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&filters, "filters", "", "`FILE` .png for pictures of the weights of up to 100 hidden units (default: none)")
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

func inspect(w io.Writer, m stackArgument, filters string, asJSON bool) error {
	checkpoint := m.checkpoint
	if !m.npz && m.path != store.StandardInput {
		var err error
		if checkpoint, err = train.LoadCheckpoint(m.path); err != nil && !errors.Is(err, train.ErrNoCheckpoint) {
			return err
		}
	}
	if filters != "" && m.Hidden.Len() == 0 {
		return usagef("--filters: the model has no hidden units, whose weights to show")
	}
	if filters != "" {
		var width, height int
		if m.below == nil { // above others, weights lead to hidden units, not to the pixels of a picture
			width, height = pictureSize(m.Model)
		}
		if err := writeFilters(filters, m.Model, levelsOf(m.Model), width, height); err != nil {
			return err
		}
	}
	i := newInspection(m.Model, checkpoint)
	if m.below != nil {
		i.Stack = describeStack(m.models())
		i.schema, _ = schemaOf(m.first().Model)
	}
	if asJSON {
		return writeObject(w, i)
	}
	i.print(w)
	if filters != "" {
		fmt.Fprintf(w, "\nfilters of %d hidden units: %s\n", min(m.Hidden.Len(), maxFilters), filters)
	}
	return nil
}

// inspection is the output of inspect.
type inspection struct {
	Visible    int               `json:"visible"`
	Hidden     int               `json:"hidden"`
	Units      [2]string         `json:"units"`     // of the visible and of the hidden layer
	Couplings  bool              `json:"couplings"` // among the visible units
	Parameters int               `json:"parameters"`
	BaseRates  bool              `json:"base_rates"`      // whether they are known
	Stack      string            `json:"stack,omitempty"` // sizes of the layers of a stack, whose last model this is
	Provenance map[string]string `json:"provenance"`
	Checkpoint *checkpointState  `json:"checkpoint"` // null for a model alone

	Distributions []distribution `json:"distributions"`

	schema *dataset.Schema // nil unless the provenance has one that fits
}

// checkpointState is the progress of the run of a checkpoint.
type checkpointState struct {
	Update int          `json:"update"`
	Config train.Config `json:"config"`
}

// length describes the length of the whole run.
func (s *checkpointState) length() string {
	if s.Config.Updates > 0 {
		return fmt.Sprintf("%d updates", s.Config.Updates)
	}
	return fmt.Sprintf("%d epochs", s.Config.Epochs)
}

func newInspection(m *rbm.Model, c *train.Checkpoint) *inspection {
	parameters, distributions := 0, []distribution(nil)
	for _, p := range parametersOf(m) {
		parameters += len(p.values)
		distributions = append(distributions, newDistribution(p.name, p.values))
	}
	if m.Hidden.Len() > 0 {
		distributions = append(distributions, newDistribution("norms of hidden units", m.HiddenNorms()))
	}
	i := &inspection{
		Visible: m.Visible.Len(), Hidden: m.Hidden.Len(),
		Units:      [2]string{unitNames(m.Visible.Units), unitNames(m.Hidden.Units)},
		Couplings:  m.Coupled(),
		Parameters: parameters,
		BaseRates:  m.BaseRates != nil, Provenance: m.Provenance,
		Distributions: distributions,
	}
	i.schema, _ = schemaOf(m) // print shows the text of a schema that does not fit
	if c != nil {
		i.Checkpoint = &checkpointState{c.Update, c.Config}
	}
	return i
}

func (i *inspection) print(w io.Writer) {
	couplings := ""
	if i.Couplings {
		couplings = ", couplings among the visible units"
	}
	fmt.Fprintf(w, "%d visible and %d hidden units%s, %d parameters\n", i.Visible, i.Hidden, couplings, i.Parameters)
	if kind := unitNames(nil); i.Units != [2]string{kind, kind} {
		fmt.Fprintf(w, "visible units %s, hidden units %s\n", i.Units[0], i.Units[1])
	}
	if i.Stack != "" {
		fmt.Fprintf(w, "the last model of the stack %s\n", i.Stack)
	}
	if !i.BaseRates {
		fmt.Fprintln(w, "base rates of the training data: not known")
	}
	if i.Checkpoint != nil {
		fmt.Fprintf(w, "checkpoint after %d updates of a run of %s\n", i.Checkpoint.Update, i.Checkpoint.length())
	}
	for _, key := range slices.Sorted(maps.Keys(i.Provenance)) {
		if key == keyTable && i.schema != nil {
			fmt.Fprintf(w, "  %-18s %s\n", key, plural(len(i.schema.Columns), "column"))
			printColumns(w, i.schema, "    ")
			continue
		}
		fmt.Fprintf(w, "  %-18s %s\n", key, i.Provenance[key])
	}
	for _, d := range i.Distributions {
		fmt.Fprintln(w)
		d.print(w)
	}
}

// histogramBins is the number of bins, and of printed lines, of a histogram. It is chosen, and in json.md.
const histogramBins = 12

// distribution describes a set of numbers.
type distribution struct {
	Name      string  `json:"name"`
	Count     int     `json:"count"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"standard_deviation"` // with divisor Count
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Histogram []int   `json:"histogram"` // counts in histogramBins equal intervals from Min to Max
}

func newDistribution[T float32 | float64](name string, x []T) distribution {
	d := distribution{
		Name: name, Count: len(x), Histogram: make([]int, histogramBins),
		Min: float64(slices.Min(x)), Max: float64(slices.Max(x)),
	}
	n := float64(len(x))
	for _, v := range x {
		d.Mean += float64(v) / n
	}
	var variance float64
	for _, v := range x {
		variance += (float64(v) - d.Mean) * (float64(v) - d.Mean) / n
		d.Histogram[d.bin(float64(v))]++
	}
	d.Deviation = math.Sqrt(variance)
	return d
}

// bin returns the interval of x. Equal numbers are all in the first.
func (d *distribution) bin(x float64) int {
	if d.Max == d.Min {
		return 0
	}
	return min(int(histogramBins*(x-d.Min)/(d.Max-d.Min)), histogramBins-1)
}

func (d *distribution) print(w io.Writer) {
	const barWidth = 40
	fmt.Fprintf(w, "%s: %d, mean %.4g, standard deviation %.4g\n", d.Name, d.Count, d.Mean, d.Deviation)
	if d.Max == d.Min {
		fmt.Fprintf(w, "  all %.4g\n", d.Min)
		return
	}
	most := slices.Max(d.Histogram)
	for k, count := range d.Histogram {
		low := d.Min + float64(k)*(d.Max-d.Min)/histogramBins
		high := d.Min + float64(k+1)*(d.Max-d.Min)/histogramBins
		bar := strings.Repeat("#", (count*barWidth+most-1)/most)
		fmt.Fprintf(w, "  %10.4f to %10.4f  %-*s %d\n", low, high, barWidth, bar, count)
	}
}
