package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/report"
	"harmonium/store"
)

// reportFlags are the flags of the report command.
type reportFlags struct {
	device  deviceFlags
	out     string
	noRows  bool
	picture string
	json    bool
}

func newReportCommand() *cobra.Command {
	f := &reportFlags{}
	cmd := &cobra.Command{
		Use:   "report RUN...",
		Short: "Write an HTML page that shows whether runs worked",
		Long: `Write an HTML page about run folders that shows whether the runs worked: what is right or
wrong in words, learning curves beside independent units, log Z and its bounds, samples
beside rows, filters, means and covariances of columns, principal components,
histograms, the nearest training row of samples, and the settings. The page is one file
that needs no network and holds no script. Several runs stand side by side.

train writes the same page to its run folder at its end. A run that was ended early, or
is still at work, is shown by its checkpoint. A RUN may also be the folder of
eval --report, whose estimates of log Z the page draws.

The page holds some rows of the data, unless --no-rows is given. Rows are drawn as
pictures if neighbouring values correlate as in pictures, and else by columns; --picture
overrides the choice.`,
		Example: `  harmonium report runs/mnist
  harmonium report runs/pcd runs/pt --out compared.html
  harmonium report runs/table --no-rows`,
		Args: oneOrMore("RUN"),
		RunE: func(cmd *cobra.Command, folders []string) error { return f.run(cmd, folders) },
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.out, "out", "", "`FILE` .html to write, or - for standard output (default: report.html in the folder of one run, or here for several)")
		flags.BoolVar(&f.noRows, "no-rows", false, "leave out everything that shows single rows of the data")
		flags.StringVar(&f.picture, "picture", "", "`WIDTHxHEIGHT` size of a row as a picture, such as 28x28, or none (default: by the data)")
		suggestValues(flags, "picture", "none")
		flags.BoolVar(&f.json, "json", false, "print one JSON object, with what the page says about each run")
	})
	f.device.add(cmd)
	return cmd
}

func (f *reportFlags) run(cmd *cobra.Command, folders []string) error {
	out := f.out
	switch {
	case out == "" && len(folders) == 1:
		out = runFolder(folders[0]).file(filePage)
	case out == "":
		out = filePage
	}
	if err := checkTable(out, f.json, ".html"); err != nil {
		return err
	}
	if err := f.device.check(); err != nil {
		return err
	}
	size, err := parsePicture(f.picture)
	if err != nil {
		return err
	}
	defer f.device.close()
	var runs []*report.Run
	names := folderNames(folders)
	for i, folder := range folders {
		r, err := f.read(cmd, runFolder(folder), size)
		if err != nil {
			return err
		}
		r.Name = names[i]
		runs = append(runs, r)
	}
	if err := writeOut(cmd, out, func(w io.Writer) error { return writeRuns(w, runs...) }); err != nil {
		return err
	}
	if f.json {
		return writeObject(cmd.OutOrStdout(), summaryOfPage(out, runs))
	}
	fmt.Fprintf(notes(cmd, out), "report of %s: %s\n", plural(len(runs), "run"), out)
	return nil
}

// pageSummary is the output of --json.
type pageSummary struct {
	Out  string       `json:"out"`
	Runs []runSummary `json:"runs"`
}

// runSummary is what a page says about a run.
type runSummary struct {
	Name     string         `json:"name"`
	State    report.State   `json:"state"`
	Headline string         `json:"headline"`
	Findings []report.Claim `json:"findings"`
	Notes    []string       `json:"notes"`
}

func summaryOfPage(out string, runs []*report.Run) pageSummary {
	s := pageSummary{Out: out}
	for _, r := range runs {
		headline, claims := r.Verdict()
		notes := append([]string{}, r.Notes...) // no nil, so that JSON has a list without notes too
		s.Runs = append(s.Runs, runSummary{r.Name, r.State, headline, claims, notes})
	}
	return s
}

// writePage writes a page about a run to a file.
func writePage(path string, r *report.Run) error {
	return store.WriteAtomic(path, func(w io.Writer) error { return writeRuns(w, r) })
}

// writeRuns writes a page about runs.
func writeRuns(w io.Writer, runs ...*report.Run) error {
	var names []string
	for _, r := range runs {
		names = append(names, r.Name)
	}
	return report.Write(w, report.Frame{Title: "harmonium: " + strings.Join(names, ", ")}, runs...)
}

// read reads what a run folder holds, and computes the looks of its model, with rows of the data if they can be read.
func (f *reportFlags) read(cmd *cobra.Command, folder runFolder, size *pictureChoice) (*report.Run, error) {
	r, err := readRun(folder)
	if err != nil {
		return nil, err
	}
	path := folder.bestModel(r.State)
	if !exists(path) {
		r.Notes = append(r.Notes, "The folder holds no model, so the page shows no samples and no weights.")
		return r, nil
	}
	m, err := rbm.LoadModel(path)
	if err != nil {
		return nil, err
	}
	r.Update = updatesMade(m)
	c := report.LookConfig{NoRows: f.noRows}
	data := dataFlags{}
	if err := openRows(cmd.Context(), &data, modelArgument{Model: m, path: path}, &c); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: the page shows no rows of the data: %v\n", err)
		r.Notes = append(r.Notes, "The rows of the data could not be read, so the page shows none: "+err.Error())
	} else {
		c.Names = columnNames(c.Set)
		r.Notes = append(r.Notes, noteOnWeights(c.Set)...)
		if incomplete(c.Set) {
			c.Set, r.Notes = nil, append(r.Notes, noteOnMissing)
		}
	}
	c.Levels = levelsOf(m)
	c.Width, c.Height = pictureSize(m)
	size.apply(&c, data.spec)
	if n := pictureValues(m); c.Width*c.Height != 0 && c.Width*c.Height != n {
		return nil, usagef("--picture %s is %d values, but rows of %s have %d", f.picture, c.Width*c.Height, folder, n)
	}
	if f.device.opened == nil { // once for all runs
		if _, err := f.device.open(); err != nil {
			return nil, err
		}
	}
	p := newProgress(cmd.ErrOrStderr())
	defer p.end()
	c.Progress = p.stage("steps", "sampling")
	r.Looks, err = report.Look(cmd.Context(), m, f.device.opened, c)
	return r, err
}

// openRows opens the data that a model names, and sets data, and Set, Binarize and Seed of c. data names the set also
// where its rows cannot be read.
func openRows(ctx context.Context, data *dataFlags, m modelArgument, c *report.LookConfig) error {
	if err := data.ofModel(m.Model); err != nil {
		return err
	}
	if m.Provenance[keyStack] != "" {
		return errors.New("the run is of a stack, and its rows are hidden units")
	}
	if err := data.checkNamed(m); err != nil {
		return err
	}
	c.Seed = data.runSeed
	set, binarize, err := data.open(ctx)
	c.Binarize = binarize
	if err == nil && set.Train.V != m.Visible.Len() {
		err = fmt.Errorf("%s: rows of %d values for a model of %d visible units", set.Name, set.Train.V, m.Visible.Len())
	}
	if err == nil {
		c.Set = set
	}
	return err
}

// columnNames returns the names of the columns, or nil without a header.
func columnNames(set *dataset.Set) []string {
	if o := set.Train.Origin; o != nil && len(o.Names) == set.Train.V {
		return o.Names
	}
	return nil
}

// pictureChoice is the value of --picture: a size, or 0 by 0 for none, which says that rows are no pictures.
type pictureChoice struct{ width, height int }

// parsePicture reads the flag --picture. It returns nil if the flag is not given.
func parsePicture(text string) (*pictureChoice, error) {
	p := &pictureChoice{}
	switch text {
	case "":
		return nil, nil
	case "none":
		return p, nil
	}
	var rest string // what follows the size; with it n is 3
	if n, _ := fmt.Sscanf(text, "%dx%d%s", &p.width, &p.height, &rest); n != 2 || p.width < 1 || p.height < 1 {
		return nil, usagef("--picture %s, want WIDTHxHEIGHT, such as 28x28, or none", shellWord(text))
	}
	return p, nil
}

// apply sets the size of rows as pictures to the given one. If p is nil it leaves the model's size, which counts for
// a file with square rows only if they look like pictures: any table with a square number of columns has such a size.
func (p *pictureChoice) apply(c *report.LookConfig, data string) {
	if p != nil {
		c.Width, c.Height = p.width, p.height
		return
	}
	c.Doubtful = c.Width == c.Height && !dataset.BuiltIn(data)
}

// folderNames names runs by the last parts of their folders' paths, from 1 to 4 parts, as many as are needed to make
// the names differ. Where names are still the same, as of a folder that is given twice, they get numbers.
func folderNames(folders []string) []string {
	paths, distinct := make([]string, len(folders)), map[string]bool{}
	for i, folder := range folders {
		paths[i] = absolute(folder)
		distinct[paths[i]] = true
	}
	names := make([]string, len(folders))
	for parts := 1; parts <= 4; parts++ {
		seen := map[string]bool{}
		for i, path := range paths {
			names[i] = lastParts(path, parts)
			seen[names[i]] = true
		}
		if len(seen) == len(distinct) {
			break
		}
	}
	times := map[string]int{}
	for i, name := range names {
		if times[name]++; times[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", name, times[name])
		}
	}
	return names
}

// lastParts returns the last n parts of an absolute path.
func lastParts(path string, n int) string {
	var name []string
	for range n {
		if base := filepath.Base(path); base != string(filepath.Separator) {
			name = append([]string{base}, name...)
		}
		path = filepath.Dir(path)
	}
	return filepath.Join(name...)
}
