package main

import (
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// keyInit is the key in the provenance for the path of the model that a run began with.
const keyInit = "init"

// beginning returns the model of --init, or nil. The run has couplings if the model has them, takes its sizes and
// units from the model, unless flags name them, and its first lines name the model.
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
	switch table := m.Provenance[keyTable]; {
	case f.data.table.given() || f.data.table.known != "": // flags or --config say what the columns are
	case table != "":
		f.data.table.known = table
	case f.data.visible == autoUnits:
		f.data.visible = unitNames(m.Visible.Units)
	}
	c.Lateral = c.Lateral || m.Coupled()
	if c.Hidden == 0 {
		c.Hidden = m.Hidden.Len()
	}
	if c.HiddenUnits == "" {
		c.HiddenUnits = unitNames(m.Hidden.Units)
	}
	return m.Model, nil
}

// checkBeginning returns an error if the columns of a table stand for others than in the model of --init. Of other
// models train.NewFrom compares the units, which are all that is known of their columns.
func (r *trainRun) checkBeginning(from *rbm.Model) error {
	if from == nil || from.Provenance[keyTable] == "" {
		return nil
	}
	if s := r.set.Schema; s == nil || s.Text() != from.Provenance[keyTable] {
		return usagef("the columns of %s stand for other units than the model of --init %s; without flags for them the "+
			"model's schema is taken", r.set.Name, r.init)
	}
	return nil
}

// newTrainer returns the trainer of a new run, which begins with a model if that is not nil.
func (r *trainRun) newTrainer(c train.Config, from *rbm.Model) (*train.Trainer, error) {
	if from == nil {
		return train.New(c, r.set, r.device)
	}
	return train.NewFrom(c, from, r.set, r.device)
}
