package dataset

import (
	"fmt"
	"slices"
)

// Origin says where rows come from and how they were read.
type Origin struct {
	Files   []string // as FILE or FILE:ARRAY, one after another; or the name of a built-in set
	Format  string   // of the first file, in a few words
	Names   []string // of the columns of the rows; nil without a header
	Columns []int    // number of each column in its file, from 1; nil for mnist and bars-and-stripes
	Label   string   // column of the labels, such as `column 1 "class"`; empty without labels
	Weight  string   // column of the weights; empty without weights

	Low, High float64 // least and greatest number, as the files have them
	Divisor   float64 // number by which the numbers were divided: 255 for grey levels of a byte
	Hints     []Hint  // columns that may be no data
}

// addHint adds a hint, if it is not nil and its column has none yet.
func (o *Origin) addHint(hint *Hint) {
	if hint != nil && !slices.ContainsFunc(o.Hints, func(h Hint) bool { return h.Column == hint.Column }) {
		o.Hints = append(o.Hints, *hint)
	}
}

// String names the files: "a.npz:train", "a.csv and 2 more files".
func (o *Origin) String() string {
	switch {
	case o == nil:
		return "rows in memory"
	case len(o.Files) == 1:
		return o.Files[0]
	case len(o.Files) == 2:
		return o.Files[0] + " and " + o.Files[1]
	}
	return fmt.Sprintf("%s and %d more files", o.Files[0], len(o.Files)-1)
}

// Summary describes rows by the values of their known cells.
type Summary struct {
	Mean     float64 // mean of the means of all columns
	Constant []int   // columns, from 0, whose values are all the same
}

// Summary returns the summary of the rows.
func (r *Rows) Summary() Summary {
	var s Summary
	for j, mean := range r.Means() {
		s.Mean += mean / float64(r.V)
		s.Constant = append(s.Constant, j)
	}
	if r.stored != nil {
		s.Constant = slices.Clone(r.stored.known().constant)
		return s
	}
	first := make([]int, r.V) // row of the first known cell of each column, once it is found
	for n := 0; n < r.N && len(s.Constant) > 0; n++ {
		s.Constant = slices.DeleteFunc(s.Constant, func(j int) bool {
			if r.IsMissing(first[j], j) {
				first[j] = n
			}
			return !r.IsMissing(n, j) && r.value(n, j) != r.value(first[j], j)
		})
	}
	return s
}
