package kernels

import "math/bits"

// Changes is room to list the units of a batch that came on and those that went off.
type Changes struct{ On, Off Ones }

// NewChanges returns room for rows times columns units.
func NewChanges(rows, columns int) Changes {
	room := func() Ones {
		return Ones{Columns: columns, Count: make([]int32, rows), Index: make([]int32, rows*columns)}
	}
	return Changes{room(), room()}
}

// From returns the room from row n on.
func (c Changes) From(n int) Changes { return Changes{c.On.From(n), c.Off.From(n)} }

// ChangedField writes to z the fields of the states x, given the fields before of the
// states was over the same weights and biases. Neighbours in a Markov chain have most of
// their units in common. It is
//
//	for n := range rows {
//		on, off := x.Row(n) without was.Row(n), was.Row(n) without x.Row(n)
//		if len(on) + len(off) < ¾ len(x.Row(n)) {
//			for j := range w.Columns {
//				z[n,j] = before[n,j] + Σ_i w[i,j] - Σ_k w[k,j]    // i in on, then k in off, both rising
//			}
//		} else {
//			// z[n] as by Field
//		}
//	}
//
// with z and before (rows, w.Columns), which may be the same, x, was and room of
// (rows, w.Rows), and b (w.Columns). Otherwise z must not overlap the inputs. What is left
// in room means nothing. The ¾ is because an element of a short list takes longer than one
// of a long list, which goes through parts of w that many rows share.
//
// Every implementation returns the same bits, but not those of [Field]: where a row has d
// changes, z is within γ(d)·(|before[n,j]| + Σ_i |w[i,j]| + Σ_k |w[k,j]|) of the exact value
// for that field before, with the γ of [Field]; what before was off by remains.
//
// It panics if a slice is shorter than its shape.
func ChangedField(z, before []float32, was, x Ones, room Changes, w Panels, b []float32, rows int) {
	checkChangedField(z, before, was, x, room, w, b, rows)
	for n := range rows {
		room.On.Count[n] = int32(listWithout(room.On.Index[n*w.Rows:], x.bits(n), was.bits(n)))
		room.Off.Count[n] = int32(listWithout(room.Off.Index[n*w.Rows:], was.bits(n), x.bits(n)))
	}
	for j := 0; j < w.Columns; j += PanelWidth {
		width, panel := min(PanelWidth, w.Columns-j), w.from(j)
		for n := range rows {
			row, on, off := z[n*w.Columns+j:][:width], room.On.Row(n), room.Off.Row(n)
			if 4*(len(on)+len(off)) >= 3*len(x.Row(n)) {
				startField(row, b[j:])
				addRows(row, panel, x.Row(n))
				continue
			}
			copy(row, before[n*w.Columns+j:])
			addRows(row, panel, on)
			for _, i := range off {
				subtractRow(row, panel[int(i)*PanelWidth:])
			}
		}
	}
}

// listWithout writes the places of the bits of x that y has not to index and returns their
// number.
func listWithout(index []int32, x, y []uint64) int {
	count := 0
	for word, v := range x {
		for rest := v &^ y[word]; rest != 0; rest &= rest - 1 {
			index[count] = int32(64*word + bits.TrailingZeros64(rest))
			count++
		}
	}
	return count
}

func checkChangedField(z, before []float32, was, x Ones, room Changes, w Panels, b []float32, rows int) {
	checkField(z, w, b, rows)
	checkBits(was, rows, w.Rows)
	checkBits(x, rows, w.Rows)
	checkOnes(room.On, rows, w.Rows)
	checkOnes(room.Off, rows, w.Rows)
	if len(before) < rows*w.Columns {
		panic("kernels: changed field: before is shorter than its shape")
	}
}

func subtractRow(dst, src []float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] -= src[j]
	}
}
