package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/engine"
	"harmonium/rbm"
	statistics "harmonium/rbm/estimate"
	"harmonium/rbm/likelihood"
)

// scoreCommand holds the flags of the score command.
type scoreCommand struct {
	data      modelRows
	base      baseFlag
	partition partitionFlags
	device    deviceFlags
	ranks     rankFlags
	out       rowOutput
	pseudo    bool
	json      bool
}

func newScoreCommand() *cobra.Command {
	c := &scoreCommand{}
	cmd := &cobra.Command{
		Use:   "score MODEL [FILE]",
		Short: "Write the log-probability of each row under a model",
		Long: `Write log p(v) = -F(v) - log Z of each row v, in nats, with its free energy F(v): of the rows
of FILE, or of the model's test rows, else of its validation rows, else of its training rows.

The columns are row (from 1), label if the rows have labels (in NPY only if they are numbers), log_p,
free_energy, with --pseudo-likelihood pseudo_likelihood: the sum of log p(v_i | the other units) over
the units i, and weight if the rows have weights. Standard error, or the object of --json, says once how log Z was found and how
uncertain it is: the uncertainty shifts all rows alike, and differences between rows do not depend on
it.

Where cells are missing, v are the known cells of the row, and the sum over the states of the others is
exact where they are few, and else estimated as in eval.

Grey values become states as in training, by one draw. With --binarize none they stay fractions, whose
-F - log Z is no log-probability: then the column is called score.`,
		Example: `  harmonium score runs/table rows.csv
  harmonium score runs/mnist --split valid --out scores.npy
  harmonium score model.npz rows.csv --pseudo-likelihood --out scores.jsonl`,
		Args: optionalFile,
		RunE: c.ranks.divide(&c.device, c.run),
	}
	c.data.add(cmd, "rows to score")
	c.base.add(cmd)
	c.partition.add(cmd)
	addGroup(cmd, groupEvaluation, c.data.addSeed)
	c.out.add(cmd)
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&c.pseudo, "pseudo-likelihood", false, "add the log-pseudo-likelihood of each row")
		flags.BoolVar(&c.json, "json", false, "print one JSON object about log Z and the rows on standard output (needs --out FILE)")
	})
	c.device.add(cmd)
	c.ranks.add(cmd)
	return cmd
}

// check returns an error for flags that no model can satisfy. It reads no file.
func (c *scoreCommand) check(cmd *cobra.Command, args []string) error {
	if err := c.partition.check(cmd); err != nil {
		return err
	}
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

func (c *scoreCommand) run(cmd *cobra.Command, args []string) error {
	if err := c.check(cmd, args); err != nil {
		return err
	}
	m, err := loadModel(cmd, args[0])
	if err != nil {
		return err
	}
	if err := c.partition.checkRuns(m.Model); err != nil {
		return err
	}
	rows, err := c.data.rows(cmd.Context(), m)
	if err != nil {
		return err
	}
	if c.pseudo && rows.fractions() {
		return usagef("--pseudo-likelihood of fractions, want a --binarize that makes states")
	}
	if c.pseudo && rows.Missing != nil {
		return usagef("--pseudo-likelihood of rows with missing cells, want rows without; harmonium impute MODEL FILE fills them")
	}
	if !c.partition.exact(m.Model) || rows.Missing != nil {
		if err := c.base.rebase(cmd, m, rows); err != nil {
			return err
		}
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
	table, summary, err := c.score(cmd, m.Model, device, rows)
	if err != nil {
		return err
	}
	if c.ranks.follows() {
		return nil
	}
	if err := c.out.write(cmd, table); err != nil {
		return err
	}
	summary.print(cmd.ErrOrStderr())
	if c.json {
		return writeObject(cmd.OutOrStdout(), summary)
	}
	return nil
}

// score computes the columns of all rows.
func (c *scoreCommand) score(cmd *cobra.Command, m *rbm.Model, d engine.Device, rows seenRows) (rowTable, *scoreSummary, error) {
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	ctx, seed := cmd.Context(), c.data.seed
	z, report, err := c.partition.find(ctx, m, d, c.device.threads, seed, false, p)
	if err != nil {
		return rowTable{}, nil, err
	}
	logs, missing, err := freeEnergies(ctx, m, d, rows, seed, likelihood.KnownConfig{Progress: p.stage("rows", "missing cells")})
	if err != nil {
		return rowTable{}, nil, err
	}
	z, refuted := z.HeldTo(m.Visible.Units, rows.Rows, rows.binarize, logs)
	for n, f := range logs { // free energies become log p
		logs[n] = -f - z.LogZ
	}
	var pseudo []float64
	if c.pseudo {
		if pseudo, err = likelihood.PseudoLikelihoods(ctx, m, d, rows.Rows, rows.binarize, seed); err != nil {
			return rowTable{}, nil, err
		}
	}
	t := rowTable{columns: []string{"row"}, words: labelled(rows.Labels)}
	name := "log_p"
	if rows.fractions() {
		name = "score"
	}
	t.columns = append(t.columns, name, "free_energy")
	if c.pseudo {
		t.columns = append(t.columns, "pseudo_likelihood")
	}
	if rows.Weights != nil {
		t.columns = append(t.columns, "weight")
	}
	for n, l := range logs {
		t.values = append(t.values, float64(n+1), l, -l-z.LogZ)
		if c.pseudo {
			t.values = append(t.values, pseudo[n])
		}
		if rows.Weights != nil {
			t.values = append(t.values, float64(rows.Weights[n]))
		}
	}
	s := c.summarize(m, rows, &likelihood.Evaluation{Partition: z, Refuted: refuted, Rows: rows.N, Binarize: rows.binarize}, report, t.columns)
	s.Missing = missing
	if rows.Weights != nil {
		weighted, _ := statistics.WeightedMean(logs, rows.Weights)
		s.Mean, s.PlainMean = &weighted, new(statistics.Sum(logs)/float64(rows.N))
	}
	return t, s, nil
}

// scoreSummary is the output of --json: what the scores of all rows depend on. Fields of AIS are nil if log Z is exact.
type scoreSummary struct {
	Out      string   `json:"out"`
	Columns  []string `json:"columns"`
	Data     string   `json:"data"`
	Split    string   `json:"split"`
	Rows     int      `json:"rows"`
	Binarize string   `json:"binarize"`
	Seed     uint64   `json:"seed"`

	Method   string   `json:"method"` // "exact" or "ais"
	LogZ     float64  `json:"log_z"`
	LogZLow  *float64 `json:"log_z_low"`
	LogZHigh *float64 `json:"log_z_high"`
	Runs     *int     `json:"runs"`
	Betas    *int     `json:"betas"`
	ESS      *float64 `json:"ess"`
	VarLogW  *float64 `json:"var_log_w"`
	Verdict  string   `json:"verdict"`

	Missing *missingCells `json:"missing,omitempty"` // nil without missing cells

	// Of rows with weights the mean of log_p weighted by them, and the mean in which each row counts once;
	// else nil.
	Mean      *float64 `json:"log_likelihood,omitempty"`
	PlainMean *float64 `json:"log_likelihood_plain,omitempty"`

	text string // the line about log Z
}

// summarize returns the summary, in which log Z is reported as eval does.
func (c *scoreCommand) summarize(m *rbm.Model, rows seenRows, l *likelihood.Evaluation, report *likelihood.Report, columns []string) *scoreSummary {
	e := newEvaluation(m, l, 0, rows.name(), rows.split, c.data.seed)
	return &scoreSummary{
		Out: c.out.path, Columns: columns, Data: e.Data, Split: e.Split, Rows: e.Rows, Binarize: e.Binarize, Seed: e.Seed,
		Method: e.Method, LogZ: e.LogZ, LogZLow: e.LogZLow, LogZHigh: e.LogZHigh,
		Runs: e.Runs, Betas: e.Betas, ESS: e.ESS, VarLogW: e.VarLogW,
		Verdict: newLikelihoodReport(e, report, c.partition.burnIn).Verdict,
		text:    fmt.Sprintf("log Z: %s%s, %s", e.nats(&e.LogZ), interval(e.LogZLow, e.LogZHigh, 3), e.how()),
	}
}

// print writes the summary for people.
func (s *scoreSummary) print(w io.Writer) {
	fmt.Fprintf(w, "scores of %s of %s (%s), binarization %s\n", plural(s.Rows, "row"), s.Data, s.Split, s.Binarize)
	if s.Missing != nil {
		s.Missing.print(w)
	}
	if s.Mean != nil {
		fmt.Fprintf(w, "mean log p: %.3f nats weighted, %.3f plain\n", *s.Mean, *s.PlainMean)
	}
	fmt.Fprintln(w, s.text)
	if s.Method != "exact" {
		fmt.Fprintf(w, "verdict: %s\n", s.Verdict)
	}
}
