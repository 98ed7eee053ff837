package dataset

import (
	"fmt"
	"math"
	"slices"

	"harmonium/store"
)

// rowsOf checks the shape and the range. If all values are states, it packs them into bytes. Bytes
// of a grey picture are probabilities, whatever the columns are worth.
func rowsOf(t store.Table, worth []Worth) (*Rows, error) {
	n, v, err := matrixOf(t)
	if err != nil {
		return nil, err
	}
	if err := checkWorth(worth, v); err != nil {
		return nil, err
	}
	if t.Bytes != nil && !t.Grey && len(worth) > 0 {
		t = store.Table{Shape: t.Shape, Floats: t.Array().Data}
	}
	if t.Bytes != nil {
		if !t.Grey && slices.Max(t.Bytes) <= 1 {
			for i := range t.Bytes {
				t.Bytes[i] *= 255
			}
		}
		return &Rows{N: n, V: v, Bytes: t.Bytes}, nil
	}
	if err := normalize(t.Floats, v, worth); err != nil {
		return nil, err
	}
	rows := &Rows{N: n, V: v, Floats: t.Floats}
	if rows.Binary() {
		rows.Bytes, rows.Floats = packStates(t.Floats), nil
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

// matrixOf returns the shape with all dimensions after the first flattened.
func matrixOf(t store.Table) (n, v int, err error) {
	if len(t.Shape) != 2 && len(t.Shape) != 3 {
		return 0, 0, fmt.Errorf("shape %s, want 2 or 3 dimensions", store.FormatShape(t.Shape))
	}
	n, v = t.Shape[0], 1
	for _, d := range t.Shape[1:] {
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

// pictureOf returns the size of a row as a picture, or 0 and 0 if it is none.
func pictureOf(t store.Table) (width, height int) {
	switch len(t.Shape) {
	case 2:
		if side := int(math.Sqrt(float64(t.Shape[1]))); side*side == t.Shape[1] {
			return side, side
		}
	case 3:
		return t.Shape[2], t.Shape[1]
	}
	return 0, 0
}

// place names element i of rows with the given number of columns.
func place(i, columns int) string {
	return fmt.Sprintf("row %d, column %d", i/columns+1, i%columns+1)
}
