package engine

func (h *host) Chance(p, first, firstOther, second, secondOther Buffer) error {
	out := p.(*hostBuffer)
	out.written()
	chance(out.f32, first.(*hostBuffer).f64, firstOther.(*hostBuffer).f64, second.(*hostBuffer).f64, secondOther.(*hostBuffer).f64)
	return nil
}

// Select copies the rows, as states if both matrices are.
func (h *host) Select(out, mask, x, y Buffer) error {
	to, first, second := out.(*hostBuffer), x.(*hostBuffer), y.(*hostBuffer)
	drawn := first.drawn && second.drawn
	if !drawn {
		expanded(x)
		expanded(y)
	}
	to.written()
	for n, on := range expanded(mask).f32 {
		from := first
		if on != 0 {
			from = second
		}
		to.copyRow(n, from, n, drawn)
	}
	if drawn {
		to.bareStates(to.states.Count(to.rows()))
	}
	return nil
}

// copyRow copies a row of another buffer, either its states alone or its values.
func (b *hostBuffer) copyRow(n int, from *hostBuffer, row int, drawn bool) {
	if drawn {
		b.room().CopyRow(n, from.states, row)
		return
	}
	columns := b.width()
	copy(b.f32[n*columns:(n+1)*columns], from.f32[row*columns:])
}
