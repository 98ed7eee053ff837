package graph

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
)

// anewEvery is the number of Gibbs steps between two fields that are computed anew. Chosen between the growth of
// rounding errors and the time of full products.
const anewEvery = 32

// Sweep builds successive Gibbs steps of the same chains under the same parameters. Few units
// change in a step, so the fields of a layer are computed from its fields one step before. It is for models without
// couplings; their sweep of single visible units is Builder.MoveVisible.
type Sweep struct {
	*Builder
	visible, hidden followed
}

// NewSweep returns a sweep at its first step.
func NewSweep(b *Builder) *Sweep {
	return &Sweep{Builder: b, visible: followed{real: b.HiddenUnits.Real()}, hidden: followed{real: b.VisibleUnits.Real()}}
}

// followed holds the last fields of a layer and the number of its fields so far.
type followed struct {
	last  *gorgonia.Node
	count int
	real  bool // the other layer has real states, and all of them change
}

// next returns the layer's fields given the states x of the other layer.
func (f *followed) next(x *gorgonia.Node, anew func(*gorgonia.Node) *gorgonia.Node) *gorgonia.Node {
	if f.real || f.count%anewEvery == 0 {
		f.last = anew(x)
	} else {
		f.last = engine.NewChangedField(x, f.last)
	}
	f.count++
	return f.last
}

// VisibleField returns the next fields of the visible units, given h (B,H).
func (s *Sweep) VisibleField(h *gorgonia.Node) *gorgonia.Node {
	return s.visible.next(h, s.Builder.VisibleField)
}

// HiddenField returns the next fields of the hidden units, given v (B,V).
func (s *Sweep) HiddenField(v *gorgonia.Node) *gorgonia.Node {
	return s.hidden.next(v, s.Builder.HiddenField)
}

// GibbsStep draws v given hidden states h (B,H), and returns it with the means of the hidden
// units given v.
func (s *Sweep) GibbsStep(h *gorgonia.Node, step int) Phase {
	v := s.SampleVisible(s.VisibleField(h), engine.Path{}, StreamVisible, step)
	return s.PhaseOf(v, s.HiddenField(v))
}
