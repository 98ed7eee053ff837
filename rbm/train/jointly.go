package train

import (
	"context"
	"errors"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// jointly calls work on all ranks, which divide what it computes (see [engine.Divide]). Rank 0 calls it; the others
// do the same work in [Trainer.Follow] when they get the order. On one rank, and on a device that does not divide
// work, it only calls work.
func (t *Trainer) jointly(o order, work func() error) error {
	if !t.several() || !engine.Divides(t.state.Device()) {
		return work()
	}
	if t.together.stale {
		if err := t.give(); err != nil {
			return err
		}
	}
	if err := t.tell(o); err != nil {
		return err
	}
	return t.divided(work)
}

// divided calls work, which all ranks divide.
func (t *Trainer) divided(work func() error) error {
	d := t.state.Device()
	engine.Divide(d, true)
	defer engine.Divide(d, false)
	return ranks.Conclude(t.ranks(), work())
}

// join is divided on a rank that follows. It drops an error that all ranks have: rank 0 returns it.
func (t *Trainer) join(work func() error) error {
	err := t.divided(work)
	if errors.As(err, new(*ranks.Failed)) {
		return nil
	}
	return err
}

// estimateJointly is what all ranks do for [Trainer.Estimate].
func (t *Trainer) estimateJointly(ctx context.Context) (*Online, error) {
	p, err := t.estimateLogPartition(ctx)
	if err != nil {
		return nil, err
	}
	return t.estimate(ctx, p)
}

// EvaluatedRows returns the rows of a part of the data, "train", "valid" or "test", that [Trainer.Evaluate]
// evaluates: all, or if cells are missing and most is positive, at most `most` rows, evenly spread and not all of weight
// 0. It returns nil if the part has none.
func (t *Trainer) EvaluatedRows(part string, most int) *dataset.Rows {
	rows := map[string]*dataset.Rows{partTrain: t.data.Train, partValid: t.data.Valid, partTest: t.data.Test}[part]
	if rows == nil || rows.Missing == nil || most < 1 || rows.N <= most {
		return rows
	}
	order, _ := chosenRows(rows, most)
	return selected(rows, order)
}

// Evaluate returns [likelihood.Evaluate] of [Trainer.EvaluatedRows] under a model with the units and the base rates
// of the run. Of c it takes the functions that report progress; the seed is the seed of the run. The ranks
// of a run divide the work.
func (t *Trainer) Evaluate(ctx context.Context, m *rbm.Model, part string, most int,
	c likelihood.EvaluateConfig) (*likelihood.Evaluation, error) {
	var e *likelihood.Evaluation
	err := t.jointly(order{Do: "evaluate", Part: part, Most: most}, func() (err error) {
		e, err = t.evaluateJointly(ctx, m, part, most, c)
		return err
	})
	return e, err
}

// evaluateJointly is what all ranks do for [Trainer.Evaluate]. Rank 0 gives the model m.
func (t *Trainer) evaluateJointly(ctx context.Context, m *rbm.Model, part string, most int,
	c likelihood.EvaluateConfig) (*likelihood.Evaluation, error) {
	m, err := t.modelOfRank0(m)
	if err != nil {
		return nil, err
	}
	all := likelihood.EvaluateConfig{Method: "auto", Binarize: t.binarize, Seed: t.config.Seed} // the same on all ranks
	all.AIS.Seed = t.config.Seed
	all.AIS.Progress, all.Exact.Progress, all.Known.Progress = c.AIS.Progress, c.Exact.Progress, c.Known.Progress
	return likelihood.Evaluate(ctx, m, t.state.Device(), t.EvaluatedRows(part, most), all)
}

// modelOfRank0 returns m, which rank 0 has and the others do not, on all ranks.
func (t *Trainer) modelOfRank0(m *rbm.Model) (*rbm.Model, error) {
	team := engine.Divided(t.state.Device())
	if team.Size() == 1 {
		return m, nil
	}
	var own []float32
	if team.Rank() == 0 {
		own = slices.Concat(parametersOf(m)...)
	}
	all, err := ranks.Join(team, own)
	if err != nil || team.Rank() == 0 {
		return m, err
	}
	if m, err = t.Model(); err != nil { // for the shapes
		return nil, err
	}
	for _, x := range parametersOf(m) {
		all = all[copy(x, all):]
	}
	return m, nil
}

// parametersOf lists the parameters of a model.
func parametersOf(m *rbm.Model) [][]float32 {
	return [][]float32{
		m.Weights, m.Visible.Bias, m.Hidden.Bias,
		m.Visible.LogVariance, m.Hidden.LogVariance, m.Hidden.Jump, m.Hidden.Skew, m.Lateral,
	}
}
