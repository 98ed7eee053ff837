package store

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// ReadCSV reads rows of numbers separated by commas into an array (N, V). The
// first line is skipped as a header if no cell is a number and at least one is
// not empty. Blank lines are skipped. NaN and Inf are numbers. The name denotes
// the source in errors.
func ReadCSV(r io.Reader, name string) (Array, error) {
	t, err := decodeCSV(r, false)
	if err != nil {
		return Array{}, fmt.Errorf("store: %s: %w", name, err)
	}
	return t.Array(), nil
}

// decodeCSV reads the table of ReadCSV. With free, an empty cell is NaN instead of an error.
func decodeCSV(r io.Reader, free bool) (Table, error) {
	lines := csv.NewReader(skipByteOrderMark(r))
	lines.FieldsPerRecord = -1
	lines.ReuseRecord = true
	lines.TrimLeadingSpace = true
	var data []float32
	n, v := 0, 0
	for first := true; ; first = false {
		cells, err := lines.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Table{}, err
		}
		if first {
			v = len(cells)
			if isHeader(cells) {
				continue
			}
		}
		n++
		if len(cells) != v {
			return Table{}, fmt.Errorf("row %d: %d columns, want %d", n, len(cells), v)
		}
		if data, err = appendCells(data, cells, free); err != nil {
			return Table{}, fmt.Errorf("row %d, %w", n, err)
		}
	}
	if n == 0 {
		return Table{}, errors.New("no rows, want at least one")
	}
	return Table{Shape: []int{n, v}, Floats: data}, nil
}

func skipByteOrderMark(r io.Reader) io.Reader {
	const mark = "\ufeff"
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(len(mark)); string(head) == mark {
		buffered.Discard(len(mark))
	}
	return buffered
}

func isHeader(cells []string) bool {
	empty := true
	for _, cell := range cells {
		cell = strings.TrimSpace(cell)
		if isNumber(cell) {
			return false
		}
		empty = empty && cell == ""
	}
	return !empty
}

// isNumber reports whether a cell is a number, even one beyond float64.
func isNumber(cell string) bool {
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

func appendCells(data []float32, cells []string, free bool) ([]float32, error) {
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if free && cell == "" {
			data = append(data, float32(math.NaN()))
			continue
		}
		x, err := strconv.ParseFloat(cell, 32)
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("column %d: %s, want a float32", i+1, quote(cell))
		}
		if err != nil {
			return nil, fmt.Errorf("column %d: %s, want a number", i+1, quote(cell))
		}
		data = append(data, float32(x))
	}
	return data, nil
}

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
