package engine

import "harmonium/kernels"

// part copies states if x is known to be states, else values. It does not look for states in values (findStates), as a
// Part does not know the units.
func (h *host) part(out Buffer, in []Buffer, p Part) error {
	to, x := out.(*hostBuffer), in[0].(*hostBuffer)
	to.written()
	if x.hasStates {
		states := to.roomForStates(x.states.Units)
		p.eachBlock(x.rows(), func(into, from int) { copyStates(states, into, x.states, from, p.Size) })
		to.bareStates(states.Count(to.rows()))
		return nil
	}
	values, width := expanded(x).f32, rowWidth(to.shape)
	p.eachBlock(x.rows(), func(into, from int) {
		copy(to.f32[into*width:(into+p.Size)*width], values[from*width:])
	})
	return nil
}

func copyStates(to kernels.States, into int, from kernels.States, row, rows int) {
	for n := range rows {
		to.CopyRow(into+n, from, row+n)
	}
}

// put copies states if putsStates, else values.
func (h *host) put(out Buffer, in []Buffer, p Put) error {
	to, x, parts := out.(*hostBuffer), in[0].(*hostBuffer), in[1:]
	if h.putsStates(x, parts, p) {
		first := parts[0].(*hostBuffer)
		states, whole := to.roomForStates(first.states.Units), p.whole(x.shape, parts)
		if to != x && !whole {
			copyStates(states, 0, x.states, 0, x.rows())
		}
		to.written()
		at := p.From
		for _, b := range parts {
			part, piece := b.(*hostBuffer), p.partFrom(at, b.Shape())
			piece.eachBlock(to.rows(), func(from, row int) { copyStates(states, row, part.states, from, piece.Size) })
			at += piece.Size
		}
		to.bareStates(states.Count(to.rows()))
		return nil
	}
	if values := expanded(x).f32; to != x && !p.whole(x.shape, parts) {
		copy(to.f32, values)
	}
	to.written()
	at, width := p.From, rowWidth(to.shape)
	for _, b := range parts {
		part, piece := expanded(b).f32, p.partFrom(at, b.Shape())
		piece.eachBlock(to.rows(), func(from, row int) {
			copy(to.f32[row*width:(row+piece.Size)*width], part[from*width:])
		})
		at += piece.Size
	}
	return nil
}

// putsStates reports whether the result of a Put is states: all parts are known to be states, as draws are, and so is x
// unless they replace all of it. Only in x, perhaps a variable that was set, does it look for states among values; the
// parts tell the units. A vector has no states.
func (h *host) putsStates(x *hostBuffer, parts []Buffer, p Put) bool {
	if len(parts) == 0 || len(x.shape) == 1 {
		return false
	}
	for _, b := range parts {
		if !b.(*hostBuffer).hasStates {
			return false
		}
	}
	return p.whole(x.shape, parts) || x.findStates(parts[0].(*hostBuffer).states.Units)
}
