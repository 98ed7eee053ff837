package store

import (
	"fmt"
	"io"
	"strconv"
)

// WriteCSV writes an array (N, V), one row a line, without a header. Each number
// is the shortest one that reads back as the same float32. It refuses an array
// without exactly two dimensions, without columns, or with a length unlike its shape's.
func WriteCSV(w io.Writer, a Array) error {
	if err := encodeCSV(w, a); err != nil {
		return fmt.Errorf("store: write CSV: %w", err)
	}
	return nil
}

func encodeCSV(w io.Writer, a Array) error {
	if err := a.check(); err != nil {
		return err
	}
	if len(a.Shape) != 2 || a.Shape[1] == 0 {
		return fmt.Errorf("shape %s, want rows and columns", FormatShape(a.Shape))
	}
	var line []byte
	for row := a.Data; len(row) > 0; row = row[a.Shape[1]:] {
		line = line[:0]
		for _, x := range row[:a.Shape[1]] {
			line = strconv.AppendFloat(line, float64(x), 'g', -1, 32)
			line = append(line, ',')
		}
		line[len(line)-1] = '\n'
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}
