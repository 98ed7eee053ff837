package kernels

import "math/bits"

// Activation describes what [Activate] computes for a layer of units: fields, and from them means
// and states, each (Rows, Columns). The fields may be given instead of their input, and
// probabilities instead of fields. A result without data is not stored. Mean may be Field, unless a
// unit has several columns, and Field may be Before of the input. No other result may overlap an
// operand. Where a unit has several columns, means and states need fields that are stored. Units with
// real states are left out: their means are undefined and their bits 0 (see [Reals]).
type Activation struct {
	Rows, Columns int
	Units         Units // the kinds of the columns

	Input  Input // if it has no weights, Field is given
	Field  Grid
	Path   Path   // from the fields of the model to the fields of the units
	Mean   Grid   // a result; without input and field it is given, the probabilities of the bit 1
	States States // not drawn if it has no bits
	Draw   Draw
}

// Part returns the activation of the rows lo ≤ n < hi.
func (a Activation) Part(lo, hi int) Activation {
	a.Rows = hi - lo
	in := &a.Input
	if in.Values != nil {
		in.Values = in.Values[lo*in.Weights.Rows:]
	}
	in.States, in.Was, in.Before = in.States.From(lo), in.Was.From(lo), in.Before.From(lo)
	a.Field, a.Mean, a.States = a.Field.From(lo), a.Mean.From(lo), a.States.From(lo)
	if a.Path.Betas != nil {
		a.Path.Betas = a.Path.Betas[lo:]
	}
	a.Draw.Row += uint32(lo)
	return a
}

// Activate computes the elements lo ≤ e < hi of a layer and returns the number of ones among the
// states. Elements are numbered panel by panel, and row by row within a panel of PanelWidth
// columns. The elements of one row and panel belong to the call that has the first of them. Where a
// unit has several columns, lo is 0 and hi Rows*Columns, since the unit may be in several panels. The
// results have the bits of [Field], [Mean], [Sample] and [Toss].
//
// Every call lists the states of each row that has an element in its range. Threads that split a
// layer by rows list every row once. Threads that split it by elements list rows several times,
// but each of them reads only its part of the weights.
//
// Activate panics if a slice is shorter than its shape, if hi is beyond the layer, or if neither
// input nor fields nor probabilities are given.
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
			if a.hasField() && a.Units.Several() {
				ones += a.choose(first, first+rows)
			}
		}
	})
	return ones
}

// row computes fields, means and states of row n in width columns from column j on, which begins a
// panel. lists has the active units of the row's input under the index k. It returns the number of ones.
func (a *Activation) row(lists *rowLists, k, n, j, width int) int {
	var fields [PanelWidth]float32
	z := fields[:width]
	if a.Field.Data != nil {
		z = a.Field.part(n, j, width)
	}
	if a.hasInput() {
		a.Input.row(z, lists, k, n, j)
	}
	if !a.draws() && a.Mean.Data == nil {
		return 0
	}
	word := a.twoStateUnits(z, n, j, width)
	if !a.draws() {
		return 0
	}
	*a.States.word(n, j) = word
	return bits.OnesCount64(word)
}

// twoStateUnits computes the means and the states of the units with one column and two states, among the width
// columns of row n from column j on, within a panel. z are the fields of these columns; without fields the means are
// given. It returns the states as bits, or 0 if none are drawn.
func (a *Activation) twoStateUnits(z []float32, n, j, width int) uint64 {
	var paths, means [PanelWidth]float32
	t, p := paths[:width], means[:width]
	if a.Mean.Data != nil {
		p = a.Mean.part(n, j, width)
	}
	if !a.hasField() {
		return a.Draw.states(p, n, j)
	}
	a.Path.fields(t, z, n, j)
	twoState := ^uint64(0) // the columns of such units
	for from := 0; from < width; {
		k, end := a.Units.group(j+from, j+width)
		to := end - j
		if k.Several() || k.Real() {
			twoState &^= wordRange(from, to)
			from = to
			continue
		}
		mean, chance := k.of().mean, k.of().chance
		for i := from; i < to; i++ {
			p[i] = mean(t[i])
		}
		if chance == nil { // the fields in t make room for the probabilities of the bit 1
			copy(t[from:to], p[from:to])
		} else if a.draws() {
			for i := from; i < to; i++ {
				t[i] = chance(t[i])
			}
		}
		from = to
	}
	if !a.draws() {
		return 0
	}
	return a.Draw.states(t, n, j) & twoState
}

func (a *Activation) hasInput() bool { return a.Input.Weights.Data != nil }
func (a *Activation) hasField() bool { return a.hasInput() || a.Field.Data != nil }
func (a *Activation) draws() bool    { return a.States.Bits != nil }

func (a *Activation) check(lo, hi int) {
	if lo < 0 || hi > a.Rows*a.Columns {
		panic("kernels: activate: the range ends beyond the layer")
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
	chooses := a.hasField() && a.Units.Several() && (a.Mean.Data != nil || a.draws())
	if chooses && (a.Field.Data == nil || lo != 0 || hi != a.Rows*a.Columns) {
		panic("kernels: activate: units of several columns need stored fields and all elements")
	}
	if a.Mean.Data != nil {
		a.Mean.check(a.Rows, a.Columns, "kernels: activate: the means are shorter than their shape")
	}
	if a.draws() {
		a.States.check(a.Rows, a.Columns)
	}
	if p := a.Path; p.Base != nil && len(p.Base) < a.Columns || p.Betas != nil && len(p.Betas) < a.Rows {
		panic("kernels: activate: the path is shorter than its shape")
	}
	a.Units.check(a.Columns)
}

// Mean writes the means of units given their fields. It is
//
//	for n := range rows {
//		for j := range columns {
//			t := beta*z[n,j] + (1-beta)*base[j]    // see Path
//			p[n,j] = Γ'(t)                         // of the unit's Kind
//		}
//	}
//
// with p and z (rows, columns); p may be z if no unit has several columns. Γ'(t) depends on the
// fields of all columns of a unit. Every implementation returns the same bits for the
// same z. Mean panics if a slice is shorter than its shape.
func Mean(p, z []float32, units Units, path Path, rows, columns int) {
	Activate(Activation{
		Rows: rows, Columns: columns, Units: units, Field: ByRows(z, columns), Path: path, Mean: ByRows(p, columns),
	}, 0, rows*columns)
}

// Sample draws the states of units given their fields. It is
//
//	for n := range rows {
//		for j := range columns {
//			t := beta*z[n,j] + (1-beta)*base[j]        // see Path
//			s[n,j] = 1 if u(d,n,j) < chance(t), else 0 // of the unit's Kind
//		}
//	}
//
// with s and z (rows, columns) and u the uniform number in [0,1) of [Draw]. A NaN draws 0. Unit k of a
// group of units of several columns uses the number u of column From+k, which chooses the column with
// the bit 1. Every implementation returns the same bits for the same z. Sample panics if a slice is
// shorter than its shape.
func Sample(s States, z []float32, units Units, path Path, d Draw, rows, columns int) {
	Activate(Activation{
		Rows: rows, Columns: columns, Units: units, Field: ByRows(z, columns), Path: path, States: s, Draw: d,
	}, 0, rows*columns)
}

// Toss draws states with given probabilities. It is
//
//	for n := range rows {
//		for j := range columns {
//			s[n,j] = 1 if u(d,n,j) < p[n,j], else 0
//		}
//	}
//
// with s and p (rows, columns) and u the uniform number in [0,1) of [Draw]. A NaN draws 0. Every
// implementation returns the same bits. Toss panics if a slice is shorter than its shape.
func Toss(s States, p []float32, d Draw, rows, columns int) {
	Activate(Activation{Rows: rows, Columns: columns, Mean: ByRows(p, columns), States: s, Draw: d}, 0, rows*columns)
}

// states draws the states of row n in the columns from j on, at most 64 of them, with
// probabilities p.
func (d Draw) states(p []float32, n, j int) uint64 {
	var u [columnsPerGroup]float32
	d.group(&u, n, j/columnsPerGroup)
	var word uint64
	for i, chance := range p {
		if u[i] < chance {
			word |= 1 << i
		}
	}
	return word
}
