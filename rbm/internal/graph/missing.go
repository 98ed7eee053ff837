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

// LoadIncomplete is [LoadData] of rows that may have missing cells, whose marks it loads into Missing. [Begun]
// gives the missing cells their values.
func LoadIncomplete(
	s *engine.State, r *dataset.Rows, units engine.Units, rates []float32, b dataset.Binarization, seed uint64,
) error {
	if err := LoadData(s, Begun(r, units, rates, b, seed)); err != nil || r.Missing == nil {
		return err
	}
	return s.Load(Missing, r.Missing, r.N, r.V)
}

// Begun returns rows whose missing cells have the values that draws of them begin with, and without their
// marks. By the rates (V) of the columns, a missing cell is drawn as 0 or 1, and a unit of several columns gets
// one of its states. Where a binarization draws, the cell is the rate itself, from which the binarization draws its
// state. A real state is the mean, which is the rate of its column. Rows without missing cells are returned as they are.
func Begun(r *dataset.Rows, units engine.Units, rates []float32, b dataset.Binarization, seed uint64) *dataset.Rows {
	if r.Missing == nil {
		return r
	}
	begun := *r
	begun.Missing, begun.Bytes, begun.Floats = nil, slices.Clone(r.Bytes), slices.Clone(r.Floats)
	random := rand.New(rand.NewPCG(ChildSeed(seed, SeedFill), 0))
	drawnLater := b.Mode == dataset.Static || b.Mode == dataset.Dynamic
	for i, m := range r.Missing {
		if m == 0 {
			continue
		}
		j := i % r.V
		value := rates[j]
		if units.Of(j).Real() {
			setValue(&begun, i, value)
			continue
		}
		if k, first := units.At(j); k.Several() {
			if j > first { // set with the first column, as all columns of the unit are missing
				continue
			}
			for a := range k.Width() {
				setValue(&begun, i+a, 0)
			}
			setValue(&begun, i+drawState(random, rates[first:first+k.Width()]), 1)
			continue
		}
		if !drawnLater {
			value = 0
			if float32(random.Float64()) < rates[j] {
				value = 1
			}
		}
		setValue(&begun, i, value)
	}
	return &begun
}

// drawState returns the number of a state, drawn by the given rates, which need not add up to 1.
func drawState(random *rand.Rand, rates []float32) int {
	var sum float64
	for _, r := range rates {
		sum += float64(r)
	}
	rest := random.Float64() * sum
	for a, r := range rates {
		if rest -= float64(r); rest < 0 {
			return a
		}
	}
	return len(rates) - 1
}

// setValue sets value i of the rows, which is in [0,1] where they are bytes.
func setValue(r *dataset.Rows, i int, value float32) {
	if r.Bytes != nil {
		r.Bytes[i] = uint8(math.Round(255 * float64(value)))
		return
	}
	r.Floats[i] = value
}

// Completed returns the batch of binarized rows (B,V) that the clock points to, with draws in place of
// missing cells: s.Fill Gibbs steps v→h→v with the known units clamped, from the values of [Begun].
func (b *Builder) Completed(s Source) *gorgonia.Node {
	known := b.Data(s)
	if s.Fill == 0 {
		return known
	}
	free := engine.NewRows( // (B,V), 1 where a cell is missing and else 0
		b.Variable(Missing, tensor.Uint8, s.Rows, b.Visible),
		b.Variable(Order, tensor.Int32, s.Order),
		b.Clock(),
		engine.Rows{First: s.part().First, Size: s.part().Size, Batch: s.Batch},
	)
	v := known
	for step := range s.Fill {
		h := b.SampleHidden(b.HiddenField(v), engine.Path{}, StreamFillHidden, step)
		if b.Coupled {
			v = b.MoveVisible(v, h, Move{Stream: StreamFillVisible, Step: step, Free: free})
			continue
		}
		v = engine.NewSelect(free, known, b.SampleVisible(b.VisibleField(h), engine.Path{}, StreamFillVisible, step))
	}
	return v
}
