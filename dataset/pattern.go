package dataset

import (
	"fmt"
	"math"
	"slices"
)

// Pattern holds rows of states with missing cells.
type Pattern struct {
	N, V   int
	Values []float32 // (N,V): Worth.Low or Worth.High for a state, or a real number; NaN where a cell is missing
	Names  []string  // (V) of the columns; nil without a header
	Labels []string  // (N); nil if there are none

	// Cells are the cells of each row as the file has them, in the order of the schema's columns, and
	// empty where they are missing; nil without a schema.
	Cells [][]string
}

// OpenPattern reads rows of width values from a file, from FILE:ARRAY, or from several, as Open reads training
// rows, except that it takes no labels from a source of their own. A cell may be missing: empty, NaN or ?. With a
// schema all values of a missing cell are NaN, and the label may have no column.
func OpenPattern(spec string, width int, opt Options) (*Pattern, error) {
	schema := opt.Schema
	l := &loader{opt: opt, cells: schema != nil && schema.Plain == 0}
	m, err := l.matrix(spec, trainingRows)
	if err != nil {
		return nil, err
	}
	var p *Pattern
	switch {
	case opt.Levels > 0:
		p, err = greyPattern(m, width, opt)
	case schema == nil:
		p, err = patternOf(m, width, opt)
	case schema.Plain > 0:
		if p, err = patternOf(m, schema.Plain, opt); err == nil {
			err = schema.labelPattern(p)
		}
	default:
		p, err = schema.pattern(m, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", spec, err)
	}
	return p, nil
}

// ReadPattern reads the units that a sampler holds fixed from a file of n rows: a cell with the number of a state,
// Worth.Low or Worth.High, holds its unit, and one that is NaN or empty leaves it free. It returns the values
// (n, width), with NaN where a unit is free.
func ReadPattern(path string, width int, worth []Worth) (values []float32, n int, err error) {
	p, err := OpenPattern(path, width, Options{Worth: worth})
	if err != nil {
		return nil, 0, err
	}
	return p.Values, p.N, nil
}

// columnsOf chooses by opt.Columns and drops all that is no data. It wants width columns to be left.
func (m *matrix) columnsOf(width int, opt Options) (*choice, error) {
	taken, err := m.chooseWidth(width, opt.Columns, opt.Lax)
	if err != nil {
		return nil, err
	}
	if err := m.where(opt.Columns.Where, taken); err != nil {
		return nil, err
	}
	m.keepColumns(taken.columns)
	if m.v != width {
		return nil, fmt.Errorf("%d columns, want %d", m.v, width)
	}
	return taken, nil
}

func patternOf(m *matrix, width int, opt Options) (*Pattern, error) {
	taken, err := m.columnsOf(width, opt)
	if err != nil {
		return nil, err
	}
	divisor := opt.Scale // of real numbers, as in the rows of a set, see matrix.levelsOf
	if divisor == 0 {
		divisor = 1
		if m.bytes != nil && slices.Max(m.bytes) >= greyLeast {
			divisor = greyMax
		}
	}
	m.toFloats()
	for i, x := range m.floats {
		row, j := i/m.v, i%m.v
		w := worthAt(opt.Worth, j)
		word := x != x && m.words[j] != nil && m.words[j][row] != ""
		if w.Real {
			if word || math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("%s: %s, want a number or NaN", m.place(row, j), m.cell(row, j))
			}
			m.floats[i] = float32(float64(x) / divisor)
			continue
		}
		if word || x != w.Low && x != w.High && x == x {
			return nil, fmt.Errorf("%s: %s, want %v, %v or NaN", m.place(row, j), m.cell(row, j), w.Low, w.High)
		}
	}
	return &Pattern{N: m.n, V: m.v, Values: m.floats, Names: m.names, Labels: taken.labels}, nil
}
