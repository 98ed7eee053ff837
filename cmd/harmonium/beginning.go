package main

import (
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// keyInit is the provenance of a run that began with a model: the path of that model.
const keyInit = "init"

// beginning returns the model of --init, or nil. The run takes its sizes and units from the model, unless
// flags name them, and the first lines of the run name the model.
func (f *trainFlags) beginning(r *trainRun, c *train.Config) (*rbm.Model, error) {
	if f.init == "" {
		return nil, nil
	}
	r.init = absolute(f.init)
	m, err := openModel(f.init)
	if err != nil {
		return nil, err
	}
	r.begins = "begins with the parameters of " + m.path
	if m.note != "" {
		r.begins = m.note + "; the run " + r.begins
	}
	if f.data.visible == autoUnits {
		f.data.visible = unitNames(m.Visible.Units)
	}
	if c.Hidden == 0 {
		c.Hidden = m.Hidden.Len()
	}
	if c.HiddenUnits == "" {
		c.HiddenUnits = unitNames(m.Hidden.Units)
	}
	return m.Model, nil
}

// newTrainer returns the trainer of a new run, which begins with a model if that is not nil.
func (r *trainRun) newTrainer(c train.Config, from *rbm.Model) (*train.Trainer, error) {
	if from == nil {
		return train.New(c, r.set, r.device)
	}
	return train.NewFrom(c, from, r.set, r.device)
}
