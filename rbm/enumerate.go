package rbm

import "iter"

// EnumerateVisible yields all 2^V visible states with their log p(v), or with
// log p(v) + log Z for a logZ of 0. State number n has v_i = bit i of n. The
// state is reused: keep a copy, not the slice. It panics above 30 units.
func (m *Model) EnumerateVisible(logZ float64) iter.Seq2[[]float32, float64] {
	all := States(m.Visible)
	return func(yield func([]float32, float64) bool) {
		for _, v := range all {
			if !yield(v, m.LogMarginalVisible(v, logZ)) {
				return
			}
		}
	}
}

// EnumerateHidden yields all 2^H hidden states with their log p(h), as
// EnumerateVisible does the visible ones.
func (m *Model) EnumerateHidden(logZ float64) iter.Seq2[[]float32, float64] {
	all := States(m.Hidden)
	return func(yield func([]float32, float64) bool) {
		for _, h := range all {
			if !yield(h, m.LogMarginalHidden(h, logZ)) {
				return
			}
		}
	}
}

// States yields the 2^units states of a layer, in one reused slice, with their numbers:
// unit i is bit i of the number. It panics above 30 units.
func States(units int) iter.Seq2[int, []float32] {
	if units > MaxPartitionUnits {
		panic("rbm: more than 30 units to enumerate")
	}
	return func(yield func(int, []float32) bool) {
		state := make([]float32, units)
		for n := range 1 << units {
			for i := range state {
				state[i] = float32(n >> i & 1)
			}
			if !yield(n, state) {
				return
			}
		}
	}
}
