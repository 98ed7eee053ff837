package engine

func (h *host) Chance(p, first, firstOther, second, secondOther Buffer) error {
	out := p.(*hostBuffer)
	out.written()
	chance(out.f32, first.(*hostBuffer).f64, firstOther.(*hostBuffer).f64, second.(*hostBuffer).f64, secondOther.(*hostBuffer).f64)
	return nil
}

// Select copies the rows, as lists if both matrices have them.
func (h *host) Select(out, mask, x, y Buffer) error {
	to, first, second := out.(*hostBuffer), x.(*hostBuffer), y.(*hostBuffer)
	listed := first.listed && second.listed
	if !listed {
		expanded(x)
		expanded(y)
	}
	to.written()
	for n, on := range expanded(mask).f32 {
		from := first
		if on != 0 {
			from = second
		}
		to.copyRow(n, from, n, listed)
	}
	if listed {
		to.drawn()
	}
	return nil
}

// copyRow copies a row of another buffer, either its list alone or its values.
func (b *hostBuffer) copyRow(n int, from *hostBuffer, row int, listed bool) {
	if listed {
		b.lists().CopyRow(n, from.ones, row)
		return
	}
	columns := b.width()
	copy(b.f32[n*columns:(n+1)*columns], from.f32[row*columns:])
}
