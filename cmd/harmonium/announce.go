package main

import (
	"fmt"
	"strings"
)

// announce prints the first lines of a run.
func (r *trainRun) announce() {
	c := r.trainer.Config()
	about := newDescription(r.set.Train, r.grey.levels)
	if r.forecast.Ranks > 0 {
		fmt.Fprintln(r.out, describeForecast(r.forecast))
	}
	fmt.Fprintf(r.out, "device: %s; data: %s, %s of %s, binarization %s; model: %dx%d%s\n",
		r.device.Name(), r.set.Name, plural(r.set.Train.N, "training row"), r.columns(about), r.binarize, r.set.Train.V, c.Hidden,
		describeUnits(c))
	if s := r.set.Schema; s != nil {
		printColumns(r.out, s, "  ")
		for _, text := range constantColumns(s, r.set.Train) {
			r.warn(text)
		}
	}
	if text := describeWeights(r.set.Train); text != "" {
		fmt.Fprintln(r.out, text+"; log-likelihoods are weighted")
	}
	for _, hint := range about.Hints {
		fmt.Fprintf(r.out, "hint: %s\n", hint)
	}
	if text := about.uniform(r.set.Train, r.binarize); text != "" {
		r.warn(text)
	}
	update, total := r.trainer.Updates()
	fmt.Fprintf(r.out, "run folder: %s; %s-%d, %d updates", r.folder, c.Algorithm, c.GibbsSteps, total)
	if update == total {
		fmt.Fprint(r.out, ", all of them made before\nnothing is left to train: more --updates or --epochs go on")
	} else if r.resumed {
		fmt.Fprintf(r.out, ", %d of them made before", update)
	}
	fmt.Fprintln(r.out)
	if r.unsummed {
		fmt.Fprintf(r.out, "the %s is of an earlier version and has no sum of the run's settings: damage to them would be "+
			"unnoticed\n", fileCheckpoint)
	}
	if r.begins != "" {
		fmt.Fprintln(r.out, r.begins)
	}
	if r.recipe != "" {
		fmt.Fprintln(r.out, r.recipe)
	}
	for _, chosen := range r.choices { // settings that the data decided
		fmt.Fprintf(r.out, "--%s %v: %s\n", strings.ReplaceAll(chosen.Setting, "_", "-"), chosen.Value, chosen.Reason)
	}
	if why := r.set.InMemory; why != "" {
		fmt.Fprintf(r.out, "--block-rows %d: %s; the rows are visited block by block all the same\n", c.BlockRows, why)
	}
	if r.pace.Patience > 0 {
		r.announcePatience()
	}
}

// columns describes the columns of the training rows.
func (r *trainRun) columns(about *description) string {
	if s := r.set.Schema; isTable(s) {
		text := fmt.Sprintf("%s, a table", plural(len(s.Columns), "column"))
		if missing := s.MissingIn(r.set.Train); missing > 0 {
			text += ", " + plural(missing, "missing cell")
		}
		return text
	}
	if levels := r.grey.levels; levels > 0 {
		return fmt.Sprintf("%s, in %d levels", about, levels)
	}
	return about.String()
}
