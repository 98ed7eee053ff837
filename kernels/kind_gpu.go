//go:build gpu

package kernels

// kindRest stands, in place of a kind, for a column of a unit of several columns that is not its first
// one; see grid.h.
const kindRest = 0xFF

// KindWords returns the kinds of the columns of a layer for the CUDA kernels, one number each, and
// after them the first column of each unit with discrete states. It returns nil if all units are of the
// default kind.
func KindWords(u Units) []int32 {
	if u.Default() {
		return nil
	}
	var kinds, firsts []int32
	for _, g := range u {
		for j := g.From; j < g.To; j++ {
			if (j-g.From)%g.Kind.Width() > 0 {
				kinds = append(kinds, kindRest)
				continue
			}
			kinds = append(kinds, int32(g.Kind))
			if !g.Kind.Real() {
				firsts = append(firsts, int32(j))
			}
		}
	}
	return append(kinds, firsts...)
}

// widest returns the largest number of columns of a unit that has several, or 0.
func (u Units) widest() int {
	widest := 0
	for _, g := range u {
		if g.Kind.Several() {
			widest = max(widest, g.Kind.Width())
		}
	}
	return widest
}
