package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

const defaultData = "mnist"

// dataFlags choose the rows that a command reads and how they become states.
type dataFlags struct {
	spec     string
	test     string
	valid    string
	key      string
	binarize string // empty: chosen by the data
	seed     uint64
	drawn    uint64 // seed of the validation rows, if a model recorded one
	recorded bool   // drawn is set

	visible string          // units that the columns stand for, auto to choose them; empty for worth
	worth   []dataset.Worth // of the columns of a model
}

// add adds the flags, but for the seed, to a command that opens a data set by itself.
func (f *dataFlags) add(cmd *cobra.Command) {
	f.addTo(cmd, defaultData, "mnist", "none", "the test rows of the data set", "dynamic for grey values, none for 0 and 1")
}

// addForModel adds the flags, but for the seed, to a command whose default data are the
// training data of its model: see ofModel.
func (f *dataFlags) addForModel(cmd *cobra.Command) {
	const trained = "as in training"
	f.addTo(cmd, "", "the training data of the model", trained, trained, trained)
}

func (f *dataFlags) addTo(cmd *cobra.Command, spec, data, valid, test, binarize string) {
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.spec, "data", spec, "`DATA` mnist, bars-and-stripes:N, or a file: IDX, CSV, NPY or NPZ, gzipped or not (default: "+data+")")
		suggestValues(flags, "data", defaultData, "bars-and-stripes:4")
		flags.StringVar(&f.test, "test", "", "`FILE` test rows (default: "+test+")")
		flags.StringVar(&f.valid, "valid", "", "`FRACTION|FILE` validation rows: a share of the training rows, drawn by the seed, or a data file (default: "+valid+")")
		flags.StringVar(&f.key, "key", "", "array to read from an NPZ file (default: the only one that fits)")
		flags.StringVar(&f.binarize, "binarize", "", "`MODE` how grey values become states: dynamic (drawn at every visit), static (drawn once), threshold[=T] (1 above T, or above 0.5), or none (default: "+binarize+")")
		suggestValues(flags, "binarize", binarizations...)
	})
}

// binarizations are the names that --binarize takes; threshold=T is the other one.
var binarizations = []string{"dynamic", "static", "threshold", "none"}

// addSeed adds the flag of the seed.
func (f *dataFlags) addSeed(flags *pflag.FlagSet) {
	flags.Uint64Var(&f.seed, "seed", train.DefaultConfig().Seed, "seed of all random numbers")
}

// ofModel sets the flags that were not given from the provenance of a model. If --data is
// given, only the binarization is taken from the model.
func (f *dataFlags) ofModel(m *rbm.Model) error {
	known := m.Provenance
	f.worth = worthOf(m.Visible.Units)
	if f.binarize == "" {
		f.binarize = known["binarize"]
	}
	if f.spec != "" {
		return nil
	}
	if known["data"] == "" {
		return usagef("the model does not name its data; give rows after it, or by --data")
	}
	f.spec = known["data"]
	if f.test == "" {
		f.test = known["test"]
	}
	if f.key == "" {
		f.key = known["key"]
	}
	if f.valid != "" {
		return nil
	}
	f.valid = known["valid"]
	var err error
	if f.drawn, err = strconv.ParseUint(known["seed"], 10, 64); err != nil {
		return fmt.Errorf("provenance of the model: seed %q, want a number", known["seed"])
	}
	f.recorded = true
	return nil
}

// open opens the data set and determines the binarization.
func (f *dataFlags) open() (*dataset.Set, dataset.Binarization, error) {
	var none dataset.Binarization
	chosen, err := dataset.ParseBinarization(f.binarize)
	if f.binarize != "" && err != nil {
		return nil, none, usagef("--binarize %s, want dynamic, static, threshold, threshold=T with T in [0,1), or none%s", shellWord(f.binarize), didYouMean(f.binarize, "", binarizations))
	}
	if fraction, err := strconv.ParseFloat(f.valid, 64); err == nil && !(fraction > 0 && fraction < 1) {
		return nil, none, usagef("--valid %s, want a fraction in (0,1) or a file", f.valid)
	}
	options := dataset.Options{Test: f.test, Valid: f.valid, Key: f.key, Seed: f.seed}
	if f.recorded {
		options.Seed = f.drawn
	}
	set, err := f.openSet(options)
	if err != nil {
		return nil, none, err
	}
	if f.binarize == "" {
		chosen = set.Train.DefaultBinarization()
	}
	return set, chosen, nil
}

// openSet opens the data set, whose columns stand for the visible units.
func (f *dataFlags) openSet(options dataset.Options) (set *dataset.Set, err error) {
	switch f.visible {
	case "":
		options.Worth = f.worth
	case autoUnits:
		set, f.visible, err = openUnits(f.spec, options)
		return set, err
	default:
		if options.Worth, err = worthOfText(f.visible); err != nil {
			return nil, usagef("--visible %s: %v", shellWord(f.visible), err)
		}
	}
	set, err = dataset.Open(f.spec, options)
	if columns := (*dataset.ColumnsError)(nil); f.visible != "" && errors.As(err, &columns) {
		return nil, usagef("--visible %s of %d units, but %s has %d columns", shellWord(f.visible), columns.Want, f.spec, columns.Got)
	}
	return set, err
}

// provenance returns the entries that ofModel reads, with absolute paths.
func (f *dataFlags) provenance(b dataset.Binarization) map[string]string {
	known := map[string]string{
		"data": f.spec, "binarize": b.String(), "seed": strconv.FormatUint(f.seed, 10),
	}
	if f.spec != defaultData && !strings.HasPrefix(f.spec, "bars-and-stripes:") {
		known["data"] = absolute(f.spec)
	}
	if f.test != "" {
		known["test"] = absolute(f.test)
	}
	if f.key != "" {
		known["key"] = f.key
	}
	if _, err := strconv.ParseFloat(f.valid, 64); err == nil {
		known["valid"] = f.valid
	} else if f.valid != "" {
		known["valid"] = absolute(f.valid)
	}
	return known
}

// absolute returns the absolute path of a file, and standard input as it is.
func absolute(path string) string {
	if path == "-" {
		return path
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// rowsOf returns the named part of a data set.
func rowsOf(set *dataset.Set, split string) (*dataset.Rows, error) {
	var rows *dataset.Rows
	switch split {
	case "train":
		rows = set.Train
	case "test":
		rows = set.Test
	case "valid":
		rows = set.Valid
	}
	if rows == nil {
		return nil, usagef("%s has no %s rows; name a file of them by --%[2]s, or choose others by --split", set.Name, split)
	}
	return rows, nil
}

// deviceFlags choose the device that a command computes on.
type deviceFlags struct {
	name      string
	threads   int
	precision string
	opened    engine.Device
}

func (f *deviceFlags) add(cmd *cobra.Command) {
	addGroup(cmd, groupDevice, func(flags *pflag.FlagSet) {
		oneOf(flags, &f.name, "device", "auto", "one of: auto (a GPU where there is one), cpu, cuda", "auto", "cpu", "cuda")
		flags.IntVar(&f.threads, "threads", 0, "threads of the host; results do not depend on it, and more than one per core are slower (default: one per core)")
		oneOf(flags, &f.precision, "precision", "auto",
			"precision of products in training on a GPU, one of: auto (tf32 where the GPU has it), f32, tf32, bf16; the host uses f32", "auto", "f32", "tf32", "bf16")
	})
}

// check returns an error for a number of threads that no device has.
func (f *deviceFlags) check() error {
	if f.threads < 0 || f.threads > engine.MaxThreads {
		return usagef("--threads %d, want 1 to %d, or 0 for one per core", f.threads, engine.MaxThreads)
	}
	return nil
}

// open opens the device; close closes it.
func (f *deviceFlags) open() (engine.Device, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	options := engine.Options{Device: f.name, Threads: f.threads}
	if f.precision != "auto" {
		options.Precision = f.precision
	}
	d, err := engine.OpenWith(options)
	if err != nil {
		return nil, err
	}
	f.opened = d
	return d, nil
}

// close closes the device, if it was opened.
func (f *deviceFlags) close() {
	if f.opened != nil {
		f.opened.Close()
	}
}

// checkSize returns an error for a matrix whose elements a 32-bit index cannot count. Without
// it such a matrix would exhaust the memory and end the process without a message.
func checkSize(what string, rows, columns int) error {
	if rows > 0 && columns > math.MaxInt32/rows {
		return usagef("%s of %d x %d values, want at most %d", what, rows, columns, math.MaxInt32)
	}
	return nil
}

// positiveFlag returns an error for a value below 1.
func positiveFlag(name string, value int) error {
	if value < 1 {
		return usagef("--%s %d, want at least 1", name, value)
	}
	return nil
}
