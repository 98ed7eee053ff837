package main

import (
	"fmt"
	"io"
	"iter"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// classifyCommand holds the flags of the classify command.
type classifyCommand struct {
	data   modelRows
	device deviceFlags
	ranks  rankFlags
	out    rowOutput
	json   bool
}

func newClassifyCommand() *cobra.Command {
	c := &classifyCommand{}
	cmd := &cobra.Command{
		Use:   "classify MODEL [FILE]",
		Short: "Write the probability of each class of rows",
		Long: `Write p(y|v) of each class y of each row v, of the rows of FILE, or of the model's test rows,
else of its validation rows, else of its training rows. The model has label units: see train
--label-units. The probabilities are exact: a softmax over the free energies of the row in each
class.

The columns are row (from 1), label if a row has one (in NPY only if labels are numbers), class, the
most probable one, and p_CLASS for each. Missing cells are summed out, as eval does, and rows need
no labels. Of rows with labels, standard error and the object of --json have the accuracy, beside
the share of the most frequent label, and the log loss: the mean of -log p(label|v), in nats a row.

Grey values become states as in training, by one draw.`,
		Example: `  harmonium classify runs/penguins
  harmonium classify runs/penguins birds.csv --out classes.csv --json`,
		Args: optionalFile,
		RunE: c.ranks.divide(&c.device, c.run),
	}
	c.data.add(cmd, "rows to classify")
	addGroup(cmd, groupEvaluation, c.data.addSeed)
	c.out.add(cmd)
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&c.json, "json", false, "print one JSON object about the rows on standard output (needs --out FILE)")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (c *classifyCommand) check(cmd *cobra.Command, args []string) error {
	if err := c.out.check(); err != nil {
		return err
	}
	if c.json && c.out.path == standardOutput {
		return usagef("--json with the rows on standard output, want --out FILE")
	}
	if err := c.data.take(cmd, args); err != nil {
		return err
	}
	return c.device.check()
}

func (c *classifyCommand) run(cmd *cobra.Command, args []string) error {
	if err := c.check(cmd, args); err != nil {
		return err
	}
	m, err := loadModel(cmd, args[0])
	if err != nil {
		return err
	}
	s, err := schemaOf(m.Model)
	if err != nil {
		return fmt.Errorf("%s: %w", m.path, err)
	}
	label, first := labelOf(s)
	if label == nil {
		return fmt.Errorf("%s: %w", m.path, errNoLabelUnits)
	}
	c.data.table.unlabelled = true // rows need no labels
	rows, err := c.data.rows(cmd.Context(), m)
	if err != nil {
		return err
	}
	if err := c.ranks.sameModels(rbm.Stack{m.Model}); err != nil {
		return err
	}
	if err := c.ranks.sameRows(rows.Rows); err != nil {
		return err
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	logs, err := likelihood.LogClasses(cmd.Context(), m.Model, device, rows.Rows, first, label.Width(), rows.binarize, c.data.seed)
	if err != nil {
		return err
	}
	if c.ranks.follows() {
		return nil
	}
	classes := newClasses(label, rows.Labels, logs)
	if err := c.out.write(cmd, classes.table()); err != nil {
		return err
	}
	summary := classes.summarize(c, rows)
	summary.print(cmd.ErrOrStderr())
	if c.json {
		return writeObject(cmd.OutOrStdout(), summary)
	}
	return nil
}

// classes holds the probabilities of the classes of rows.
type classes struct {
	label  *dataset.Column
	labels []string  // (N), empty without one; nil if no row has one
	logs   []float64 // (N,classes), log p(y|v)
	likely []int     // (N), the most probable class
	truth  []int     // (N), the class of the label; -1 without
}

func newClasses(label *dataset.Column, labels []string, logs []float64) *classes {
	c := &classes{label: label, labels: labels, logs: logs}
	states := map[string]int{} // results of label.State, which searches the categories
	for n, row := range c.rows() {
		c.likely = append(c.likely, slices.Index(row, slices.Max(row)))
		truth := -1
		if labels != nil {
			var known bool
			if truth, known = states[labels[n]]; !known {
				truth = label.State(labels[n])
				states[labels[n]] = truth
			}
		}
		c.truth = append(c.truth, truth)
	}
	return c
}

// table returns the columns of all rows.
func (c *classes) table() rowTable {
	t := rowTable{columns: []string{"row"}, words: labelled(c.labels)}
	for _, class := range c.label.Categories {
		t.columns = append(t.columns, "p_"+class)
	}
	words := make([]string, len(c.likely))
	for n, class := range c.likely {
		words[n] = c.label.Categories[class]
	}
	t.words = append(t.words, wordColumn{"class", words})
	for n, row := range c.rows() {
		t.values = append(t.values, float64(n+1))
		for _, log := range row {
			t.values = append(t.values, math.Exp(log))
		}
	}
	return t
}

// rows yields the log-probabilities of each row with its index.
func (c *classes) rows() iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		n := 0
		for row := range slices.Chunk(c.logs, len(c.label.Categories)) {
			if !yield(n, row) {
				return
			}
			n++
		}
	}
}

// classifySummary is the output of --json.
type classifySummary struct {
	Out      string   `json:"out"`
	Data     string   `json:"data"`
	Split    string   `json:"split"`
	Rows     int      `json:"rows"`
	Binarize string   `json:"binarize"`
	Seed     uint64   `json:"seed"`
	Label    string   `json:"label"`
	Classes  []string `json:"classes"`

	Labelled int      `json:"labelled"` // rows with a label; without any the next three are null
	Accuracy *float64 `json:"accuracy"`
	Frequent *float64 `json:"most_frequent"` // share of the most frequent label
	LogLoss  *float64 `json:"log_loss"`
	Counts   [][]int  `json:"confusion"` // rows, by the class of the label and by the most probable class
}

// summarize compares the classes with the labels.
func (c *classes) summarize(command *classifyCommand, of seenRows) *classifySummary {
	size := len(c.label.Categories)
	s := &classifySummary{
		Out: command.out.path, Data: of.name(), Split: of.split, Rows: of.N, Binarize: of.binarize.String(), Seed: command.data.seed,
		Label: c.label.Title(), Classes: c.label.Categories, Counts: make([][]int, size),
	}
	for i := range s.Counts {
		s.Counts[i] = make([]int, size)
	}
	right, loss, counts := 0, 0.0, make([]int, size) // counts of the labels
	for n, row := range c.rows() {
		truth := c.truth[n]
		if truth < 0 {
			continue
		}
		s.Labelled++
		counts[truth]++
		s.Counts[truth][c.likely[n]]++
		if truth == c.likely[n] {
			right++
		}
		loss -= row[truth]
	}
	if s.Labelled > 0 {
		mean := func(sum float64) *float64 { return new(sum / float64(s.Labelled)) }
		s.Accuracy, s.Frequent, s.LogLoss = mean(float64(right)), mean(float64(slices.Max(counts))), mean(loss)
	}
	return s
}

// print writes the summary for people.
func (s *classifySummary) print(w io.Writer) {
	fmt.Fprintf(w, "classes of %s of %s (%s): %d values of %s\n", plural(s.Rows, "row"), s.Data, s.Split, len(s.Classes), s.Label)
	if s.Labelled == 0 {
		fmt.Fprintln(w, "no row has a label")
		return
	}
	fmt.Fprintf(w, "accuracy: %.2f %% of %s; the most frequent label has %.2f %%\n", 100**s.Accuracy,
		plural(s.Labelled, "labelled row"), 100**s.Frequent)
	fmt.Fprintf(w, "log loss: %.4f nats a row\n", *s.LogLoss)
}
