package dataset

import (
	"fmt"
	"math"
	"slices"
)

// table is what a file holds before its values are looked at.
type table struct {
	shape  []int
	bytes  []uint8   // elements of type uint8 and bool,
	floats []float32 // or those of any other type
	grey   bool      // bytes are b/255 even if none is above 1
	keyed  bool      // from an NPZ, in which a key chooses
}

// rows checks shape and range, and packs values that are all 0 and 1 into bytes.
func (t table) rows() (*Rows, error) {
	n, v, err := t.matrix()
	if err != nil {
		return nil, err
	}
	if t.bytes != nil {
		if !t.grey && slices.Max(t.bytes) <= 1 {
			for i := range t.bytes {
				t.bytes[i] *= 255
			}
		}
		return &Rows{N: n, V: v, Bytes: t.bytes}, nil
	}
	for i, x := range t.floats {
		if !(x >= 0 && x <= 1) {
			return nil, fmt.Errorf("%s: %v, want a value in [0,1]", place(i, v), x)
		}
	}
	rows := &Rows{N: n, V: v, Floats: t.floats}
	if rows.Binary() {
		rows.Bytes, rows.Floats = packStates(t.floats), nil
	}
	return rows, nil
}

func packStates(states []float32) []uint8 {
	out := make([]uint8, len(states))
	for i, x := range states {
		out[i] = uint8(255 * x)
	}
	return out
}

// matrix returns the shape with everything behind the rows flattened.
func (t table) matrix() (n, v int, err error) {
	if len(t.shape) != 2 && len(t.shape) != 3 {
		return 0, 0, fmt.Errorf("shape %s, want 2 or 3 dimensions", shapeString(t.shape))
	}
	n, v = t.shape[0], 1
	for _, d := range t.shape[1:] {
		v *= d
	}
	if n == 0 {
		return 0, 0, fmt.Errorf("no rows, want at least one")
	}
	if v == 0 {
		return 0, 0, fmt.Errorf("no columns, want at least one")
	}
	return n, v, nil
}

// picture returns the size of a row as a picture, 0 and 0 if it is none.
func (t table) picture() (width, height int) {
	switch len(t.shape) {
	case 2:
		if side := int(math.Sqrt(float64(t.shape[1]))); side*side == t.shape[1] {
			return side, side
		}
	case 3:
		return t.shape[2], t.shape[1]
	}
	return 0, 0
}

// array returns the elements as they are.
func (t table) array() Array {
	if t.bytes == nil {
		return Array{Shape: t.shape, Data: t.floats}
	}
	data := make([]float32, len(t.bytes))
	for i, b := range t.bytes {
		data[i] = float32(b)
	}
	return Array{Shape: t.shape, Data: data}
}

// place names element i of rows with the given number of columns.
func place(i, columns int) string {
	return fmt.Sprintf("row %d, column %d", i/columns+1, i%columns+1)
}
