package train

import (
	"context"
	"errors"

	"harmonium/engine"
	"harmonium/ranks"
)

// jointly makes work on all ranks, which divide it among them (see [engine.Divide]). It is for rank 0: the others
// do the same in [Trainer.Follow] when they get the order. On one rank it only makes the work.
func (t *Trainer) jointly(o order, work func() error) error {
	if !t.several() {
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

// divided makes work that all ranks divide.
func (t *Trainer) divided(work func() error) error {
	d := t.state.Device()
	engine.Divide(d, true)
	defer engine.Divide(d, false)
	return ranks.Conclude(t.ranks(), work())
}

// join is divided on a rank that follows. An error that all ranks have is up to rank 0.
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
