package dataset

import (
	"fmt"
	"reflect"
)

// FromRows returns rows that hold a copy of the values (N, V), all in [0,1]: states, or probabilities
// of the state 1. Without rows, with rows of different lengths, or with other values it returns an
// error.
func FromRows[T float32 | float64](values [][]T) (*Rows, error) {
	v, err := widthOf(values)
	if err != nil {
		return nil, err
	}
	r := &Rows{N: len(values), V: v, Floats: make([]float32, 0, len(values)*v)}
	for n, row := range values {
		for j, x := range row {
			if !(x >= 0 && x <= 1) {
				return nil, fmt.Errorf("dataset: row %d, column %d: %v, want a value in [0,1]", n+1, j+1, x)
			}
			r.Floats = append(r.Floats, float32(x))
		}
	}
	return r.packed(nil), nil
}

// State is a type of values that can be 0 and 1, or false and true.
type State interface {
	~bool | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// FromStates returns rows that hold a copy of the states (N, V), which are 0 and 1, or false and
// true. Without rows, with rows of different lengths, or with other values it returns an error.
func FromStates[T State](states [][]T) (*Rows, error) {
	v, err := widthOf(states)
	if err != nil {
		return nil, err
	}
	var zero T
	on := one[T]()
	r := &Rows{N: len(states), V: v, Bytes: make([]uint8, 0, len(states)*v)}
	for n, row := range states {
		for j, x := range row {
			switch x {
			case zero:
				r.Bytes = append(r.Bytes, 0)
			case on:
				r.Bytes = append(r.Bytes, 255)
			default:
				return nil, fmt.Errorf("dataset: row %d, column %d: %v, want 0 or 1", n+1, j+1, x)
			}
		}
	}
	return r, nil
}

// one returns the 1 of a type, or true. T(1) does not compile, since T may be bool.
func one[T State]() T {
	var x T
	switch v := reflect.ValueOf(&x).Elem(); {
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	default:
		v.SetFloat(1)
	}
	return x
}

// widthOf returns the length of the rows, which must be the same for all.
func widthOf[T any](rows [][]T) (int, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return 0, fmt.Errorf("dataset: %d rows without columns, want at least one row of one column", len(rows))
	}
	for n, row := range rows {
		if len(row) != len(rows[0]) {
			return 0, fmt.Errorf("dataset: row %d: %d columns, want %d as in row 1", n+1, len(row), len(rows[0]))
		}
	}
	return len(rows[0]), nil
}
