package dataset

import (
	"fmt"
	"io"

	"harmonium/store"
)

// ReadPattern reads the units that a sampler holds fixed from a CSV or NPY file of n rows of
// the given width: 0 and 1 are held, NaN or an empty cell is free. It returns values (n, width)
// with NaN where a unit is free.
func ReadPattern(path string, width int) (values []float32, n int, err error) {
	err = withFile(path, func(src io.ReaderAt, size int64) error {
		t, err := store.Decode(src, size, store.Options{Free: true})
		if err != nil {
			return err
		}
		values, n, err = patternOf(t, width)
		return err
	})
	return values, n, err
}

func patternOf(t store.Table, width int) (values []float32, n int, err error) {
	n, v, err := matrixOf(t)
	if err != nil {
		return nil, 0, err
	}
	if v != width {
		return nil, 0, fmt.Errorf("%d columns, want %d", v, width)
	}
	values = t.Array().Data
	for i, x := range values {
		if x != 0 && x != 1 && x == x {
			return nil, 0, fmt.Errorf("%s: %v, want 0, 1 or NaN", place(i, v), x)
		}
	}
	return values, n, nil
}
