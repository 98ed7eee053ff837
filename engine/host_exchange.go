package engine

import "harmonium/kernels"

func (h *host) Chance(p, first, firstOther, second, secondOther Buffer) error {
	out := p.(*hostBuffer)
	out.written()
	kernels.Chance(out.f32, first.(*hostBuffer).f64, firstOther.(*hostBuffer).f64, second.(*hostBuffer).f64,
		secondOther.(*hostBuffer).f64, out.rows())
	return nil
}

// Select takes states if both matrices are states, else values.
func (h *host) Select(out, mask, x, y Buffer) error {
	to, on, first, second := out.(*hostBuffer), expanded(mask).f32, x.(*hostBuffer), y.(*hostBuffer)
	if first.drawn && second.drawn {
		to.written()
		kernels.SelectStates(to.room(), on, first.states, second.states, to.rows())
		to.bareStates(to.states.Count(to.rows()))
		return nil
	}
	kernels.Select(to.f32, on, expanded(first).f32, expanded(second).f32, to.rows(), to.width())
	to.written()
	return nil
}
