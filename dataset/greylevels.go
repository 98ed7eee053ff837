package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"harmonium/memory"
)

// cutLevels replaces the values of a set's rows, which are in [0,1], by categorical units of q states, see
// [Rows.cut].
func (s *Set) cutLevels(q int) error {
	if q < 2 || q > MaxCategories {
		return fmt.Errorf("dataset: %d levels, want 2 to %d", q, MaxCategories)
	}
	if s.Schema != nil {
		return fmt.Errorf("dataset: %s: %d levels of a table or beside label units, want rows of grey levels alone", s.Name, q)
	}
	for _, rows := range []**Rows{&s.Train, &s.Test, &s.Valid} {
		if *rows == nil {
			continue
		}
		units, err := (*rows).cut(q)
		if err != nil {
			return fmt.Errorf("dataset: %s: %d levels: %w", nameOf(*rows, s), q, err)
		}
		*rows = units
	}
	return nil
}

// nameOf names the files of rows or, if they have none, the set that they are a part of.
func nameOf(r *Rows, s *Set) string {
	if r.Origin == nil {
		return s.Name
	}
	return r.Origin.String()
}

// cut returns rows (N,Vq) with a one-hot unit of q values for each value x in [0,1]: the state levelOf(x, q).
func (r *Rows) cut(q int) (*Rows, error) {
	switch {
	case r.Real != nil:
		return nil, errors.New("columns of real numbers, want values in [0,1]")
	case r.stored != nil:
		return nil, errors.New("rows that stay in their file, want them in memory: without blocks of rows")
	}
	what := fmt.Sprintf("the rows of %d units of %d states", r.V, q)
	if err := memory.Check(what, float64(r.N)*float64(r.V)*float64(q)); err != nil {
		return nil, err
	}
	c := &Rows{N: r.N, V: r.V * q, Bytes: make([]uint8, r.N*r.V*q), Labels: r.Labels, Weights: r.Weights,
		Origin: r.Origin.repeated(q)}
	if r.Missing != nil {
		c.Missing = make([]uint8, 0, len(c.Bytes))
		for _, m := range r.Missing {
			c.Missing = append(c.Missing, slices.Repeat([]uint8{m}, q)...)
		}
	}
	row := make([]float32, r.V)
	for n := range r.N {
		r.Row(row, n)
		for j, x := range row {
			if !r.IsMissing(n, j) {
				c.Bytes[n*c.V+j*q+levelOf(x, q)] = 255
			}
		}
	}
	return c, nil
}

// levelOf returns the state min(⌊qx⌋, q-1) of a value x in [0,1].
func levelOf(x float32, q int) int { return min(int(float64(q)*float64(x)), q-1) }

// repeated returns an origin with q columns for each column.
func (o *Origin) repeated(q int) *Origin {
	if o == nil {
		return nil
	}
	with := *o
	with.Names, with.Columns = nil, nil
	for _, name := range o.Names {
		for a := range q {
			with.Names = append(with.Names, name+"="+strconv.Itoa(a))
		}
	}
	for _, c := range o.Columns {
		with.Columns = append(with.Columns, slices.Repeat([]int{c}, q)...)
	}
	return &with
}

// LevelSummary returns the summary of the grey values that rows (N,Vq) of units of q levels stand for: state a
// for the grey value a/(q-1).
func (r *Rows) LevelSummary(q int) Summary {
	all, constant := r.Summary(), map[int]int{}
	for _, j := range all.Constant {
		constant[j/q]++
	}
	var s Summary
	for unit := range r.V / q {
		if constant[unit] == q {
			s.Constant = append(s.Constant, unit)
		}
	}
	for j, mean := range r.Means() {
		s.Mean += float64(j%q) / float64(q-1) * mean / float64(r.V/q)
	}
	return s
}

// Levels returns the grey values (n,V), in [0,1], of states or means (n,Vq) of units of q levels:
// Σ_a a p_a/(q-1) for a unit whose state a has the mean p_a, and NaN for a unit whose values are NaN.
func Levels(values []float32, q int) []float32 {
	greys := make([]float32, 0, len(values)/q)
	for unit := range slices.Chunk(values, q) {
		var sum float64
		for a, p := range unit {
			sum += float64(a) * float64(p)
		}
		greys = append(greys, float32(sum/float64(q-1)))
	}
	return greys
}

// cutPattern is [Rows.cut] for a pattern with values from 0 to divisor. Of a missing cell all q values are NaN.
func (p *Pattern) cutPattern(m *matrix, q int, divisor float64) error {
	values := make([]float32, len(p.Values)*q)
	for i, x := range p.Values {
		unit := values[i*q : (i+1)*q]
		switch grey := float32(float64(x) / divisor); {
		case x != x:
			for a := range unit {
				unit[a] = x
			}
		case !(grey >= 0 && grey <= 1):
			return &ValueError{m.place(i/p.V, i%p.V), x, 0, float32(divisor)}
		default:
			unit[levelOf(grey, q)] = 1
		}
	}
	p.Values, p.V = values, p.V*q
	return nil
}

// Dequantize adds noise to the numbers of a set, which have to be integers k divided by one number d, as grey
// levels k/255 are: they become (k+u)/d with u uniform in [0,1). The density of the numbers k+u is
// then the density of the values (k+u)/d, divided by d once for each column (Theis, van den Oord and Bethge
// 2016). The noise of a row depends only on the seed, the part and the number of the row in it. It returns d.
func (s *Set) Dequantize(seed uint64) (divisor float64, err error) {
	for part, rows := range []**Rows{&s.Train, &s.Test, &s.Valid} {
		if *rows == nil {
			continue
		}
		if *rows, divisor, err = (*rows).dequantized(noise{seed, uint64(part)}); err != nil {
			return 0, fmt.Errorf("dataset: %s: %w", nameOf(*rows, s), err)
		}
	}
	return divisor, nil
}

// noise determines the random numbers of a part: 0 for training, 1 for test, 2 for validation rows.
type noise struct{ seed, part uint64 }

// row returns the generator for a row, which draws one number for each column.
func (n noise) row(row int) *rand.Rand {
	var key [32]byte
	for i, x := range []uint64{n.seed, n.part, uint64(row)} {
		binary.LittleEndian.PutUint64(key[8*i:], x)
	}
	return rand.New(rand.NewChaCha8(key))
}

// dequantized returns the rows with noise, and the divisor d of their numbers, see Dequantize.
func (r *Rows) dequantized(source noise) (*Rows, float64, error) {
	switch {
	case r.stored != nil:
		return r, 0, errors.New("noise for rows that stay in their file, want them in memory: without blocks of rows")
	case r.Real == nil || slices.Contains(r.Real, false):
		return r, 0, errors.New("noise for columns of states, want real numbers in all of them")
	}
	d := float64(greyMax)
	if r.Bytes == nil {
		d = 1
		if r.Origin != nil && r.Origin.Divisor != 0 {
			d = r.Origin.Divisor
		}
	}
	if err := memory.Check("the rows with noise", 4*float64(r.N)*float64(r.V)); err != nil {
		return r, 0, err
	}
	noisy := *r
	noisy.Bytes, noisy.Floats = nil, make([]float32, r.N*r.V)
	row := make([]float32, r.V)
	for n := range r.N {
		r.Row(row, n)
		rng := source.row(n)
		for j, x := range row {
			k := math.Round(float64(x) * d)
			if math.Abs(float64(x)*d-k) > 1e-6*max(1, math.Abs(k)) { // rounding to float32 gives 6e-8·|k|; 1e-6 is chosen
				return r, 0, fmt.Errorf("row %d, column %d: %v, want an integer: noise fills the step between two", n+1, j+1, float64(x)*d)
			}
			if u := rng.Float64(); !r.IsMissing(n, j) { // drawn in any case: other cells keep their noise
				noisy.Floats[n*r.V+j] = float32((k + u) / d)
			}
		}
	}
	return &noisy, d, nil
}

// greyPattern returns the pattern of a matrix of grey values, some of them missing, for units of opt.Levels
// states. width is the number of values in a row of the pattern: opt.Levels for each column.
func greyPattern(m *matrix, width int, opt Options) (*Pattern, error) {
	taken, err := m.columnsOf(width/opt.Levels, opt)
	if err != nil {
		return nil, err
	}
	if err := m.finite(); err != nil {
		return nil, err
	}
	m.toFloats()
	p := &Pattern{N: m.n, V: m.v, Values: slices.Clone(m.floats), Names: m.names, Labels: taken.labels}
	known := *m
	known.floats = slices.DeleteFunc(slices.Clone(m.floats), func(x float32) bool { return x != x })
	found := known.extremes(nil)
	divisor := opt.Scale // or, if it is 0, the divisor that matrix.levelsOf finds for rows of grey values
	if divisor == 0 {
		divisor = 1
		if found.whole && found.high >= greyLeast && found.high <= greyMax {
			divisor = greyMax
		}
	}
	return p, p.cutPattern(m, opt.Levels, divisor)
}
