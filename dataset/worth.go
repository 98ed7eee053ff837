package dataset

import (
	"fmt"
	"slices"
)

// Worth says what the numbers in some columns of a file stand for: Low for the state 0, High for the state 1, and
// a number x between them for the probability (x-Low)/(High-Low) of the state 1. Rows hold the states and
// probabilities. Numbers that are divided are another case, see the package.
type Worth struct {
	To        int // number of the column behind its last one, from 0; AllColumns for all that are left
	Low, High float32
	Real      bool // the columns hold real numbers, which stand for themselves or are grey levels of bytes, see the package
}

// AllColumns, as Worth.To, includes all columns.
const AllColumns = int(^uint(0) >> 1)

// ValueError is the error of a value that is outside the range of its column.
type ValueError struct {
	Place     string // in the file
	Value     float32
	Low, High float32
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s: %v, want a value in [%v,%v]", e.Place, e.Value, e.Low, e.High)
}

// ColumnsError is the error of a file with another number of columns than a list of Worth has.
type ColumnsError struct{ Got, Want int }

func (e *ColumnsError) Error() string { return fmt.Sprintf("%d columns, want %d", e.Got, e.Want) }

// worthAt returns the worth of column j: from 0 to 1 for an empty list.
func worthAt(list []Worth, j int) Worth {
	for _, w := range list {
		if j < w.To {
			return w
		}
	}
	return Worth{AllColumns, 0, 1, false}
}

// realColumns returns Rows.Real for v columns.
func realColumns(list []Worth, v int) []bool {
	var real []bool
	for j := range v {
		if worthAt(list, j).Real {
			if real == nil {
				real = make([]bool, v)
			}
			real[j] = true
		}
	}
	return real
}

func hasReal(list []Worth) bool {
	return slices.ContainsFunc(list, func(w Worth) bool { return w.Real })
}

// checkWorth returns an error unless a list is empty or covers exactly v columns.
func checkWorth(list []Worth, v int) error {
	if len(list) == 0 {
		return nil
	}
	if to := list[len(list)-1].To; to != AllColumns && to != v {
		return &ColumnsError{v, to}
	}
	return nil
}
