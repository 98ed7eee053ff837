package dataset

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Array is a dense array of reals, last index fastest.
type Array struct {
	Shape []int
	Data  []float32 // as many as the product of Shape; one if Shape is empty
}

// check returns an error if shape and data do not fit.
func (a Array) check() error {
	if n, ok := elements(a.Shape); !ok || n != len(a.Data) {
		return fmt.Errorf("%d elements, want those of shape %s", len(a.Data), shapeString(a.Shape))
	}
	return nil
}

// elements returns the product of a shape, and false if a dimension is negative
// or a program could not hold the elements, were they 8 bytes each and no
// dimension 0.
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

// shapeString writes a shape as "(3, 28, 28)".
func shapeString(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
