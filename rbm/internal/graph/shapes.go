package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// VisibleShapes returns the log-variances (V) of visible units with real states, or none.
func (b *Builder) VisibleShapes() engine.Shapes {
	if !b.VisibleUnits.Real() {
		return engine.Shapes{}
	}
	return engine.Shapes{LogVariance: b.Variable(VisibleLogVariance, tensor.Float32, b.Visible)}
}

// HiddenShapes returns the log-variances, jumps and skews (H) of hidden units with real states, or none.
func (b *Builder) HiddenShapes() engine.Shapes {
	if !b.HiddenUnits.Real() {
		return engine.Shapes{}
	}
	s := engine.Shapes{LogVariance: b.Variable(HiddenLogVariance, tensor.Float32, b.Hidden)}
	if b.HiddenUnits.Sides() {
		s.Jump, s.Skew = b.Variable(HiddenJump, tensor.Float32, b.Hidden), b.Variable(HiddenSkew, tensor.Float32, b.Hidden)
	}
	return s
}

// mean returns the means of units, given their fields z.
func mean(z *gorgonia.Node, units engine.Units, shapes engine.Shapes) *gorgonia.Node {
	var others *gorgonia.Node // of the units without real states
	if !units.AllReal() {
		others = engine.NewMean(z, units, engine.Path{})
	}
	if !units.Real() {
		return others
	}
	return engine.NewRealMean(others, z, shapes, units, engine.Path{})
}

// sample returns states of units, given their fields z on a path.
func (b *Builder) sample(
	z *gorgonia.Node, units engine.Units, shapes engine.Shapes, path engine.Path, draw engine.Draw,
) *gorgonia.Node {
	var others *gorgonia.Node // of the units without real states
	if !units.AllReal() {
		others = engine.NewSample(z, b.Clock(), units, path, draw)
	}
	if !units.Real() {
		return others
	}
	return engine.NewRealSample(others, z, shapes, b.Clock(), units, path, draw)
}

// LogWeight returns the log-weights (B) after a step of a schedule of inverse temperatures betas, given the
// log-weights before: see [engine.LogWeight], [engine.PairEnergy] for couplings, and [engine.RealWeight] for hidden
// units with real states. v (B,V) are the states, z (B,H) the hidden fields that they give, and base (V) the visible
// biases of the base model.
func (b *Builder) LogWeight(before, v, z, base, betas *gorgonia.Node) *gorgonia.Node {
	w := engine.NewLogWeight(before, v, b.VisibleBias(), base, z, betas, b.Clock(), b.HiddenUnits)
	if b.Coupled {
		w = engine.NewPairWeight(w, v, b.LateralField(v), betas, b.Clock())
	}
	if b.HiddenUnits.Real() {
		w = engine.NewRealWeight(w, z, b.HiddenShapes(), betas, b.Clock(), b.HiddenUnits)
	}
	return w
}

// LogRatio returns the log-ratios (T·C) of the rows of a ladder of inverse temperatures betas, each of the row's
// probabilities at its partner's level and at its own, with the arguments and ops of LogWeight.
func (b *Builder) LogRatio(v, z, base, betas, levels *gorgonia.Node) *gorgonia.Node {
	r := engine.NewLogRatio(v, b.VisibleBias(), base, z, betas, levels, b.Clock(), b.HiddenUnits)
	if b.Coupled {
		r = engine.NewPairRatio(r, v, b.LateralField(v), betas, b.Clock(), levels)
	}
	if b.HiddenUnits.Real() {
		r = engine.NewRealRatio(r, z, b.HiddenShapes(), betas, levels, b.Clock(), b.HiddenUnits)
	}
	return r
}
