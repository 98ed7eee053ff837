//go:build gpu

package kernels

// KindBytes returns the kinds of the columns of a layer as CUDA kernels read them, a byte each;
// nil for units of the default kind alone.
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
