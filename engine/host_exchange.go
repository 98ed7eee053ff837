package engine

import "harmonium/kernels"

func (h *host) chance(out Buffer, in []Buffer) error {
	p := out.(*hostBuffer)
	p.written()
	kernels.Chance(p.f32, in[0].(*hostBuffer).f64, in[1].(*hostBuffer).f64, in[2].(*hostBuffer).f64,
		in[3].(*hostBuffer).f64, p.rows())
	return nil
}

// selectParts selects states if both matrices have states, as chains have that were drawn, else values.
func (h *host) selectParts(out Buffer, in []Buffer) error {
	if byCell(in[0].Shape()) {
		h.selectCells(out.(*hostBuffer), in[0].(*hostBuffer), in[1].(*hostBuffer), in[2].(*hostBuffer))
		return nil
	}
	to, mask, first, second := out.(*hostBuffer), expanded(in[0]).f32, in[1].(*hostBuffer), in[2].(*hostBuffer)
	if first.hasStates && second.hasStates {
		to.written()
		kernels.SelectStates(to.roomForStates(first.states.Units), mask, first.states, second.states, to.rows())
		to.bareStates(to.states.Count(to.rows()))
		return nil
	}
	kernels.Select(to.f32, mask, expanded(first).f32, expanded(second).f32, to.rows(), to.width())
	to.written()
	return nil
}

// selectCells selects states if second has states, as a draw has, and the values of mask and first, which may come
// from data, are states too, else values.
func (h *host) selectCells(to, mask, first, second *hostBuffer) {
	if second.hasStates && mask.findStates(nil) && first.findStates(second.states.Units) {
		to.written()
		kernels.SelectCellStates(to.roomForStates(first.states.Units), mask.states, first.states, second.states, to.rows())
		to.bareStates(to.states.Count(to.rows()))
		return
	}
	kernels.SelectCells(to.f32, expanded(mask).f32, expanded(first).f32, expanded(second).f32)
	to.written()
}
