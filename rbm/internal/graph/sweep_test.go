package graph

import (
	"testing"

	"gorgonia.org/tensor"

	"harmonium/engine"
)

// TestFieldsOfASweepAreComputedAnew: roundings of fields that follow from each other do not
// add up over more than anewEvery steps.
func TestFieldsOfASweepAreComputedAnew(t *testing.T) {
	const steps = 2*anewEvery + 6
	b := NewBuilder(Layer{Len: 3}, Layer{Len: 2}, 1)
	s, h := NewSweep(b), b.Variable(Chains, tensor.Float32, 4, 2)
	for step := range steps {
		h = b.SampleHidden(s.GibbsStep(h, step).Field, engine.Path{}, StreamHidden, step)
	}
	var anew, followed int
	for _, n := range b.Graph.AllNodes() {
		if op, ok := n.Op().(engine.Op); ok {
			switch op.Body.(type) {
			case engine.Field:
				anew++
			case engine.ChangedField:
				followed++
			}
		}
	}
	if want := 2 * 3; anew != want || anew+followed != 2*steps {
		t.Errorf("of %d fields %d are computed anew, want %d of %d", anew+followed, anew, want, 2*steps)
	}
}
