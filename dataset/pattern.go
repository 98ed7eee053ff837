package dataset

import (
	"fmt"
	"io"

	"harmonium/store"
)

// ReadPattern reads the units that a sampler holds fixed from a CSV or NPY file of n rows of
// the given width: what the states of a column are worth is held, NaN or an empty cell is free. It
// returns the values (n, width), with NaN where a unit is free.
func ReadPattern(path string, width int, worth []Worth) (values []float32, n int, err error) {
	err = withFile(path, func(src io.ReaderAt, size int64) error {
		t, err := store.Decode(src, size, store.Options{Free: true})
		if err != nil {
			return err
		}
		values, n, err = patternOf(t, width, worth)
		return err
	})
	return values, n, err
}

func patternOf(t store.Table, width int, worth []Worth) (values []float32, n int, err error) {
	n, v, err := matrixOf(t)
	if err != nil {
		return nil, 0, err
	}
	if v != width {
		return nil, 0, fmt.Errorf("%d columns, want %d", v, width)
	}
	values = t.Array().Data
	for i, x := range values {
		if w := worthAt(worth, i%v); x != w.Low && x != w.High && x == x {
			return nil, 0, fmt.Errorf("%s: %v, want %v, %v or NaN", place(i, v), x, w.Low, w.High)
		}
	}
	return values, n, nil
}
