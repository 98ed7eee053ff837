package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
)

// source says where the rows of a batch come from.
type source struct {
	of        tensor.Dtype // element type of the data set
	rows      int          // N
	order     int          // length of the order
	batch     int          // rows of a full batch
	size      int          // rows of this one
	binarize  engine.Binarization
	threshold float32 // of engine.Threshold
	seed      uint64
}

// newSource describes batches of so many rows of r, as the binarization says. A
// dynamic binarization draws anew at every epoch of the clock.
func newSource(r *dataset.Rows, b dataset.Binarization, batch int, seed uint64) source {
	s := source{of: tensor.Float32, rows: r.N, order: r.N, batch: batch, size: batch, seed: seed}
	if r.Bytes != nil {
		s.of = tensor.Uint8
	}
	switch b.Mode {
	case dataset.Dynamic:
		s.binarize = engine.Dynamic
	case dataset.Static:
		s.binarize = engine.Static
	case dataset.Threshold:
		s.binarize, s.threshold = engine.Threshold, float32(b.Threshold)
	case dataset.None:
		s.binarize = engine.AsIs
	}
	return s
}

// fixed makes every draw of a source the same at every visit.
func fixed(b dataset.Binarization) dataset.Binarization {
	if b.Mode == dataset.Dynamic {
		b.Mode = dataset.Static
	}
	return b
}

// evaluationBatch is how many rows are evaluated together.
const evaluationBatch = 500

// fixedSource describes all rows of r in order, in batches of at most 500. Every draw of
// the binarization is the same at every visit.
func fixedSource(r *dataset.Rows, b dataset.Binarization, seed uint64) source {
	return newSource(r, fixed(b), min(evaluationBatch, r.N), seed)
}

// loadData makes the rows of a data set a variable.
func loadData(s *engine.State, r *dataset.Rows) error {
	if r.Bytes != nil {
		return s.Load(varData, r.Bytes, r.N, r.V)
	}
	return s.Load(varData, r.Floats, r.N, r.V)
}

// data returns the batch of binarized rows that the clock points to.
func (b *builder) data(s source) *gorgonia.Node {
	return engine.NewRows(
		b.variable(varData, s.of, s.rows, b.visible),
		b.variable(varOrder, tensor.Int32, s.order),
		b.clock(),
		engine.Rows{Size: s.size, Batch: s.batch, Binarize: s.binarize, Threshold: s.threshold, Seed: s.seed, Stream: streamData},
	)
}

// freeEnergies returns a batch of rows and the free energy (B) of each.
func (b *builder) freeEnergies(s source) (v, freeEnergy *gorgonia.Node) {
	v = b.data(s)
	return v, engine.NewFreeEnergy(v, b.visibleBias(), b.hiddenField(v))
}

// phase is one side of the gradient: visible states and the means of their hidden units.
type phase struct{ visible, means *gorgonia.Node }

// positivePhase is the data's side: p(h|v) of a batch of rows.
func (b *builder) positivePhase(s source) phase {
	v := b.data(s)
	return phase{v, engine.NewMean(b.hiddenField(v))}
}
