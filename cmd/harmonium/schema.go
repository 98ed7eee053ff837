package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// keyTable is the key in the provenance of a model for the schema of its data, as JSON.
const keyTable = "table"

// autoSchema is the value of --schema that makes a schema of any table.
const autoSchema = "auto"

// tableFlags say what the columns of a table stand for.
type tableFlags struct {
	spec  string // auto or a file; empty to make a schema where the cells need one
	bins  int
	label bool // the label becomes a unit

	known      string // JSON of a schema that is known: of a model, of a configuration or of the file
	unlabelled bool   // rows may have no label
}

// add adds the flags.
func (t *tableFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&t.spec, "schema", "", "`auto|FILE` what the columns of a table stand for: auto (two words or numbers are a bernoulli unit, few words or integers a categorical one, other numbers, standardised, a gaussian one), or a JSON file as a run writes it (default: auto where cells are words or columns differ in range)")
	suggestValues(flags, "schema", autoSchema)
	flags.IntVar(&t.bins, "bins", 0, "make N categories, with about equally many rows each, of every column of other numbers, instead of a gaussian unit")
	flags.BoolVar(&t.label, "label-units", false, "make the label a categorical unit, whose classes the command classify gives probabilities of")
	takeOnce(flags, "schema", "bins")
}

// given reports whether flags ask for units by the columns of a table.
func (t *tableFlags) given() bool { return t.spec != "" || t.bins != 0 || t.label }

// checkTableFlags returns an error for flags that no table can satisfy.
func (f *dataFlags) checkTableFlags() error {
	t := &f.table
	named := f.visible != "" && f.visible != autoUnits
	file := t.spec != "" && t.spec != autoSchema
	switch {
	case t.known != "": // from a model or a configuration, whose flags were checked
		return nil
	case t.bins != 0 && (t.bins < 2 || t.bins > dataset.MaxCategories):
		return usagef("--bins %d, want 2 to %d", t.bins, dataset.MaxCategories)
	case t.given() && named:
		return usagef("--visible %s beside %s, which chooses the units, want one of them", shellWord(f.visible), t.flag())
	case file && t.bins != 0:
		return usagef("--schema %s beside --bins, want one of them: the file says which columns are cut into bins", shellWord(t.spec))
	case file && t.label:
		return usagef("--schema %s beside --label-units, want one of them: the file says which column is the label", shellWord(t.spec))
	case file && (f.columns.Keep != "" || f.columns.Drop != ""):
		return usagef("--schema %s beside --columns or --drop, want them in the file: it lists the columns", shellWord(t.spec))
	case t.given() && f.scale != 0 && !t.label: // a label may stand behind plain values, which --scale divides
		return usagef("--scale beside %s, want one of them", t.flag())
	}
	return nil
}

// flag names the first of the flags that is given.
func (t *tableFlags) flag() string {
	switch {
	case t.spec != "":
		return "--schema"
	case t.bins != 0:
		return "--bins"
	}
	return "--label-units"
}

// openTable opens a data set whose units the flags leave to its columns, and sets f.visible to the units.
func (f *dataFlags) openTable(options dataset.Options) (*dataset.Set, error) {
	t := &f.table
	if t.spec != "" && t.spec != autoSchema {
		s, err := dataset.LoadSchema(t.spec)
		if err != nil {
			return nil, fmt.Errorf("--schema: %w", err)
		}
		t.known = s.Text()
		set, err := f.openKnown(options)
		if err == nil {
			f.visible, err = f.unitsOf(set.Schema, "")
		}
		return set, err
	}
	options.Infer = &dataset.Inference{Always: t.spec == autoSchema, Bins: t.bins, Label: t.label}
	set, kind, err := openUnits(f.spec, options)
	if err != nil {
		return nil, f.explain(err, true)
	}
	f.visible = kind
	if isTable(set.Schema) && f.scale != 0 {
		err = usagef("--scale %v of a table, whose numbers are standardised, cut into bins or categories, want none", f.scale)
	} else if set.Schema != nil {
		f.visible, err = f.unitsOf(set.Schema, kind)
	} else if t.bins != 0 {
		err = usagef("--bins %d, but %s has no columns of numbers in different ranges; --schema auto makes groups of all columns", t.bins, set.Name)
	}
	return set, err
}

// spread reports whether --visible makes real numbers of all columns of a file, and some of them have a larger standard
// deviation than training takes. Rows that stay in their file cannot be standardised: training refuses them.
func (f *dataFlags) spread(set *dataset.Set) bool {
	if f.worth != nil || f.visible == "" || set.Train.Origin == nil || set.Train.Stored() || f.grey.dequantize || slices.Contains(set.Train.Real, false) {
		return false
	}
	kind, err := engine.KindNamed(f.visible)
	if err != nil || !kind.Real() {
		return false
	}
	variance := slices.Max(rbm.BaseVariances(set.Train, engine.NewUnits(kind, set.Train.V)))
	return variance > train.MostDeviation*train.MostDeviation
}

// openStandardised opens a data set as a table whose columns are all standardised numbers, and sets f.visible. --scale
// was not given, as the numbers that it divides are at most 1 and vary less.
func (f *dataFlags) openStandardised(options dataset.Options) (*dataset.Set, error) {
	options.Worth, options.Infer = nil, &dataset.Inference{Always: true, Numbers: true}
	set, err := dataset.Open(f.spec, options)
	if err == nil {
		f.visible, err = f.unitsOf(set.Schema, "")
	}
	return set, f.explain(err, true)
}

// openKnown opens a data set by the schema of a model, a configuration or a file.
func (f *dataFlags) openKnown(options dataset.Options) (*dataset.Set, error) {
	s, err := dataset.ParseSchema(f.table.known)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	options.Schema, options.Unlabelled, options.Width = s, f.table.unlabelled, s.Plain
	if f.worth == nil && f.visible != "" && f.visible != autoUnits {
		units, err := engine.ParseUnits(f.visible, s.Width())
		if err != nil {
			return nil, usagef("--visible %s: %v", shellWord(f.visible), err)
		}
		f.worth = worthOf(units)
	}
	options.Worth = f.worthOf(s)
	set, err := dataset.Open(f.spec, options)
	if err == nil && f.visible == autoUnits {
		f.visible, err = f.unitsOf(s, "")
	}
	return set, f.explain(err, false)
}

// worthOf returns what the values of a model's data stand for. If there is a schema, it tells this of its columns, and
// the result is of the plain values before them alone.
func (f *dataFlags) worthOf(s *dataset.Schema) []dataset.Worth {
	if s == nil {
		return f.worth
	}
	return slices.DeleteFunc(slices.Clone(f.worth), func(w dataset.Worth) bool { return w.To > s.Plain })
}

// unitsOf returns the visible units of a schema as the engine names them. Plain values, which are no columns of the
// schema, are of the given kind, empty for the default.
func (f *dataFlags) unitsOf(s *dataset.Schema, plain string) (string, error) {
	if plain == "" {
		plain = engine.Kind(0).String()
	}
	units, err := engine.ParseUnits(s.Units(plain), s.Width())
	if err != nil {
		return "", fmt.Errorf("units of the columns: %w", err)
	}
	return units.String(), nil
}

// schemaOf returns the schema in the provenance of a model, or nil.
func schemaOf(m *rbm.Model) (*dataset.Schema, error) {
	text := m.Provenance[keyTable]
	if text == "" {
		return nil, nil
	}
	s, err := dataset.ParseSchema(text)
	if err == nil && s.Width() != m.Visible.Len() {
		err = fmt.Errorf("%d values in a row, but the model has %d visible values", s.Width(), m.Visible.Len())
	}
	if err != nil {
		return nil, fmt.Errorf("provenance of the model: %s: %w", keyTable, err)
	}
	return s, nil
}

// tableOf is schemaOf for a table: rows of plain values with a label are none.
func tableOf(m *rbm.Model) (*dataset.Schema, error) {
	s, err := schemaOf(m)
	if s != nil && s.Plain > 0 {
		return nil, err
	}
	return s, err
}

// provenance returns the entries about the table's columns that a model records.
func (t *tableFlags) provenance(s *dataset.Schema) map[string]string {
	known := map[string]string{}
	if t.spec != "" {
		known["schema"] = t.spec
		if t.spec != autoSchema {
			known["schema"] = absolute(t.spec)
		}
	}
	if t.bins != 0 {
		known["bins"] = strconv.Itoa(t.bins)
	}
	if t.label {
		known["label_units"] = "true"
	}
	if s != nil {
		known[keyTable] = s.Text()
	}
	return known
}

// recall sets the flags by which the schema in the provenance of a model was made.
func (t *tableFlags) recall(known map[string]string) {
	t.spec, t.label = known["schema"], known["label_units"] != ""
	t.bins, _ = strconv.Atoi(known["bins"]) // 0 without
}

// shownColumns is the number of columns whose units the first lines of a run list. It is chosen: they fit on a screen.
const shownColumns = 20

// printColumns lists what the columns of a table stand for.
func printColumns(w io.Writer, s *dataset.Schema, indent string) {
	width := 0
	shown := s.Columns[:min(shownColumns, len(s.Columns))]
	for i := range shown {
		width = max(width, len([]rune(plainLine(shown[i].Title()))))
	}
	for i := range shown {
		c := &shown[i]
		label := ""
		if c.Label {
			label = " (the label)"
		}
		fmt.Fprintf(w, "%s%-*s  %s%s\n", indent, width, plainLine(c.Title()), plainLine(c.Describe()), label)
	}
	if more := len(s.Columns) - len(shown); more > 0 {
		fmt.Fprintf(w, "%sand %s\n", indent, plural(more, "more column"))
	}
}

// constantColumns returns a warning for each column of a table that is constant in the training rows.
func constantColumns(s *dataset.Schema, rows *dataset.Rows) []string {
	var list []string
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Constant() {
			list = append(list, fmt.Sprintf("%s is constant and becomes no unit: %s in all rows", c, plainLine(c.Categories[0])))
		}
	}
	for _, i := range rows.Summary().Constant {
		if c := s.ColumnOf(i); c != nil && c.Width() == 1 {
			list = append(list, fmt.Sprintf("%s is constant in the training rows, %s", c, plainLine(c.Describe())))
		}
	}
	return list
}

// errNoLabelUnits is the error of a command that needs the label of a row.
var errNoLabelUnits = errors.New("the model has no label units; train with --label COLUMN --label-units makes them")

// labelOf returns the label of a schema and the index of its first value in a row, or nil if there is no label.
func labelOf(s *dataset.Schema) (*dataset.Column, int) {
	if s == nil {
		return nil, 0
	}
	return s.Label()
}
