package store

import (
	"fmt"
	"io"
)

// WriteNPY64 writes numbers (N, columns) as float64, version 1.0, C order. It refuses numbers that do not fill
// whole rows.
func WriteNPY64(w io.Writer, numbers []float64, columns int) error {
	if err := encodeNPY64(w, numbers, columns); err != nil {
		return fmt.Errorf("store: write NPY: %w", err)
	}
	return nil
}

func encodeNPY64(w io.Writer, numbers []float64, columns int) error {
	if columns < 1 || len(numbers)%columns != 0 {
		return fmt.Errorf("%d elements, want rows of %d", len(numbers), columns)
	}
	if _, err := w.Write(formatNPYHeader("<f8", []int{len(numbers) / columns, columns})); err != nil {
		return err
	}
	return writeElements(w, numbers)
}
