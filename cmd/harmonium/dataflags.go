package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/train"
	"harmonium/store"
)

const defaultData = "mnist"

// dataFlags choose the rows that a command reads and how they become states.
type dataFlags struct {
	spec     string
	test     string
	valid    string
	key      string
	header   string // auto, yes or no
	columns  dataset.Columns
	scale    float64
	binarize string // empty: chosen by the data
	seed     uint64
	runSeed  uint64 // seed of the run of a model, by which fractions are drawn again as in that run
	recorded bool   // runSeed is set: the model's provenance names the test rows as a fraction, or the validation rows
	blocks   *int   // rows of a block, 0 for all rows in memory; nil if the command has no such flag

	lax bool // columns of labels, weights and the like may be missing from the files

	// If a model names the data: the fingerprints of their parts that it records, and its files.
	fingerprints map[string]string
	named        []string

	table tableFlags
	grey  greyFlags

	visible string          // units that the columns stand for, auto to choose them; empty if worth says it
	worth   []dataset.Worth // what values stand for in the columns of the model
	width   int             // columns of the model's data; 0 without a model
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

// addTo adds the flags with the default of --data, and with the words for the defaults in the help.
func (f *dataFlags) addTo(cmd *cobra.Command, spec, data, valid, test, binarize string) {
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		addSpecs(flags, &f.spec, "data", spec,
			"`DATA` mnist, bars-and-stripes:N, penguins, or a file, an array in it as FILE:ARRAY, a pattern of files, a folder "+
				"of pictures, or - for standard input; repeat it for the rows of several (default: "+data+")")
		suggestValues(flags, "data", defaultData, "bars-and-stripes:4", "penguins")
		addSpecs(flags, &f.test, "test", "",
			"`FRACTION|FILE` test rows: a share of the training rows, drawn by the seed, or files as --data takes them "+
				"(default: "+test+")")
		addSpecs(flags, &f.valid, "valid", "", "`FRACTION|FILE` validation rows, as --test takes them (default: "+valid+")")
		flags.StringVar(&f.key, "key", "", "array of --data, as in FILE:ARRAY (default: the only one that fits)")
		takeOnce(flags, "key")
	})
	f.addColumns(cmd)
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.binarize, "binarize", "",
			"`MODE` how grey values become states: dynamic (drawn at every visit), static (drawn once), threshold[=T] (1 above "+
				"T, or above 0.5), or none (default: "+binarize+")")
		suggestValues(flags, "binarize", binarizations...)
		takeOnce(flags, "binarize")
	})
}

// addColumns adds the flags that say what the cells of files are.
func (f *dataFlags) addColumns(cmd *cobra.Command) {
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		f.addChoice(flags)
		flags.StringVar(&f.columns.Weight, "weight-column", "",
			"`COLUMN` weights of the rows, at least 0: a row counts in training and likelihoods in proportion to its weight; 2 "+
				"is the row twice (default: all count alike)")
		flags.Var(conditions{&f.columns.Where}, "where",
			"`COLUMN=VALUE` rows with this value, or with one of several with commas between; label=4 is about the labels; "+
				"repeat it for more conditions (default: all rows)")
		flags.Float64Var(&f.scale, "scale", 0,
			"`MAX` divide all numbers by this, their greatest possible value (default: 255 for grey levels of a byte, else 1)")
		takeOnce(flags, "weight-column", "scale")
	})
}

// addChoice adds the flags that say which columns of files are data.
func (f *dataFlags) addChoice(flags *pflag.FlagSet) {
	oneOf(flags, &f.header, "header", headerAuto,
		"whether the first line of a text names the columns, one of: auto (where the cells say so), yes, no", headerAuto,
		store.HeaderYes, store.HeaderNo)
	flags.Var(commaList{&f.columns.Keep}, "columns",
		"`LIST` columns that are data, by name or by number from 1, such as 2-17,20 (default: all)")
	flags.Var(commaList{&f.columns.Drop}, "drop", "`LIST` columns to leave out (default: none)")
	flags.StringVar(&f.columns.Label, "label", "", "`COLUMN|FILE:ARRAY` labels of the rows, which are no data (default: none)")
	takeOnce(flags, "header", "label")
}

// headerAuto is the value of --header that leaves the header to the cells.
const headerAuto = "auto"

// binarizations are the names that --binarize takes; threshold=T is the other one.
var binarizations = []string{"dynamic", "static", "threshold", "none"}

// addSeed adds the flag of the seed.
func (f *dataFlags) addSeed(flags *pflag.FlagSet) {
	flags.Uint64Var(&f.seed, "seed", train.DefaultConfig().Seed, "seed of all random numbers")
}

// ofModel sets the flags that were not given from the provenance of a model. If --data is
// given, the model only says what its columns are and how they become states.
func (f *dataFlags) ofModel(m *rbm.Model) error {
	known := m.Provenance
	f.worth, f.table.known = worthOf(m.Visible.Units), known[keyTable]
	if f.table.known != "" && (f.columns.Keep != "" || f.columns.Drop != "") {
		return usagef("--columns or --drop beside a model of a table, want neither: it knows its columns by name and leaves out others")
	}
	if f.binarize == "" {
		f.binarize = known["binarize"]
	}
	var err error
	if f.grey, err = recallGrey(known); err != nil {
		return err
	}
	f.width = m.Visible.Len() / max(1, f.grey.levels)
	if err := f.recallBlocks(known); err != nil {
		return err
	}
	if f.spec != "" {
		f.recallForOthers(known)
		return nil
	}
	if known["data"] == "" {
		return usagef("the model does not name its data; give rows after it, or by --data")
	}
	f.named, f.fingerprints = f.namedFiles(known), f.fingerprintsOf(known) // by the flags that were given, not yet recalled
	f.spec, f.grey.recalled = known["data"], true
	f.key = cmp.Or(f.key, known["key"])
	f.recallColumns(known)
	if f.test == "" {
		f.test = known["test"]
		f.recorded = isFraction(f.test)
	}
	if f.valid == "" {
		f.valid, f.recorded = known["valid"], true // also if it is empty: a fraction for --test is then drawn by the run's seed
	}
	if !f.recorded {
		return nil
	}
	if f.runSeed, err = strconv.ParseUint(known["seed"], 10, 64); err != nil {
		return fmt.Errorf("provenance of the model: seed %q, want a number", known["seed"])
	}
	return nil
}

// recallForOthers recalls the columns for rows that are not the training data. They may lack the columns
// of labels and weights, and the conditions on the training rows do not hold for them. If a flag chooses
// columns, nothing is recalled.
func (f *dataFlags) recallForOthers(known map[string]string) {
	if c := f.columns; c.Keep != "" || c.Drop != "" || c.Label != "" || c.Weight != "" {
		return
	}
	where := f.columns.Where
	f.recallColumns(known)
	f.columns.Where, f.lax = where, true
}

// recallColumns sets the flags of addColumns that were not given from the provenance of a model.
func (f *dataFlags) recallColumns(known map[string]string) {
	fill := func(p *string, key string) { *p = cmp.Or(*p, known[key]) }
	if header := known["header"]; header != "" && (f.header == "" || f.header == headerAuto) {
		f.header = header
	}
	fill(&f.columns.Keep, "columns")
	fill(&f.columns.Drop, "drop")
	fill(&f.columns.Label, "label")
	fill(&f.columns.Weight, "weight_column")
	if text := known["where"]; text != "" && f.columns.Where == nil {
		f.columns.Where = dataset.SplitSpec(text)
	}
	if x, err := strconv.ParseFloat(known["scale"], 64); err == nil && f.scale == 0 {
		f.scale = x
	}
}

// open opens the data set and determines the binarization.
func (f *dataFlags) open(ctx context.Context) (*dataset.Set, dataset.Binarization, error) {
	var none dataset.Binarization
	chosen, err := dataset.ParseBinarization(f.binarize)
	if f.binarize != "" && err != nil {
		return nil, none, usagef("--binarize %s, want dynamic, static, threshold, threshold=T with T in [0,1), or none%s",
			shellWord(f.binarize), didYouMean(f.binarize, "", binarizations))
	}
	if err := f.check(); err != nil {
		return nil, none, err
	}
	options := f.options()
	options.Test, options.Valid, options.Key, options.Seed, options.BlockRows = f.test, f.valid, f.key, f.seed, f.blockRows()
	if f.recorded {
		options.Seed = f.runSeed
	}
	set, err := interruptible(ctx, func() (*dataset.Set, error) {
		set, err := f.openSet(options)
		if err == nil {
			err = f.dequantizeSet(set)
		}
		if err == nil {
			err = checkFingerprints(f.fingerprints, set)
		}
		return set, err
	})
	if err != nil {
		return nil, none, err
	}
	if table := isTable(set.Schema); f.binarize == "" && !table {
		chosen = set.Train.DefaultBinarization()
	} else if table && chosen.Mode != dataset.None {
		return nil, none, usagef("--binarize %s of a table, whose columns are units of their own, want none", shellWord(f.binarize))
	}
	return set, chosen, nil
}

// check returns an error for flags that no data set can satisfy.
func (f *dataFlags) check() error {
	for _, part := range []struct{ flag, spec string }{{"test", f.test}, {"valid", f.valid}} {
		if fraction, err := strconv.ParseFloat(part.spec, 64); err == nil && !(fraction > 0 && fraction < 1) {
			return usagef("--%s %s, want a fraction in (0,1) or a file", part.flag, part.spec)
		}
	}
	if err := f.checkTableFlags(); err != nil {
		return err
	}
	if err := f.checkGrey(); err != nil {
		return err
	}
	if f.scale < 0 || math.IsInf(f.scale, 0) || math.IsNaN(f.scale) {
		return usagef("--scale %v, want a positive number", f.scale)
	}
	return nil
}

// options returns the options by which all files are read.
func (f *dataFlags) options() dataset.Options {
	o := dataset.Options{Columns: f.columns, Scale: f.scale, Header: f.header, Lax: f.lax, Missing: true, Levels: f.grey.levels,
		Width: f.width, Piped: new(store.Piped)}
	if o.Header == headerAuto {
		o.Header = store.HeaderAuto
	}
	return o
}

// openSet opens the data set, whose columns stand for the visible units.
func (f *dataFlags) openSet(options dataset.Options) (set *dataset.Set, err error) {
	switch {
	case f.table.known != "":
		return f.openKnown(options)
	case f.table.given() || f.visible == autoUnits:
		return f.openTable(options)
	case f.grey.levels > 0: // the values of the files are grey levels, whatever units they become
	case f.visible == "":
		options.Worth = f.worth
	default:
		if options.Worth, err = worthOfText(f.visible); err != nil {
			return nil, usagef("--visible %s: %v", shellWord(f.visible), err)
		}
	}
	set, err = dataset.Open(f.spec, options)
	if columns := (*dataset.ColumnsError)(nil); f.visible != "" && errors.As(err, &columns) {
		return nil, usagef("--visible %s of %d units, but %s has %d columns", shellWord(f.visible), columns.Want, f.spec, columns.Got)
	}
	if err == nil && f.spread(set) {
		return f.openStandardised(options)
	}
	return set, f.explain(err, false)
}

// provenance returns the entries that ofModel reads about a set, with absolute paths.
func (f *dataFlags) provenance(set *dataset.Set, b dataset.Binarization) map[string]string {
	seed := f.seed
	if f.recorded { // the fractions were drawn by the seed of another run
		seed = f.runSeed
	}
	known := map[string]string{
		"data": f.spec, "binarize": b.String(), "seed": strconv.FormatUint(seed, 10),
	}
	if !dataset.BuiltIn(f.spec) {
		known["data"] = absolute(arrayOf(f.spec, set.Train))
	}
	for _, part := range []struct {
		key, spec string
		rows      *dataset.Rows
	}{{"test", f.test, set.Test}, {"valid", f.valid, set.Valid}} {
		if isFraction(part.spec) {
			known[part.key] = part.spec
		} else if part.spec != "" {
			known[part.key] = absolute(arrayOf(part.spec, part.rows))
		}
	}
	label := f.columns.Label
	if isSource(label) {
		label = absolute(label)
	}
	maps.Copy(known, f.table.provenance(set.Schema))
	f.grey.record(known)
	for key, value := range map[string]string{
		"key": f.key, "columns": f.columns.Keep, "drop": f.columns.Drop, "label": label,
		"weight_column": f.columns.Weight, "where": dataset.JoinSpecs(f.columns.Where...),
	} {
		if value != "" {
			known[key] = value
		}
	}
	if f.header != "" && f.header != headerAuto {
		known["header"] = f.header
	}
	if f.scale != 0 {
		known["scale"] = strconv.FormatFloat(f.scale, 'g', -1, 64)
	}
	return known
}

// isFraction reports whether the spec of test or validation rows is a share of the training rows.
func isFraction(spec string) bool {
	_, err := strconv.ParseFloat(spec, 64)
	return err == nil
}

// arrayOf returns the spec of rows: FILE:ARRAY with the array that was read, if they are from one file.
func arrayOf(spec string, rows *dataset.Rows) string {
	if rows.Origin != nil && len(rows.Origin.Files) == 1 {
		return rows.Origin.Files[0]
	}
	return spec
}

// isSource reports whether a label is FILE:ARRAY with a file that exists, and not a column.
func isSource(label string) bool {
	path := label
	if i := strings.LastIndexByte(label, ':'); i > 0 {
		path = label[:i]
	}
	_, err := os.Stat(path)
	return err == nil && path != label
}

// absolute returns a spec of files with absolute paths, and standard input as it is.
func absolute(spec string) string {
	list := dataset.SplitSpec(spec)
	for i, path := range list {
		if path == store.StandardInput {
			continue
		}
		if full, err := filepath.Abs(path); err == nil {
			list[i] = full
		}
	}
	return dataset.JoinSpecs(list...)
}
