package engine

func (h *host) Chance(p, first, firstOther, second, secondOther Buffer) error {
	out := p.(*hostBuffer)
	out.written()
	chance(out.f32, first.(*hostBuffer).f64, firstOther.(*hostBuffer).f64, second.(*hostBuffer).f64, secondOther.(*hostBuffer).f64)
	return nil
}

// Select copies the rows with the lists of their ones, if both matrices have them.
func (h *host) Select(out, mask, x, y Buffer) error {
	to, other := out.(*hostBuffer), y.(*hostBuffer)
	columns, listed := to.width(), x.(*hostBuffer).listed && other.listed
	to.written()
	for n, on := range mask.(*hostBuffer).f32 {
		from := x.(*hostBuffer)
		if on != 0 {
			from = other
		}
		to.copyRow(n, from, n, columns, listed)
	}
	to.listed = listed
	return nil
}

// copyRow copies a row of another buffer, with the list of its ones if it is listed.
func (b *hostBuffer) copyRow(n int, from *hostBuffer, row, columns int, listed bool) {
	copy(b.f32[n*columns:(n+1)*columns], from.f32[row*columns:])
	if listed {
		ones := b.lists()
		ones.Count[n] = from.ones.Count[row]
		copy(ones.Index[n*columns:], from.ones.Row(row))
	}
}
