package dataset

import (
	"fmt"

	"harmonium/store"
)

// ReadPattern reads the units that a sampler holds fixed from a file, or FILE:ARRAY, of n rows of
// the given width: what the states of a column are worth is held, NaN or an empty cell is free. It
// returns the values (n, width), with NaN where a unit is free.
func ReadPattern(path string, width int, worth []Worth) (values []float32, n int, err error) {
	sources, err := sourcesOf(path)
	if err != nil {
		return nil, 0, err
	}
	if len(sources) != 1 {
		return nil, 0, fmt.Errorf("dataset: %s: %d files, want one", path, len(sources))
	}
	t, err := sources[0].decode("", store.HeaderAuto)
	if err != nil {
		return nil, 0, err
	}
	if values, n, err = patternOf(t, width, worth); err != nil {
		return nil, 0, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return values, n, nil
}

func patternOf(t store.Table, width int, worth []Worth) (values []float32, n int, err error) {
	m, err := newMatrix(t, "")
	if err != nil {
		return nil, 0, err
	}
	if m.v != width {
		return nil, 0, fmt.Errorf("%d columns, want %d", m.v, width)
	}
	m.toFloats()
	for i, x := range m.floats {
		row, j := i/m.v, i%m.v
		w := worthAt(worth, j)
		if words := m.words[j]; words != nil && x != x && words[row] != "" || x != w.Low && x != w.High && x == x {
			return nil, 0, fmt.Errorf("%s: %s, want %v, %v or NaN", m.place(row, j), m.cell(row, j), w.Low, w.High)
		}
	}
	return m.floats, m.n, nil
}
