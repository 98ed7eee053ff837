package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
)

// Source describes the rows of a batch: the data set, the order, the batch and the binarization.
type Source struct {
	Type      tensor.Dtype // element type of the data set
	Rows      int          // N
	Order     int          // length of the list of row numbers
	Weighted  bool         // the rows have weights
	Fill      int          // Gibbs steps that draw missing cells; 0 if no cell is missing
	Batch     int          // rows of a full batch
	Size      int          // rows of this batch
	Part      Span         // the rows of this batch that are taken, as by one shard; the zero value is all of them
	Binarize  engine.Binarization
	Threshold float32 // of engine.Threshold
	Seed      uint64
}

// Span is a range of Size rows from First on.
type Span struct{ First, Size int }

// part returns the rows of the batch that are taken.
func (s Source) part() Span {
	if s.Part == (Span{}) {
		return Span{0, s.Size}
	}
	return s.Part
}

// Whole returns the source of all rows of the batch.
func (s Source) Whole() Source {
	s.Part = Span{}
	return s
}

// NewSource describes batches of r, binarized by b. A dynamic binarization draws anew
// at every epoch of the clock.
func NewSource(r *dataset.Rows, b dataset.Binarization, batch int, seed uint64) Source {
	s := Source{Type: tensor.Float32, Rows: r.N, Order: r.N, Weighted: r.Weights != nil, Batch: batch, Size: batch, Seed: seed}
	if r.InBytes() {
		s.Type = tensor.Uint8
	}
	s.Binarize, s.Threshold = modes[b.Mode], float32(b.Threshold)
	return s
}

// modes maps the modes of package dataset to the modes of package engine.
var modes = [...]engine.Binarization{
	dataset.None: engine.AsIs, dataset.Threshold: engine.Threshold, dataset.Static: engine.Static, dataset.Dynamic: engine.Dynamic,
}

// Fixed returns b with a dynamic binarization replaced by a static one, whose draws are the
// same at every visit.
func Fixed(b dataset.Binarization) dataset.Binarization {
	if b.Mode == dataset.Dynamic {
		b.Mode = dataset.Static
	}
	return b
}

// EvaluationBatch is the number of rows evaluated together. Chosen between products of large matrices and the memory of
// a batch.
const EvaluationBatch = 500

// FixedSource describes all rows of r in order, in batches of at most 500. Every draw of
// the binarization is the same at every visit.
func FixedSource(r *dataset.Rows, b dataset.Binarization, seed uint64) Source {
	return NewSource(r, Fixed(b), min(EvaluationBatch, r.N), seed)
}

// OrderedSource describes n rows of r, whose numbers are in the variable Order, in batches of at
// most 500, with the draws of FixedSource.
func OrderedSource(r *dataset.Rows, n int, b dataset.Binarization, seed uint64) Source {
	s := NewSource(r, Fixed(b), min(EvaluationBatch, n), seed)
	s.Order = n
	return s
}

// CheckRows returns an error unless a layer can take rows: they are valid, have a value for each column,
// and have exactly one 1 among the columns of each unit that has several, unless all of these are missing.
func CheckRows(l Layer, rows *dataset.Rows) error {
	if err := rows.Validate(); err != nil {
		return err
	}
	if rows.V != l.Len {
		return fmt.Errorf("rows of %d values for a model of %d visible units", rows.V, l.Len)
	}
	for j, real := range rows.Real {
		if k := l.Units.Of(j); real && !k.Real() {
			return fmt.Errorf("column %d holds any numbers, want values in [0,1] for a %v unit", j, k)
		}
	}
	values := make([]float32, rows.V)
	for _, g := range l.Units {
		if !g.Kind.Several() {
			continue
		}
		for n := range rows.N {
			if rows.Row(values, n); rows.Err() != nil {
				return rows.Err()
			}
			for j := g.From; j < g.To; j += g.Kind.Width() {
				switch missing := missingColumns(rows, n, j, g.Kind.Width()); missing {
				case g.Kind.Width():
					continue
				case 0:
				default:
					return fmt.Errorf("row %d: %d of the columns %d to %d, a %v unit, are missing, want all of them or none",
						n, missing, j, j+g.Kind.Width()-1, g.Kind)
				}
				if unit := values[j : j+g.Kind.Width()]; g.Kind.StateOf(unit) < 0 {
					return fmt.Errorf("row %d: columns %d to %d, a %v unit, are %v, want one 1 and else 0",
						n, j, j+g.Kind.Width()-1, g.Kind, short(unit))
				}
			}
		}
	}
	return nil
}

// HoldsStates reports whether all values of rows are states of visible units: 0 or 1, or any number where
// states are real.
func HoldsStates(units engine.Units, rows *dataset.Rows) bool {
	if !units.Real() {
		return rows.Binary()
	}
	row := make([]float32, rows.V)
	for n := range rows.N {
		rows.Row(row, n)
		for j, x := range row {
			if x != 0 && x != 1 && !units.Of(j).Real() {
				return false
			}
		}
	}
	return true
}

// CheckBinarization returns an error for a binarization of units with real states.
func CheckBinarization(units engine.Units, b dataset.Binarization) error {
	if units.Real() && b.Mode != dataset.None {
		return fmt.Errorf("binarization %s of units with real states, want none", b)
	}
	return nil
}

// check returns an error for a source that binarizes units with real states.
func (s Source) check(units engine.Units) error {
	for mode, binarize := range modes {
		if binarize == s.Binarize {
			return CheckBinarization(units, dataset.Binarization{Mode: dataset.Mode(mode), Threshold: float64(s.Threshold)})
		}
	}
	return nil
}

// missingColumns returns the number of missing cells of a unit.
func missingColumns(rows *dataset.Rows, n, first, width int) int {
	count := 0
	for j := first; j < first+width; j++ {
		if rows.IsMissing(n, j) {
			count++
		}
	}
	return count
}

// short returns the text of values, of the first eight if they are more, so that an error stays one line.
func short(x []float32) string {
	text := fmt.Sprint(x[:min(len(x), 8)])
	if len(x) > 8 {
		text = text[:len(text)-1] + " …]"
	}
	return text
}

// LoadData loads the rows of a data set into the variable Data, and their weights, if they have some,
// into RowWeights. Rows with missing cells are an error, see LoadIncomplete.
func LoadData(s *engine.State, r *dataset.Rows) error {
	if r = r.Unmarked(); r.Missing != nil {
		return errors.New("rows with missing cells, which have no states")
	}
	if err := LoadWeights(s, r); err != nil {
		return err
	}
	switch {
	case r.Stored():
		return s.Load(Data, r, r.N, r.V)
	case r.Bytes != nil:
		return s.Load(Data, r.Bytes, r.N, r.V)
	}
	return s.Load(Data, r.Floats, r.N, r.V)
}

// LoadWeights loads the weights of rows, if they have some, into RowWeights.
func LoadWeights(s *engine.State, r *dataset.Rows) error {
	if r.Weights == nil {
		return nil
	}
	return s.Define(RowWeights, r.RelativeWeights(), r.N, 1)
}

// Data returns the batch of binarized rows (B,V) that the clock points to.
func (b *Builder) Data(s Source) *gorgonia.Node {
	return engine.NewRows(
		b.Variable(Data, s.Type, s.Rows, b.Visible),
		b.Variable(Order, tensor.Int32, s.Order),
		b.Clock(),
		engine.Rows{
			First: s.part().First, Size: s.part().Size, Batch: s.Batch,
			Binarize: s.Binarize, Threshold: s.Threshold, Units: b.VisibleUnits, Seed: s.Seed, Stream: StreamData,
		},
	)
}

// RowWeights returns the weights (B,1) of the batch's rows, divided by the mean weight of all rows, or
// nil if the rows have none.
func (b *Builder) RowWeights(s Source) *gorgonia.Node {
	if !s.Weighted {
		return nil
	}
	return engine.NewRows(
		b.Variable(RowWeights, tensor.Float32, s.Rows, 1),
		b.Variable(Order, tensor.Int32, s.Order),
		b.Clock(),
		engine.Rows{First: s.part().First, Size: s.part().Size, Batch: s.Batch},
	)
}

// Weighed returns x (B,J) with each row multiplied by its weight, for weights (B,1), or by a common
// one, for weights (1,1). Without weights it returns x.
func Weighed(x, weights *gorgonia.Node) *gorgonia.Node {
	if weights == nil {
		return x
	}
	return engine.NewScaledRows(x, weights)
}

// FreeEnergies returns a batch of rows and the free energy (B) of each.
func (b *Builder) FreeEnergies(s Source) (v, freeEnergy *gorgonia.Node) {
	v = b.Completed(s)
	return v, b.FreeEnergy(v, b.HiddenField(v))
}

// Phase is one of the two terms of the gradient: visible states (B,V), and the fields and means (B,H) of
// the hidden units given the states.
type Phase struct{ Visible, Field, Means *gorgonia.Node }

// PhaseOf returns the phase of visible states v with the fields z of the hidden units.
func (b *Builder) PhaseOf(v, z *gorgonia.Node) Phase { return Phase{v, z, b.MeanHidden(z)} }

// PositivePhase is the term of the data: a batch of rows with p(h|v).
func (b *Builder) PositivePhase(s Source) Phase {
	v := b.Completed(s)
	return b.PhaseOf(v, b.HiddenField(v))
}
