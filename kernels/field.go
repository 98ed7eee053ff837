package kernels

import "math/bits"

// Input holds the operands of the fields of a layer: values, or states, or states together with
// the fields of earlier states.
type Input struct {
	Weights Panels    // (in, columns)
	Bias    []float32 // (columns)

	Values []float32 // (rows, in), or nil if States are given
	States States    // (rows, in); for other worths than 0 and 1, Weights and Bias are of [Worth]
	Was    States    // earlier states, to which the fields Before belong; or none
	Before Grid      // (rows, columns)

	Room []int32 // for lists of states; RoomFor(rows, in) numbers
}

// batchRows is the number of rows whose lists exist at a time. Chosen: a tile of the weights is read once for all of
// them, but more rows need more Room.
const batchRows = 512

// overrun is the number of elements behind the lists that an implementation may overwrite: with VBMI2,
// list_word of states.h writes two vectors of 16 elements even for a word without ones.
const overrun = 32

// RoomFor returns the length of Room that the lists of rows rows of in states need.
func RoomFor(rows, in int) int { return min(rows, batchRows)*in + overrun }

// Field writes to z the input of one layer given the values of the other. It is
//
//	for n := range rows {
//		for j := range w.Columns {
//			z[n,j] = b[j] + Σ_i x[n,i]*w[i,j]    // i in rising order
//		}
//	}
//
// with z (rows, w.Columns), x (rows, w.Rows) and b (w.Columns). z must not overlap the inputs.
//
// For x in {0,1} and finite w every implementation on the host returns the same bits, whether x is given as
// values or as states. The sum starts at b[j] + 0, adds rows of w in index order and multiplies
// nothing. It may skip zeros, since adding a zero changes nothing. For other x an implementation
// is within γ(w.Rows+1)·(|b[j]| + Σ_i |x[n,i]*w[i,j]|) of the exact value, where γ(k) =
// k·u/(1-k·u) and u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
// §3.1).
//
// Two successive states of a Markov chain differ in few units. If earlier states are given, each
// row with fewer than three quarters as many changes as ones has the field
//
//	z[n,j] = before[n,j] + Σ_i w[i,j] - Σ_k w[k,j]
//
// where i runs over the units that turned on, and then k over the units that turned off, both in
// rising order. z may be before. The limit is below one because an element of the list of ones costs
// less than an element of the lists of changes: the lists of ones are read tile by tile, and all rows
// use a tile of w before the next (field.h). Three quarters is chosen: the costs are in ratios from 0.7 to 0.95, by the
// kernels and shapes (BenchmarkFieldOfStates and BenchmarkFollowingField). Every implementation on the host returns the
// same bits, but they
// differ from the bits of the sum above. A row with d changes is within
// γ(d)·(|before[n,j]| + Σ_i |w[i,j]| + Σ_k |w[k,j]|) of the exact result for the given before; an
// error of before remains.
//
// Field panics if a slice is shorter than its shape.
func Field(z, x []float32, w Panels, b []float32, rows int) {
	Activate(Activation{
		Rows: rows, Columns: w.Columns, Input: Input{Weights: w, Bias: b, Values: x}, Field: ByRows(z, w.Columns),
	}, 0, rows*w.Columns)
}

// rowLists holds the lists of up to batchRows rows: the units that are on or, where follows is
// set, the units that turned on and the units that turned off.
type rowLists struct {
	follows [batchRows]bool // the field is computed from the earlier one
	on, off [batchRows][]int32
}

// list makes the lists of rows rows from row first on.
func (x *Input) list(lists *rowLists, first, rows int) {
	room, in := x.Room, x.Weights.Rows
	take := func(count int) (list []int32) {
		list, room = room[:count], room[count:]
		return list
	}
	for k := range rows {
		n, ones, turnedOn, turnedOff := first+k, 0, 0, 0
		for j := 0; j < in; j += 64 {
			now := *x.States.word(n, j)
			ones += bits.OnesCount64(now)
			if x.hasPast() {
				was := *x.Was.word(n, j)
				turnedOn += bits.OnesCount64(now &^ was)
				turnedOff += bits.OnesCount64(was &^ now)
			}
		}
		lists.follows[k] = x.hasPast() && 4*(turnedOn+turnedOff) < 3*ones
		if !lists.follows[k] {
			lists.on[k] = take(ones)
			x.States.list(lists.on[k], n)
			continue
		}
		on, off := take(turnedOn), take(turnedOff)
		lists.on[k], lists.off[k] = on, off
		for j := 0; j < in; j += 64 {
			now, was := *x.States.word(n, j), *x.Was.word(n, j)
			on = on[listWord(on, now&^was, j):]
			off = off[listWord(off, was&^now, j):]
		}
	}
}

// row writes the fields of row n in the columns from j on, within a panel. The lists of row n
// have index k.
func (x *Input) row(z []float32, lists *rowLists, k, n, j int) {
	panel := x.Weights.from(j)
	switch {
	case x.Values != nil:
		startField(z, x.Bias[j:])
		in := x.Weights.Rows
		for i, v := range x.Values[n*in : (n+1)*in] {
			switch v {
			case 0:
			case 1:
				addRow(z, panel[i*PanelWidth:])
			default:
				addScaledRow(z, panel[i*PanelWidth:], v)
			}
		}
	case lists.follows[k]:
		copy(z, x.Before.part(n, j, len(z)))
		addRows(z, panel, lists.on[k])
		for _, i := range lists.off[k] {
			subtractRow(z, panel[int(i)*PanelWidth:])
		}
	default:
		startField(z, x.Bias[j:])
		addRows(z, panel, lists.on[k])
	}
}

func (x *Input) hasPast() bool { return x.Before.Data != nil }

func (x *Input) check(rows int) {
	w := x.Weights
	w.check()
	if len(x.Bias) < w.Columns {
		panic("kernels: field: the bias is shorter than its shape")
	}
	if x.Values != nil {
		if len(x.Values) < rows*w.Rows {
			panic("kernels: field: x is shorter than its shape")
		}
		return
	}
	x.States.check(rows, w.Rows)
	if len(x.Room) < RoomFor(rows, w.Rows) {
		panic("kernels: field: there is no room for the lists")
	}
	if x.hasPast() {
		x.Was.check(rows, w.Rows)
		x.Before.check(rows, w.Columns, "kernels: field: the fields before are shorter than their shape")
	}
}

// addRows adds to sum the rows of a panel that a list names, in the order of the list.
func addRows(sum, panel []float32, list []int32) {
	if len(list) == 0 {
		return // the panel of a layer without units is empty
	}
	const block = 8 // number of columns whose sums stay in registers
	for ; len(sum) >= block; sum, panel = sum[block:], panel[block:] {
		s0, s1, s2, s3, s4, s5, s6, s7 := sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]
		for _, i := range list {
			w := (*[block]float32)(panel[int(i)*PanelWidth:])
			s0 += w[0]
			s1 += w[1]
			s2 += w[2]
			s3 += w[3]
			s4 += w[4]
			s5 += w[5]
			s6 += w[6]
			s7 += w[7]
		}
		sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7] = s0, s1, s2, s3, s4, s5, s6, s7
	}
	if len(sum) > 0 {
		for _, i := range list {
			addRow(sum, panel[int(i)*PanelWidth:])
		}
	}
}

// startField sets a row to its bias. Adding +0 turns a bias of -0 into +0, so that adding zeros
// later changes no bit.
func startField(row, b []float32) {
	b = b[:len(row)]
	for j := range row {
		row[j] = b[j] + 0
	}
}

func addRow(dst, src []float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] += src[j]
	}
}

func subtractRow(dst, src []float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] -= src[j]
	}
}

func addScaledRow(dst, src []float32, scale float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] += float32(scale * src[j])
	}
}
