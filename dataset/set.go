package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"harmonium/store"
)

// Set is a named data set.
type Set struct {
	Name          string
	Train         *Rows
	Test, Valid   *Rows   // nil if there are none
	Width, Height int     // size of a row as a picture, in pixels; 0 if rows are no pictures
	Schema        *Schema // what the columns of the rows' table stand for; nil if they are no table
	InMemory      string  // why training rows do not stay in their file in spite of Options.BlockRows; else empty
}

// Options choose the parts of a Set. The zero value takes the parts that the data set itself
// has.
type Options struct {
	Test  string // a fraction in (0,1) of the training rows, to be taken out of them, or files, in place of the set's own
	Valid string // a fraction in (0,1) of the training rows, to be taken out of them, or files
	Key   string // name of the array of the training rows, where FILE does not name it
	Seed  uint64 // draws the rows of a fraction

	Header  string  // store.HeaderYes or store.HeaderNo for text; if it is empty, the reader detects a header
	Columns Columns // of files
	Scale   float64 // divisor of the numbers of files, if it is not 0
	// Width is the number of columns of data that the files of Open should have, or 0 if it is not known. It decides
	// whether a last cell that is empty in every row of a text is a column. OpenPattern is given it beside the options.
	Width int
	// Lax lets training rows lack the columns that Columns.Label, Weight and Drop name, as test rows always may,
	// and takes no labels from a source of their own. With Missing they may also lack the label of a schema.
	Lax bool

	// Missing lets cells of files be missing: empty, NaN or a word such as NA or ?. Without it they are an error,
	// as missing weights always are.
	Missing bool
	// Partial lets the tables of OpenPattern lack some of a schema's columns.
	Partial bool
	// Unlabelled lets rows have no label where a schema has one: they get the values of its first class.
	Unlabelled bool

	// Worth lists what the values of the files stand for, in the order of the columns; nil for
	// 0 and 1 in all of them. mnist and bars-and-stripes hold probabilities: only Worth.Real is for them too.
	Worth []Worth

	// Levels, if it is not 0, cuts the values in [0,1] into that many equal steps, the states of a categorical
	// unit for each column. Rows then have as many values for each column, one of them 1.
	Levels int

	// Piped keeps what is read from standard input and pipes, for further calls of Open. Without it they are read once.
	Piped *store.Piped

	// Schema says what the columns of tables stand for; nil for rows of numbers that are no table.
	Schema *Schema
	// Infer, if Schema is nil, makes a schema of the training rows if they have words or columns that differ
	// in range. The Set then has it.
	Infer *Inference
	// BlockRows leaves the training rows in their file, see Rows.Stored, if they are more than this and in one
	// uncompressed NPY or IDX file without missing cells. 0 reads all rows into memory.
	BlockRows int
}

// mayLackLabel reports whether rows may have no label at all where a schema has one: then it is missing in each row.
func (o *Options) mayLackLabel() bool { return o.Unlabelled || o.Lax && o.Missing }

// The names of the parts of a set.
const (
	trainingRows   = "training rows"
	testRows       = "test rows"
	validationRows = "validation rows"
)

// Open returns the data set of a spec:
//
//	mnist               60,000 training and 10,000 test digits, 28 x 28, with labels
//	bars-and-stripes:N  2·2^N pictures of N x N pixels, N from 1 to 12; the test rows are the same
//	penguins            344 penguins of three species: a table of words and numbers
//	FILE                training rows; see the package for the formats
//	FILE:ARRAY          the training rows are one array of a file of several
//	PATTERN             the rows of all files that match, as a shell does, in the order of their names
//
// JoinSpecs makes one spec of several files. These names take precedence over files: write ./mnist
// for a file of that name, and ./0.1 for validation rows from a file named 0.1. A row of a file is a
// picture if the file has three dimensions, or more than two that are not 1, or V is a square. All parts have
// the same columns and no source in common.
func Open(spec string, opt Options) (*Set, error) {
	l := &loader{opt: opt}
	set, err := l.open(spec)
	if err != nil {
		return nil, err
	}
	if err := l.addLabels(set); err != nil {
		return nil, err
	}
	n := set.Train.N
	if set.Test, err = l.part(set, opt.Test, testRows, n, set.Test); err != nil {
		return nil, err
	}
	if set.Valid, err = l.part(set, opt.Valid, validationRows, n, nil); err == nil && set.Train.stored != nil {
		err = set.Train.stored.scan() // now that no more rows are taken out
	}
	if err == nil && opt.Levels != 0 {
		err = set.cutLevels(opt.Levels)
	}
	return set, err
}

// BuiltIn reports whether the spec names a set that needs no file: mnist, bars-and-stripes or penguins.
func BuiltIn(spec string) bool {
	return spec == "mnist" || spec == penguins || strings.HasPrefix(spec, "bars-and-stripes:")
}

// parseNumber reads a number. One beyond float64, such as 1e999, is a number too, and so a bad fraction rather
// than the name of a file.
func parseNumber(s string) (float64, bool) {
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil || errors.Is(err, strconv.ErrRange)
}

// open resolves the spec of the training rows.
func (l *loader) open(spec string) (*Set, error) {
	if size, ok := strings.CutPrefix(spec, "bars-and-stripes:"); ok || spec == "mnist" {
		if err := l.checkBuiltIn(spec); err != nil {
			return nil, err
		}
		open := l.openMNIST
		if ok {
			open = func() (*Set, error) { return openBars(spec, size) }
		}
		set, err := open()
		if err == nil {
			set.markReal(l.opt.Worth)
		}
		return set, err
	}
	rows, picture, err := l.file(spec, trainingRows)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w, and no known data set (mnist, bars-and-stripes:N, penguins)", err)
	}
	if err != nil {
		return nil, err
	}
	return &Set{Name: rows.Origin.String(), Train: rows, Width: picture[0], Height: picture[1], Schema: l.schema,
		InMemory: l.reason}, nil
}

// checkBuiltIn returns an error for options that only files have.
func (l *loader) checkBuiltIn(name string) error {
	o := l.opt
	for _, option := range []struct {
		what string
		set  bool
	}{{"a key", o.Key != ""}, {"a header", o.Header != ""}, {"a scale", o.Scale != 0},
		{"columns", o.Columns.Keep != "" || o.Columns.Drop != ""}, {"a label", o.Columns.Label != ""},
		{"weights", o.Columns.Weight != ""},
		{"a condition", o.Columns.Where != nil && name != "mnist"}} {
		if option.set {
			return fmt.Errorf("dataset: %s: %s, want that only with a file", name, option.what)
		}
	}
	return nil
}

// markReal marks the columns of a built-in set that worth reads as real numbers.
func (s *Set) markReal(worth []Worth) {
	for _, rows := range []*Rows{s.Train, s.Test} {
		if rows != nil {
			rows.Real = realColumns(worth, rows.V)
		}
	}
}

// openMNIST returns the digits that meet the conditions on their labels.
func (l *loader) openMNIST() (*Set, error) {
	set, err := openMNIST()
	if err != nil || l.opt.Columns.Where == nil {
		return set, err
	}
	for _, rows := range []**Rows{&set.Train, &set.Test} {
		if *rows, err = (*rows).whereLabel(l.opt.Columns.Where); err != nil {
			return nil, fmt.Errorf("dataset: %s: %w", set.Name, err)
		}
	}
	return set, nil
}

// part returns the test or validation rows of a spec; own, the set's own ones, for an empty spec. The set had n
// training rows before any were taken out, and a fraction is a fraction of n.
func (l *loader) part(set *Set, spec, name string, n int, own *Rows) (*Rows, error) {
	if fraction, isNumber := parseNumber(spec); isNumber {
		return set.split(fraction, n, l.opt.Seed, name)
	}
	if spec == "" {
		return own, nil
	}
	if l.origin == nil { // The training rows are built in. Only the number of Columns counts.
		l.origin = &Origin{Files: []string{set.Name}, Columns: make([]int, set.Train.V), Divisor: greyMax}
		l.train = levels{high: greyMax, whole: true, divisor: greyMax}
		if set.Train.Binary() {
			l.train = levels{high: 1, whole: true, divisor: 1}
		}
	}
	rows, _, err := l.file(spec, name)
	if err != nil {
		return nil, err
	}
	return l.addLabel(rows)
}

// split moves round(fraction·n) random rows from Train to the rows that it returns. Both keep the
// order of the rows: row m of Train is taken with probability
// left/(N-m), with left rows still to take, which makes all subsets of that size
// equally likely (Knuth, The Art of Computer Programming, vol. 2, §3.4.2, algorithm S).
func (s *Set) split(fraction float64, n int, seed uint64, name string) (*Rows, error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, fmt.Errorf("dataset: %s: %v of the rows as %s, want a fraction in (0,1)", s.Name, fraction, name)
	}
	left := int(math.Round(fraction * float64(n)))
	if left == 0 || left >= s.Train.N {
		return nil, fmt.Errorf("dataset: %s: %v of %d rows as %s is %d of %d, want at least one row on each side",
			s.Name, fraction, n, name, left, s.Train.N)
	}
	stream := uint64(0) // test and validation rows have random numbers of their own
	if name == testRows {
		stream = 1
	}
	rng := rand.New(rand.NewPCG(seed, stream))
	rest := make([]int, 0, s.Train.N-left)
	taken := make([]int, 0, left)
	for m := range s.Train.N {
		if rng.IntN(s.Train.N-m) < left {
			taken = append(taken, m)
			left--
		} else {
			rest = append(rest, m)
		}
	}
	part, err := s.Train.Select(taken).inMemory()
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %s: %w", s.Name, name, err)
	}
	s.Train = s.Train.Select(rest)
	return part, nil
}
