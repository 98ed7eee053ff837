package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// outcome is how a run ended.
type outcome struct {
	config          train.Config
	train, test     float64 // log-likelihoods, in nats a row; test is 0 without test rows
	low, high       float64 // bounds of train by log Z
	independent     float64 // log-likelihood of the training rows under independent units
	independentTest float64 // and of the test rows
	warnings        []string
	failure         error // of the training
}

// silent reports whether the run ended worse than independent units without a warning.
func (o outcome) silent() bool {
	worse := likelihood.StandingOf(o.train, o.low, o.high, o.independent) == likelihood.Worse
	return o.failure == nil && worse && len(o.warnings) == 0
}

// train trains one model and evaluates it.
func (b runner) train(set *dataset.Set, c train.Config) (outcome, error) {
	binarize := set.Train.DefaultBinarization()
	c.Binarize = binarize.String()
	trainer, err := train.New(c, set, b.device)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{config: trainer.Config()}
	result, err := train.Run(b.ctx, trainer, train.RunConfig{Record: func(_ context.Context, r train.Record) error {
		o.warnings = append(o.warnings, r.Warnings...)
		return nil
	}})
	if err != nil {
		o.failure = err
		return o, nil
	}
	m := result.Model
	e, independent, err := b.evaluate(m, set, set.Train, binarize, nil)
	if err != nil {
		return o, err
	}
	o.train, o.low, o.high, o.independent = e.LogLikelihood, e.Low, e.High, independent
	if set.Test == nil {
		return o, nil
	}
	if e, o.independentTest, err = b.evaluate(m, set, set.Test, binarize, e.Partition); err != nil {
		return o, err
	}
	o.test = e.LogLikelihood
	return o, nil
}

// evaluate returns the log-likelihood of rows under a model and under independent units. Where log Z is not exact, AIS
// estimates it in 4000 steps, about a quarter of the default's: chosen, since a sweep evaluates hundreds of models.
func (b runner) evaluate(m *rbm.Model, set *dataset.Set, rows *dataset.Rows, binarize dataset.Binarization,
	p *likelihood.Partition) (*likelihood.Evaluation, float64, error) {
	const seed = 1
	e, err := likelihood.Evaluate(b.ctx, m, b.device, rows, likelihood.EvaluateConfig{
		Method: "auto", Binarize: binarize, Seed: seed, Partition: p,
		AIS: likelihood.AISConfig{Seed: seed, Betas: likelihood.LinearBetas(4000)},
	})
	if err != nil {
		return nil, 0, err
	}
	base := m.Independent(set.Train.N)
	independent, err := likelihood.Independent(b.ctx, b.device, base, rows, binarize, seed)
	return e, independent, err
}

// table trains the configuration on each data set and prints a row for each run. Without sets it draws the
// tables whose names contain a text.
func (b runner) table(sets []*dataset.Set, text string, seeds int) error {
	head, rule := "| data | rows x columns | chosen | seed | train | independent | test | independent | truth | ", "|---|---|---|---|---|---|---|---|---|---|"
	if b.python != "" {
		head, rule = head+"scikit-learn | with 5,000 updates | ", rule+"---|---|"
	}
	fmt.Println(head + "warnings |\n" + rule)
	var known []table // the sources of sets; nil for sets of files
	if sets == nil {
		known = slices.DeleteFunc(tables(), func(t table) bool { return !strings.Contains(t.name, text) })
		for _, t := range known {
			sets = append(sets, t.set(1))
		}
	}
	for i, set := range sets {
		truth := ""
		if known != nil {
			truth = fmt.Sprintf("%.3f", known[i].truth(set.Test))
		}
		for seed := 1; seed <= seeds; seed++ {
			c := b.config
			c.Seed = uint64(seed)
			o, err := b.train(set, c)
			if err != nil {
				return fmt.Errorf("%s: %w", set.Name, err)
			}
			peers := ""
			if b.python != "" {
				if peers, err = b.peers(set, o.config); err != nil {
					return fmt.Errorf("%s: %w", set.Name, err)
				}
			}
			fmt.Printf("| %s | %dx%d | %s | %d | %s | %s | %s%s |\n", filepath.Base(set.Name), set.Train.N, set.Train.V,
				chosen(o.config), seed, o.numbers(set.Test != nil), truth, peers, o.remarks())
		}
	}
	return nil
}

// chosen lists the settings that the data decided.
func chosen(c train.Config) string {
	return fmt.Sprintf("%s-%d, %d hidden, %d chains, %d updates", c.Algorithm, c.GibbsSteps, c.Hidden, c.Chains, c.Updates)
}

// numbers returns four cells of the table, empty where there is no number.
func (o outcome) numbers(test bool) string {
	if o.failure != nil {
		return "| | |"
	}
	text := fmt.Sprintf("%.3f | %.3f | ", o.train, o.independent)
	if !test {
		return text + "|"
	}
	return text + fmt.Sprintf("%.3f | %.3f", o.test, o.independentTest)
}

// remarks gives the error of a run, or the number of its warnings and the last one.
func (o outcome) remarks() string {
	switch {
	case o.failure != nil:
		return o.failure.Error()
	case len(o.warnings) == 0:
		return ""
	}
	last := o.warnings[len(o.warnings)-1]
	if i := strings.IndexAny(last, ";:"); i > 0 {
		last = last[:i]
	}
	return fmt.Sprintf("%d, the last: %s", len(o.warnings), last)
}
