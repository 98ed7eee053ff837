package store

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Array is a dense array of reals, last index fastest.
type Array struct {
	Shape []int
	Data  []float32 // one element for each index; one if Shape is empty
}

// Table is the array of a file, with bytes as bytes, and with the names, words and labels that the file has.
type Table struct {
	Shape  []int
	Bytes  []uint8   // elements of type uint8 and bool, pictures, words of 0 and 1, or integers from 0 to 255 of a sparse matrix
	Floats []float32 // all other elements; NaN for a missing cell and for a word
	Keyed  bool      // the file has named arrays
	Key    string    // name of the array, if the file has named ones

	Format string           // how the file was read, in a few words: "NPY, uint8", "text, columns by commas"
	Names  []string         // of the columns, as the file's header has them; nil if it has none
	Words  map[int][]string // cells of the columns of text, by column from 0; "" for a missing cell; see Options.Cells
	Lines  []int            // line of the file, from 1, of each row; nil for a file without lines
	Labels []string         // the class of each row, as the file or its folder names it; nil if it has none

	// EmptyEnd says that each line of a text without a header ends with an empty cell, which is left out: a separator
	// too many, or a last column without a known cell.
	EmptyEnd bool
}

// Array returns the elements as numbers.
func (t Table) Array() Array {
	if t.Bytes == nil {
		return Array{Shape: t.Shape, Data: t.Floats}
	}
	data := make([]float32, len(t.Bytes))
	for i, b := range t.Bytes {
		data[i] = float32(b)
	}
	return Array{Shape: t.Shape, Data: data}
}

// check returns an error if shape and data do not fit.
func (a Array) check() error {
	if n, ok := elements(a.Shape); !ok || n != len(a.Data) {
		return fmt.Errorf("%d elements, want as many as shape %s has", len(a.Data), FormatShape(a.Shape))
	}
	return nil
}

// elements returns the product of a shape. It returns false if a dimension is negative, or if the product, with
// every 0 of the shape replaced by 1, exceeds MaxInt/16: then twice the size of the array, at 8 bytes an element,
// could overflow an int, and readers double the room for it.
func elements(shape []int) (int, bool) {
	product, empty := 1, false
	for _, d := range shape {
		switch {
		case d < 0 || d > 0 && product > math.MaxInt/16/d:
			return 0, false
		case d == 0:
			empty = true
		default:
			product *= d
		}
	}
	if empty {
		return 0, true
	}
	return product, true
}

// squeeze returns a shape without axes of length 1 after the first, while there are more than three
// axes: (N, 1, h, w) and (N, h, w, 1) are pictures (N, h, w).
func squeeze(shape []int) []int {
	out := slices.Clone(shape)
	for len(out) > 3 {
		i := slices.Index(out[1:], 1)
		if i < 0 {
			break
		}
		out = slices.Delete(out, i+1, i+2)
	}
	return out
}

// FormatShape writes a shape as "(3, 28, 28)".
func FormatShape(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
