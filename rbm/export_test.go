package rbm

// Names of this package for the tests of package rbm_test.

const (
	BlockStates = blockStates
	SafeField   = safeField
)

var NewGradient = newGradient

func AddMoments[V, H float32 | float64](g *Gradient, weight float64, v []V, h []H) {
	addMoments(g, weight, v, h)
}

// TameAndWild returns how many units of the layer that is summed out are tame, held as odds, and wild, held as fields
// (see partition).
func TameAndWild(m *Model) (tame, wild int) {
	p := newPartition(m)
	return len(p.tame.bias), len(p.wild.bias)
}

// ZeroSumFloat64 returns the parameters of a model in the zero-sum gauge, not rounded to float32.
func (m *Model) ZeroSumFloat64() (weights, visible, hidden []float64) {
	z := m.zeroSum()
	return z.weights, z.visible, z.hidden
}
