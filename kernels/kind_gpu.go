//go:build gpu

package kernels

// KindBytes returns the kinds of the columns of a layer for the CUDA kernels, one byte each. It
// returns nil if all units are of the default kind.
func KindBytes(u Units) []byte {
	if u.Default() {
		return nil
	}
	var kinds []byte
	for _, g := range u {
		for range g.To - g.From {
			kinds = append(kinds, byte(g.Kind))
		}
	}
	return kinds
}
