package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math"
)

// Validate returns an error unless all of this holds: There is a row and a column. Exactly one of Bytes and
// Floats holds the values, which are finite in columns of real numbers and else in [0,1]. Labels and weights, if
// there are any, are one for each row. Weights are from 0 to 1e30, and one is positive. Each row has a known cell.
func (r *Rows) Validate() error {
	switch {
	case r == nil:
		return errors.New("dataset: no rows: nil")
	case r.N < 1 || r.V < 1:
		return fmt.Errorf("dataset: %d rows of %d columns, want at least 1 of both", r.N, r.V)
	case r.stored != nil: // its values were checked when it was opened
		return nil
	case (r.Bytes == nil) == (r.Floats == nil):
		return errors.New("dataset: want the values of rows either in Bytes or in Floats")
	case len(r.Bytes)+len(r.Floats) != r.N*r.V:
		return fmt.Errorf("dataset: %d values, want %d for %d rows of %d columns", len(r.Bytes)+len(r.Floats), r.N*r.V, r.N, r.V)
	case r.Real != nil && len(r.Real) != r.V:
		return fmt.Errorf("dataset: %d marks of columns of real numbers, want %d", len(r.Real), r.V)
	case r.Labels != nil && len(r.Labels) != r.N:
		return fmt.Errorf("dataset: %d labels for %d rows", len(r.Labels), r.N)
	case r.Weights != nil && len(r.Weights) != r.N:
		return fmt.Errorf("dataset: %d weights for %d rows", len(r.Weights), r.N)
	}
	for i, x := range r.Floats {
		if r.isReal(i % r.V) {
			if !(x >= -math.MaxFloat32 && x <= math.MaxFloat32) {
				return fmt.Errorf("dataset: row %d, column %d: %v, want a finite number", i/r.V+1, i%r.V+1, x)
			}
			continue
		}
		if !(x >= 0 && x <= 1) {
			return fmt.Errorf("dataset: row %d, column %d: %v, want a value in [0,1]", i/r.V+1, i%r.V+1, x)
		}
	}
	return cmp.Or(r.checkWeights(), r.checkMissing())
}

// Validate returns an error unless there are training rows with a known cell in each column, all parts are
// valid, and they have the same columns.
func (s *Set) Validate() error {
	if s == nil {
		return errors.New("dataset: no data set: nil")
	}
	for _, part := range []struct {
		name string
		rows *Rows
	}{{"training", s.Train}, {"validation", s.Valid}, {"test", s.Test}} {
		if part.rows == nil && part.name != "training" {
			continue
		}
		if err := part.rows.Validate(); err != nil {
			return fmt.Errorf("%s rows: %w", part.name, err)
		}
		if part.rows.V != s.Train.V {
			return fmt.Errorf("%s rows: dataset: %d columns, want %d as the training rows have", part.name, part.rows.V, s.Train.V)
		}
	}
	if err := s.Train.checkColumns(); err != nil {
		return fmt.Errorf("training rows: %w", err)
	}
	return nil
}
