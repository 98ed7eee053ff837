package kernels

import "math/bits"

// Layer says what [Activate] computes of a layer of units: their fields, their means and their
// states, each (Rows, Columns) and from the one before. What comes first may be given instead,
// and what comes last may be left out. Fields and means without data on the way are computed
// and not kept. Mean may be Field, and Field may be Before of the input; nothing else that is
// written may overlap what is read.
type Layer struct {
	Rows, Columns int

	Input  Input // without weights, the fields are given, or else the means
	Field  Grid
	Temper Temper // on the way to the means
	Mean   Grid
	States States // none if there are no bits
	Draw   Draw
}

// Part returns the rows lo ≤ n < hi of the layer, as a layer.
func (l Layer) Part(lo, hi int) Layer {
	l.Rows = hi - lo
	in := &l.Input
	if in.Values != nil {
		in.Values = in.Values[lo*in.Weights.Rows:]
	}
	in.States, in.Was, in.Before = in.States.From(lo), in.Was.From(lo), in.Before.From(lo)
	l.Field, l.Mean, l.States = l.Field.From(lo), l.Mean.From(lo), l.States.From(lo)
	if l.Temper.Betas != nil {
		l.Temper.Betas = l.Temper.Betas[lo:]
	}
	l.Draw.Row += uint32(lo)
	return l
}

// Activate computes the elements lo ≤ e < hi of a layer, which are numbered panel by panel,
// and row by row within a panel of PanelWidth columns. Elements of the same row and panel
// belong to the call that has the first of them. The elements are those of [Field], [Mean] and
// [Sample], to the bit. It returns the number of ones among the states. It panics if a slice
// is shorter than its shape, if there are fewer elements, or if nothing is given.
//
// Every call makes lists of the states of all rows that it has elements of: threads that share
// a layer by its rows save that, and threads that share it by its elements each read only a
// part of the weights.
func Activate(l Layer, lo, hi int) int {
	l.check(lo, hi)
	var p plan
	ones := 0
	eachPart(lo, hi, l.Rows, l.Columns, func(left, right, first, end int) {
		for ; first < end; first += batchRows {
			rows := min(batchRows, end-first)
			if l.hasInput() && l.Input.Values == nil {
				l.Input.list(&p, first, rows)
			}
			for j := left; j < right; j += PanelWidth {
				for k := range rows {
					ones += l.row(&p, k, first+k, j, min(PanelWidth, right-j))
				}
			}
		}
	})
	return ones
}

// row computes so many columns of row n, which is row k of the plan, from column j on, which
// begins a panel. It returns the number of ones.
func (l *Layer) row(plan *plan, k, n, j, width int) int {
	var passing [PanelWidth]float32
	z, p := passing[:width], passing[:width]
	if l.Field.Data != nil {
		z = l.Field.part(n, j, width)
	}
	if l.Mean.Data != nil {
		p = l.Mean.part(n, j, width)
	}
	if l.hasInput() {
		l.Input.row(z, plan, k, n, j)
	}
	if l.hasField() && (l.Mean.Data != nil || l.draws()) {
		l.Temper.row(p, z, n, j)
	}
	if !l.draws() {
		return 0
	}
	word := l.Draw.draw(p, n, j)
	*l.States.word(n, j) = word
	return bits.OnesCount64(word)
}

func (l *Layer) hasInput() bool { return l.Input.Weights.Data != nil }
func (l *Layer) hasField() bool { return l.hasInput() || l.Field.Data != nil }
func (l *Layer) draws() bool    { return l.States.Bits != nil }

func (l *Layer) check(lo, hi int) {
	if lo < 0 || hi > l.Rows*l.Columns {
		panic("kernels: activate: the layer has fewer elements")
	}
	if !l.hasField() && l.Mean.Data == nil {
		panic("kernels: activate: neither input nor fields nor means are given")
	}
	if l.hasInput() {
		if l.Input.Weights.Columns != l.Columns {
			panic("kernels: activate: the weights do not have the columns of the layer")
		}
		l.Input.check(l.Rows)
	}
	if l.Field.Data != nil {
		l.Field.check(l.Rows, l.Columns, "kernels: activate: the fields are shorter than their shape")
	}
	if l.Mean.Data != nil {
		l.Mean.check(l.Rows, l.Columns, "kernels: activate: the means are shorter than their shape")
	}
	if l.draws() {
		l.States.check(l.Rows, l.Columns)
	}
	if t := l.Temper; t.Base != nil && len(t.Base) < l.Columns || t.Betas != nil && len(t.Betas) < l.Rows {
		panic("kernels: activate: the temper is shorter than its shape")
	}
}
