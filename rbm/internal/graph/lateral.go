package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// Couplings returns L (V,V), which a builder with couplings has.
func (b *Builder) Couplings() *gorgonia.Node {
	return b.Variable(Lateral, tensor.Float32, b.Visible, b.Visible)
}

// LateralField returns vL (B,V), the parts of the visible fields that couplings add, for v (B,V).
func (b *Builder) LateralField(v *gorgonia.Node) *gorgonia.Node {
	zeros := b.Variable(NoField, tensor.Float32, b.Visible)
	if b.Reduced {
		return engine.NewReducedField(v, b.Couplings(), zeros, b.VisibleUnits, false)
	}
	return engine.NewHiddenField(v, b.Couplings(), zeros, b.VisibleUnits)
}

// CoupledField returns the fields hWᵀ + a + vL (B,V) of the visible units, each given the other visible units
// v (B,V) and the hidden ones h (B,H). Without couplings it is VisibleField.
func (b *Builder) CoupledField(v, h *gorgonia.Node) *gorgonia.Node {
	if !b.Coupled {
		return b.VisibleField(h)
	}
	return engine.NewAdd(b.VisibleField(h), b.LateralField(v))
}

// Move says how visible states are drawn.
type Move struct {
	Path     engine.Path
	Stream   uint8
	Step     int
	Free     *gorgonia.Node // (B,V) 0 in the first column of a unit that keeps its state; nil if all move. Only with couplings.
	Backward bool           // from the last unit to the first. Only with couplings.
}

// MoveVisible draws visible states (B,V) given hidden states h (B,H). With couplings it sweeps the visible units
// one by one, from their last states v (B,V). Without couplings v is ignored.
func (b *Builder) MoveVisible(v, h *gorgonia.Node, m Move) *gorgonia.Node {
	if !b.Coupled {
		return b.SampleVisible(b.VisibleField(h), m.Path, m.Stream, m.Step)
	}
	return engine.NewSweep(v, b.CoupledField(v, h), b.Couplings(), b.Clock(), m.Free, m.Path,
		engine.Sweep{Units: b.VisibleUnits, Draw: b.Draw(m.Stream, m.Step), Backward: m.Backward})
}

// CoupledStep draws h given v (B,V) and then sweeps the visible units, in Gibbs step number step of a chain, with
// a stream and a path for each layer. It returns the phase of the new v.
func (b *Builder) CoupledStep(
	v *gorgonia.Node, path func(visible bool) engine.Path, hiddenStream, visibleStream uint8, step int,
) Phase {
	h := b.SampleHidden(b.HiddenField(v), path(false), hiddenStream, step)
	v = b.MoveVisible(v, h, Move{Path: path(true), Stream: visibleStream, Step: step})
	return b.PhaseOf(v, b.HiddenField(v))
}
