package graph

import (
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
)

// LoadIncomplete is [LoadData] of rows that may have missing cells, whose marks it loads into Missing. The
// values of missing cells are those of [Begun].
func LoadIncomplete(s *engine.State, r *dataset.Rows, rates []float32, b dataset.Binarization, seed uint64) error {
	if err := LoadData(s, Begun(r, rates, b, seed)); err != nil || r.Missing == nil {
		return err
	}
	return s.Load(Missing, r.Missing, r.N, r.V)
}

// Begun returns rows whose missing cells have the values that draws of them begin with, without their
// marks: draws by the rates (V) of the columns. Where a binarization draws, the value is the rate itself,
// and each visit draws anew. Rows without missing cells are returned as they are.
func Begun(r *dataset.Rows, rates []float32, b dataset.Binarization, seed uint64) *dataset.Rows {
	if r.Missing == nil {
		return r
	}
	begun := *r
	begun.Missing, begun.Bytes, begun.Floats = nil, slices.Clone(r.Bytes), slices.Clone(r.Floats)
	random := rand.New(rand.NewPCG(ChildSeed(seed, SeedFill), 0))
	for i, m := range r.Missing {
		if m == 0 {
			continue
		}
		value := rates[i%r.V]
		if b.Mode != dataset.Static && b.Mode != dataset.Dynamic {
			value = 0
			if float32(random.Float64()) < rates[i%r.V] {
				value = 1
			}
		}
		if begun.Bytes != nil {
			begun.Bytes[i] = uint8(math.Round(255 * float64(value)))
		} else {
			begun.Floats[i] = value
		}
	}
	return &begun
}

// Completed returns the batch of binarized rows (B,V) that the clock points to, with draws in place of
// missing cells: s.Fill Gibbs steps v→h→v with the known units held, from the values of [Begun].
func (b *Builder) Completed(s Source) *gorgonia.Node {
	known := b.Data(s)
	if s.Fill == 0 {
		return known
	}
	free := engine.NewRows(
		b.Variable(Missing, tensor.Uint8, s.Rows, b.Visible),
		b.Variable(Order, tensor.Int32, s.Order),
		b.Clock(),
		engine.Rows{Size: s.Size, Batch: s.Batch},
	)
	v := known
	for step := range s.Fill {
		h := b.SampleHidden(b.HiddenField(v), engine.Path{}, StreamFillHidden, step)
		v = engine.NewSelect(free, known, b.SampleVisible(b.VisibleField(h), engine.Path{}, StreamFillVisible, step))
	}
	return v
}
