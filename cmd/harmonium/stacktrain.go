package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/sample"
	"harmonium/rbm/train"
)

// stackBelow reads the models of --init-stack, a stack or a model each, to r.below. The run takes the data from the
// provenance of the first one, unless flags name other data.
func (f *trainFlags) stackBelow(r *trainRun, flags *pflag.FlagSet) error {
	if f.stack == "" {
		return nil
	}
	for _, name := range []string{"init", "visible", "schema", "bins", "label-units"} {
		if flags.Changed(name) {
			return usagef("--%s beside --init-stack, want one of them", name)
		}
	}
	var first stackArgument
	for n, path := range dataset.SplitSpec(f.stack) {
		s, err := openStack(path)
		if err != nil {
			return fmt.Errorf("--init-stack: %w", err)
		}
		if n == 0 {
			first = s
		}
		r.below = append(r.below, s.models()...)
	}
	if r.below.Top().Coupled() {
		return fmt.Errorf("--init-stack: the last model has couplings among its visible units, want a model without")
	}
	for _, g := range r.below.Top().Hidden.Units {
		if g.Kind.Half() || g.Kind.Sides() {
			return fmt.Errorf("--init-stack: the last model has %v hidden units, want kinds that visible units can have: %s",
				g.Kind, strings.Join(append(engine.KindNames(), engine.VisibleRealKindNames()...), ", "))
		}
	}
	if err := r.below.Check(); err != nil {
		return fmt.Errorf("--init-stack: %w", err)
	}
	r.stack = absolute(f.stack)
	if !flags.Changed("data") {
		f.data.spec = ""
	}
	f.data.visible = ""
	below := first.first()
	if err := f.data.ofModel(below.Model); err != nil {
		return fmt.Errorf("--init-stack %s: %w", below.path, err)
	}
	return f.data.checkNamed(below)
}

// recallStack reads the models below the trained one, which a checkpoint names, and sets the flags that
// the rows of the first one depend on.
func (f *trainFlags) recallStack(r *trainRun, path string, c *train.Checkpoint) error {
	text := c.Provenance[keyStack]
	if text == "" {
		return nil
	}
	s := stackArgument{modelArgument: modelArgument{path: path}}
	if err := s.readBelow(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	r.below, r.layers, r.stack = s.below, s.files, c.Provenance[keyInitStack]
	f.data.visible, f.data.worth = "", worthOf(s.below[0].Visible.Units)
	f.data.binarize = c.Provenance["binarize"]
	return nil
}

// keyInitStack is the key in the provenance of a run with a stack. The value is the paths that --init-stack gave.
const keyInitStack = "init_stack"

// takeHidden replaces the rows of a run with a stack by hidden units of the last model below, given these rows. They are
// computed on the host, so that they have the same bits whatever device trains. The provenance has the fingerprints of
// the data, not of the hidden units.
func (f *trainFlags) takeHidden(ctx context.Context, r *trainRun) error {
	if r.below == nil {
		return nil
	}
	first := r.below[0].Visible.Len()
	if r.set.Train.V != first {
		return fmt.Errorf("%s: rows of %d values for a model of %d visible units", r.set.Name, r.set.Train.V, first)
	}
	device := r.device
	if !engine.OnHost(device) {
		host, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: f.device.threads})
		if err != nil {
			return err
		}
		defer host.Close()
		device = host
	}
	set := &dataset.Set{Name: r.set.Name}
	sums := map[string]string{}
	for _, part := range []struct {
		name string
		from *dataset.Rows
		to   **dataset.Rows
	}{{"train", r.set.Train, &set.Train}, {"valid", r.set.Valid, &set.Valid}, {"test", r.set.Test, &set.Test}} {
		if part.from == nil {
			continue
		}
		if err := (seenRows{Rows: part.from, set: r.set}).checkWhole(); err != nil {
			return fmt.Errorf("--init-stack: %w", err)
		}
		rows, err := sample.LayerRows(ctx, r.below, device, part.from, r.binarize, f.data.seed)
		if err != nil {
			return fmt.Errorf("--init-stack: %w", err)
		}
		*part.to, sums[part.name+sumSuffix] = rows, part.from.Fingerprint()
	}
	maps.Copy(r.known, sums)
	r.known[keyInitStack] = r.stack
	if r.set.Width > 0 {
		r.known[provenancePicture] = fmt.Sprintf("%dx%d", r.set.Width, r.set.Height)
	}
	r.begins = "rows are hidden units of the stack " + describeStack(r.below) + " given the data; log-likelihoods are of these rows, and eval bounds the log-likelihoods of the data"
	r.set, r.binarize, r.grey = set, set.Train.DefaultBinarization(), greyFlags{}
	f.data.visible = unitNames(r.below.Top().Hidden.Units)
	return nil
}

// describeStack lists the sizes of models, from the data up: "784-500-250".
func describeStack(s rbm.Stack) string {
	sizes := []string{fmt.Sprint(s[0].Visible.Len())}
	for _, m := range s {
		sizes = append(sizes, fmt.Sprint(m.Hidden.Len()))
	}
	return strings.Join(sizes, "-")
}
