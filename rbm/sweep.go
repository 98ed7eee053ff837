package rbm

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
)

// anewEvery is after how many fields of a sweep one is computed anew, so that the
// roundings of those before do not add up for ever.
const anewEvery = 32

// sweep is a row of Gibbs steps of the same chains under the same parameters, in which the
// fields of a layer follow from those of the step before: few units change.
type sweep struct {
	*builder
	visible, hidden followed
}

// newSweep returns a sweep at its first step.
func newSweep(b *builder) *sweep { return &sweep{builder: b} }

// followed are the fields of a layer, step by step.
type followed struct {
	last  *gorgonia.Node
	count int
}

func (f *followed) next(x *gorgonia.Node, anew func(*gorgonia.Node) *gorgonia.Node) *gorgonia.Node {
	if f.count%anewEvery == 0 {
		f.last = anew(x)
	} else {
		f.last = engine.NewChangedField(x, f.last)
	}
	f.count++
	return f.last
}

func (s *sweep) visibleField(h *gorgonia.Node) *gorgonia.Node {
	return s.visible.next(h, s.builder.visibleField)
}

func (s *sweep) hiddenField(v *gorgonia.Node) *gorgonia.Node {
	return s.hidden.next(v, s.builder.hiddenField)
}

// gibbsStep goes from hidden states h→v→h: it draws v given h and returns it with the
// means of the hidden units given v.
func (s *sweep) gibbsStep(h *gorgonia.Node, step int) phase {
	v := s.sample(engine.NewMean(s.visibleField(h)), streamVisible, step)
	return phase{v, engine.NewMean(s.hiddenField(v))}
}
