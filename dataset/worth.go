package dataset

import "fmt"

// Worth says what the values in a file stand for, in the columns before To and after the columns of the
// Worth before it: Low for the state 0, High for the state 1, and a value x between them for the
// probability (x-Low)/(High-Low) of the state 1. Rows hold the states and probabilities. If Real, a value
// is any finite number and stands for itself.
type Worth struct {
	To        int // AllColumns for all that are left
	Low, High float32
	Real      bool
}

// AllColumns stands for the end of the last column.
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

// ColumnsError is the error of a file that has another number of columns than the list of what they
// are worth.
type ColumnsError struct{ Got, Want int }

func (e *ColumnsError) Error() string { return fmt.Sprintf("%d columns, want %d", e.Got, e.Want) }

// worthAt returns the worth of column j. Without a list it is 0 to 1.
func worthAt(list []Worth, j int) Worth {
	for _, w := range list {
		if j < w.To {
			return w
		}
	}
	return Worth{AllColumns, 0, 1, false}
}

// realColumns marks the columns of v that hold any finite numbers. It returns nil if none does.
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

// checkWorth returns an error unless a list is empty or ends with the last of v columns.
func checkWorth(list []Worth, v int) error {
	if len(list) == 0 {
		return nil
	}
	if to := list[len(list)-1].To; to != AllColumns && to != v {
		return &ColumnsError{v, to}
	}
	return nil
}
