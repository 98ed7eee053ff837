package kernels

import "math/bits"

// Activation describes what [Activate] computes for a layer of units: fields, means and states,
// each (Rows, Columns) and each from the one before. The first ones may be given instead, and the
// last ones left out. Fields and means without data are computed on the way and not kept. Mean
// may be Field, and Field may be Before of the input; nothing else that is written may overlap
// what is read.
type Activation struct {
	Rows, Columns int

	Input  Input // without weights, the fields are given, or else the means
	Field  Grid
	Temper Temper // on the way to the means
	Mean   Grid
	States States // none if there are no bits
	Draw   Draw
}

// Part returns the activation of the rows lo ≤ n < hi of the layer.
func (a Activation) Part(lo, hi int) Activation {
	a.Rows = hi - lo
	in := &a.Input
	if in.Values != nil {
		in.Values = in.Values[lo*in.Weights.Rows:]
	}
	in.States, in.Was, in.Before = in.States.From(lo), in.Was.From(lo), in.Before.From(lo)
	a.Field, a.Mean, a.States = a.Field.From(lo), a.Mean.From(lo), a.States.From(lo)
	if a.Temper.Betas != nil {
		a.Temper.Betas = a.Temper.Betas[lo:]
	}
	a.Draw.Row += uint32(lo)
	return a
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
func Activate(a Activation, lo, hi int) int {
	a.check(lo, hi)
	var lists rowLists
	ones := 0
	eachPart(lo, hi, a.Rows, a.Columns, func(left, right, first, end int) {
		for ; first < end; first += batchRows {
			rows := min(batchRows, end-first)
			if a.hasInput() && a.Input.Values == nil {
				a.Input.list(&lists, first, rows)
			}
			for j := left; j < right; j += PanelWidth {
				for k := range rows {
					ones += a.row(&lists, k, first+k, j, min(PanelWidth, right-j))
				}
			}
		}
	})
	return ones
}

// row computes width columns of row n, which is row k of the lists, from column j on, which begins
// a panel. It returns the number of ones.
func (a *Activation) row(lists *rowLists, k, n, j, width int) int {
	var passing [PanelWidth]float32
	z, p := passing[:width], passing[:width]
	if a.Field.Data != nil {
		z = a.Field.part(n, j, width)
	}
	if a.Mean.Data != nil {
		p = a.Mean.part(n, j, width)
	}
	if a.hasInput() {
		a.Input.row(z, lists, k, n, j)
	}
	if a.hasField() && (a.Mean.Data != nil || a.draws()) {
		a.Temper.row(p, z, n, j)
	}
	if !a.draws() {
		return 0
	}
	word := a.Draw.draw(p, n, j)
	*a.States.word(n, j) = word
	return bits.OnesCount64(word)
}

func (a *Activation) hasInput() bool { return a.Input.Weights.Data != nil }
func (a *Activation) hasField() bool { return a.hasInput() || a.Field.Data != nil }
func (a *Activation) draws() bool    { return a.States.Bits != nil }

func (a *Activation) check(lo, hi int) {
	if lo < 0 || hi > a.Rows*a.Columns {
		panic("kernels: activate: the layer has fewer elements")
	}
	if !a.hasField() && a.Mean.Data == nil {
		panic("kernels: activate: neither input nor fields nor means are given")
	}
	if a.hasInput() {
		if a.Input.Weights.Columns != a.Columns {
			panic("kernels: activate: the weights do not have the columns of the layer")
		}
		a.Input.check(a.Rows)
	}
	if a.Field.Data != nil {
		a.Field.check(a.Rows, a.Columns, "kernels: activate: the fields are shorter than their shape")
	}
	if a.Mean.Data != nil {
		a.Mean.check(a.Rows, a.Columns, "kernels: activate: the means are shorter than their shape")
	}
	if a.draws() {
		a.States.check(a.Rows, a.Columns)
	}
	if t := a.Temper; t.Base != nil && len(t.Base) < a.Columns || t.Betas != nil && len(t.Betas) < a.Rows {
		panic("kernels: activate: the temper is shorter than its shape")
	}
}
