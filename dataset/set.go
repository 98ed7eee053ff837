package dataset

import (
	"errors"
	"fmt"
	"io"
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
	Test, Valid   *Rows // nil if there are none
	Width, Height int   // size of a row as a picture, in pixels; 0 if rows are no pictures
}

// Options choose the parts of a Set. The zero value takes the parts that the data set itself
// has.
type Options struct {
	Test  string // file of test rows, in place of the set's own
	Valid string // a fraction in (0,1) of the training rows, to be taken out of them, or a file
	Key   string // name of the array in every NPZ among the files
	Seed  uint64 // draws the validation rows of a fraction

	// Worth lists what the values of the files stand for, in the order of the columns; nil for
	// 0 and 1 in all of them. The two named sets are probabilities and need none.
	Worth []Worth
}

// Open returns the data set of a spec:
//
//	mnist               60,000 training and 10,000 test digits, 28 x 28, with labels
//	bars-and-stripes:N  2·2^N pictures of N x N pixels, N from 1 to 12; the test rows are the same
//	FILE                training rows; see the package for the formats
//
// The two names take precedence over files: write ./mnist for a file of that name, and ./0.1
// for a validation file named 0.1. A row of a file is a picture if the file has three
// dimensions or V is a square. All parts have the same V.
func Open(spec string, opt Options) (*Set, error) {
	l := &loader{key: opt.Key, worth: opt.Worth}
	set, err := l.open(spec)
	if err != nil {
		return nil, err
	}
	if opt.Test != "" {
		if set.Test, err = l.part(opt.Test, set); err != nil {
			return nil, err
		}
	}
	if fraction, isNumber := parseNumber(opt.Valid); isNumber {
		err = set.split(fraction, opt.Seed)
	} else if opt.Valid != "" {
		set.Valid, err = l.part(opt.Valid, set)
	}
	if err != nil {
		return nil, err
	}
	if opt.Key != "" && !l.keyed {
		return nil, fmt.Errorf("dataset: %s: key %q, want a key only with an NPZ file", spec, opt.Key)
	}
	return set, nil
}

// parseNumber also accepts numbers that no float64 can hold.
func parseNumber(s string) (float64, bool) {
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil || errors.Is(err, strconv.ErrRange)
}

// loader reads the parts of one set.
type loader struct {
	key   string
	keyed bool // the key has chosen an array
	worth []Worth
}

// open resolves a spec.
func (l *loader) open(spec string) (*Set, error) {
	if spec == "mnist" {
		return openMNIST()
	}
	if size, ok := strings.CutPrefix(spec, "bars-and-stripes:"); ok {
		return openBars(spec, size)
	}
	set, err := l.file(spec)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w, and no known data set (mnist, bars-and-stripes:N)", err)
	}
	return set, err
}

// file reads a set of training rows.
func (l *loader) file(path string) (*Set, error) {
	set := &Set{Name: path}
	err := withFile(path, func(src io.ReaderAt, size int64) error {
		t, err := store.Decode(src, size, store.Options{Key: l.key})
		if err != nil {
			return err
		}
		l.keyed = l.keyed || t.Keyed
		set.Train, err = rowsOf(t, l.worth)
		set.Width, set.Height = pictureOf(t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// part reads test or validation rows for the set.
func (l *loader) part(path string, set *Set) (*Rows, error) {
	part, err := l.file(path)
	if err != nil {
		return nil, err
	}
	if part.Train.V != set.Train.V {
		return nil, fmt.Errorf("dataset: %s: %d columns, want %d as in %s", path, part.Train.V, set.Train.V, set.Name)
	}
	return part.Train, nil
}

// split moves round(fraction·N) random rows from Train to Valid. Both parts keep the order of
// the rows: row n is taken with probability
// (rows still to take)/(N-n), which makes all subsets of that size equally
// likely (Knuth, The Art of Computer Programming, vol. 2, §3.4.2, algorithm S).
func (s *Set) split(fraction float64, seed uint64) error {
	if !(fraction > 0 && fraction < 1) {
		return fmt.Errorf("dataset: %s: validation fraction %v, want a number in (0,1)", s.Name, fraction)
	}
	left := int(math.Round(fraction * float64(s.Train.N)))
	if left == 0 || left == s.Train.N {
		return fmt.Errorf("dataset: %s: validation fraction %v of %d rows is %d, want at least one row on each side",
			s.Name, fraction, s.Train.N, left)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	train := make([]int, 0, s.Train.N-left)
	valid := make([]int, 0, left)
	for n := range s.Train.N {
		if rng.IntN(s.Train.N-n) < left {
			valid = append(valid, n)
			left--
		} else {
			train = append(train, n)
		}
	}
	s.Train, s.Valid = s.Train.Select(train), s.Train.Select(valid)
	return nil
}

// withFile opens a regular file for f and puts the path before every error.
func withFile(path string, f func(src io.ReaderAt, size int64) error) error {
	if err := store.WithFile(path, f); err != nil {
		return fmt.Errorf("dataset: %s: %w", path, err)
	}
	return nil
}
