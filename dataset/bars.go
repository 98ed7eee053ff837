package dataset

import (
	"fmt"
	"strconv"
)

const maxBars = 12 // largest side of a picture; chosen: the 8192 pictures of this size take a megabyte

// openBars opens the set "bars-and-stripes:4". size is what follows the colon.
func openBars(name, size string) (*Set, error) {
	side, err := strconv.Atoi(size)
	if err != nil || side < 1 || side > maxBars {
		return nil, fmt.Errorf("dataset: %s: size %q, want 1 to %d", name, size, maxBars)
	}
	rows := barsAndStripes(side)
	rows.Origin = &Origin{Files: []string{name}, Format: "built in", High: 1, Divisor: 1}
	return &Set{Name: name, Train: rows, Test: rows, Width: side, Height: side}, nil
}

// barsAndStripes returns the 2·2^side pictures of side x side pixels whose
// rows are constant, in counting order, and then those whose columns are. The
// empty and the full picture are in both halves and so occur twice.
func barsAndStripes(side int) *Rows {
	patterns := 1 << side
	rows := &Rows{N: 2 * patterns, V: side * side}
	rows.Bytes = make([]uint8, 0, rows.N*rows.V)
	for n := range rows.N {
		for i := range rows.V {
			line := i / side
			if n >= patterns {
				line = i % side
			}
			bit := n >> line & 1
			rows.Bytes = append(rows.Bytes, uint8(255*bit))
		}
	}
	return rows
}
