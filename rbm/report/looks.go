package report

import (
	"context"
	"fmt"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

const (
	// The samples of a page are the states of 100 chains every 50 steps of the last 500 of 1000. All three numbers are
	// chosen: more chains and steps show a model better, and a page takes longer.
	sampledChains = 100
	sampledSteps  = 1000
	sampledEvery  = 50

	comparedRows = 1000 // training rows, and held-out rows, that statistics are computed from, at most
	shownRows    = 32   // samples, and rows, that a page shows, at most
	shownFilters = 64   // hidden units whose weights a page shows, at most
	nearestRows  = 16   // samples whose nearest training row the page shows

	// The axes of a plane are found from the first rows that have planeValues values together, for which the power
	// method takes tenths of a second, but from leastPlaneRows at least: axes of fewer rows are mostly noise. Both are
	// chosen.
	planeValues    = 1_000_000
	leastPlaneRows = 50

	// mostWeights is the number of weights in a histogram, at most. It is prime, so that the distance between two
	// shown weights is hardly ever a whole number: one that divides H would show the same few hidden units in
	// each row of weights.
	mostWeights = 19997
)

// Samples are states of Gibbs chains of a model.
type Samples struct {
	chains int
	rows   []float32 // (n,V) states as values in [0,1], the last states of all chains at the end
	means  []float32 // (chains,V) means that the last states were drawn from, in [0,1]
}

// Draw runs chains of m for 1000 Gibbs steps from random states. It calls progress, if not nil, with the number of
// steps made.
func Draw(ctx context.Context, m *rbm.Model, d engine.Device, seed uint64, progress func(done, total int)) (*Samples, error) {
	chains, err := sample.NewChains(m, d, sample.RandomVisible(m, sampledChains, seed), nil, seed)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	s := &Samples{chains: sampledChains}
	for done := 0; done < sampledSteps; done += sampledEvery {
		if progress != nil {
			progress(done, sampledSteps)
		}
		if err := chains.Run(ctx, sampledEvery); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if done+sampledEvery > sampledSteps/2 {
			states, err := chains.Visible()
			if err != nil {
				return nil, fmt.Errorf("report: %w", err)
			}
			s.rows = append(s.rows, m.Visible.Rows(states).Floats...)
		}
	}
	means, err := chains.MeanVisible()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	s.means = m.Visible.Rows(means).Floats
	return s, nil
}

// Means returns the means (100,V) of the visible units in the last step, in [0,1].
func (s *Samples) Means() []float32 { return s.means }

// Looks are the statistics of a model, its samples and the rows of its data set.
type Looks struct {
	Visible, Hidden int
	coupled         bool     // the visible units have couplings
	Width, Height   int      // size of a row as a picture, or 0 if rows are no pictures; a label may be behind it
	levels          int      // states of a pixel, each with a column; 0 for one column a pixel
	Names           []string // of the columns

	chains bool   // the samples are the chains of a run under way, see [Glance]
	split  string // of the rows that samples are compared with: test, valid or train; test and valid are held out

	samples, rows, trained []float32 // shown: means of samples, rows, and nearest training rows
	neighbours             []Neighbour
	stride                 int // distance between two training rows that were searched for neighbours
	heldDistance           int // median distance of held-out rows from their neighbours, in columns; -1 if unknown

	dataMeans, sampleMeans             []float64         // (V)
	dataCovariances, sampleCovariances []float64         // of pairs of columns, in the order of [estimate.Moments.Covariances]
	likeness, yardstick                estimate.Likeness // to held-out rows, of samples and of training rows

	plane                            plane     // of the principal axes of held-out rows
	dataX, dataY, samplesX, samplesY []float64 // coordinates in the plane

	logP map[string][]float64 // -F(v) of rows and samples, by kind

	weights    []float64 // of a histogram: up to mostWeights weights and couplings
	norms      []float64 // (H) of the weights of hidden units
	activities []float64 // (H) means of hidden units on training rows, from 0 in the lower state to 1 in the upper, or of real states
	realHidden []bool    // (H) which hidden units have real states; nil if none have
	filters    []float32 // (units,V) of hidden units spread evenly over their order by norm, the strongest first
	order      []int     // the numbers of these units
}

// LookConfig holds what [Look] needs beside a model.
type LookConfig struct {
	Set      *dataset.Set // nil if its rows cannot be read
	Binarize dataset.Binarization
	Seed     uint64   // of all draws
	NoRows   bool     // no single row may be part of the page, only statistics of rows
	Names    []string // of the columns; nil for their numbers from 1

	Samples  *Samples              // nil to draw them
	Progress func(done, total int) // of drawing them; nil for none

	Width, Height int  // size of a row as a picture, or 0
	Levels        int  // states of a pixel, each with a column; 0 for one column a pixel
	Doubtful      bool // rows are pictures of that size only if neighbouring pixels correlate
}

// Look computes the looks of a model, its samples and, if c.Set is not nil, rows.
func Look(ctx context.Context, m *rbm.Model, d engine.Device, c LookConfig) (*Looks, error) {
	l := newLooks(m, c)
	s := c.Samples
	if s == nil {
		var err error
		if s, err = Draw(ctx, m, d, c.Seed, c.Progress); err != nil {
			return nil, err
		}
	}
	l.samples = s.means[:min(shownRows, s.chains)*l.Visible]
	if c.Set == nil {
		l.doubt(c, s.rows)
		return l, nil
	}
	if err := l.compare(ctx, m, d, s, c); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return l, nil
}

// Glance returns what can be shown of a run under way: the weights of its model, and means (n,V) of the visible units
// of its chains, if not nil. Of the configuration it uses Names, Width, Height, Levels and Doubtful.
func Glance(m *rbm.Model, means []float32, c LookConfig) *Looks {
	l := newLooks(m, c)
	l.chains = true
	if means != nil {
		l.samples = m.Visible.Rows(means).Floats
		l.doubt(c, l.samples)
	}
	return l
}

// newLooks returns looks with what follows from the weights of a model.
func newLooks(m *rbm.Model, c LookConfig) *Looks {
	l := &Looks{Visible: m.Visible.Len(), Hidden: m.Hidden.Len(), Width: c.Width, Height: c.Height, levels: c.Levels, Names: c.Names}
	if l.Names == nil {
		l.Names = numbers(l.Visible)
	}
	l.takeWeights(m)
	return l
}

// doubt takes rows for no pictures if that is doubtful and the given ones do not look so.
func (l *Looks) doubt(c LookConfig, rows []float32) {
	if c.Doubtful && l.Width > 0 && !pictureLike(l.unlabelled(rows), l.Width, l.Height) {
		l.Width, l.Height = 0, 0
	}
}

// unlabelled returns rows (n,V) as pictures (n,Width·Height): with a grey value for each pixel of several levels, or
// without the columns of a label behind the picture.
func (l *Looks) unlabelled(rows []float32) []float32 {
	if l.levels > 0 {
		return dataset.Levels(rows, l.levels)
	}
	size := l.Width * l.Height
	if size == l.Visible {
		return rows
	}
	var pictures []float32
	for row := range slices.Chunk(rows, l.Visible) {
		pictures = append(pictures, row[:size]...)
	}
	return pictures
}

// numbers returns the names of columns that have none: 1 to n.
func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint(i + 1)
	}
	return names
}

// compare compares samples with held-out rows, or with training rows where there are no others.
func (l *Looks) compare(ctx context.Context, m *rbm.Model, d engine.Device, s *Samples, c LookConfig) error {
	held := c.Set.Train
	l.split = "train"
	if c.Set.Test != nil {
		held, l.split = c.Set.Test, "test"
	} else if c.Set.Valid != nil {
		held, l.split = c.Set.Valid, "valid"
	}
	heldRows, err := l.states(ctx, m, d, held, c)
	if err != nil {
		return err
	}
	trainRows := heldRows
	if held != c.Set.Train {
		if trainRows, err = l.states(ctx, m, d, c.Set.Train, c); err != nil {
			return err
		}
	}
	l.doubt(c, heldRows)
	drawn, err := sample.ResampledVisible(ctx, d, c.Set.Train, c.Binarize, m.Visible.Units, s.chains, c.Seed)
	if err != nil {
		return err
	}
	l.moments(s, heldRows, m.Visible.Rows(drawn).Floats)
	if err := l.probabilities(ctx, m, d, map[string][]float32{"train": trainRows, l.split: heldRows /* which may be train too */, "samples": s.rows}); err != nil {
		return err
	}
	if l.Hidden > 0 {
		features, err := sample.Features(ctx, m, d, rowsFor(m, trainRows), dataset.Binarization{}, c.Seed)
		if err != nil {
			return err
		}
		l.activities, l.realHidden = m.Hidden.Rows(features).Means(), m.Hidden.RealColumns()
	}
	if !c.NoRows {
		l.takeRows(s, heldRows, c)
	}
	return c.Set.Train.Err()
}

// takeRows keeps what a page shows of single rows.
func (l *Looks) takeRows(s *Samples, held []float32, c LookConfig) {
	last := s.rows[len(s.rows)-s.chains*l.Visible:]
	l.rows = held[:min(shownRows, len(held)/l.Visible)*l.Visible]
	axesRows := max(planeValues/l.Visible, leastPlaneRows)
	l.plane = planeOf(held[:min(axesRows*l.Visible, len(held))], l.Visible)
	l.dataX, l.dataY = l.plane.coordinates(held)
	l.samplesX, l.samplesY = l.plane.coordinates(last)

	train, threshold := c.Set.Train, 0.5
	if c.Binarize.Mode == dataset.Threshold {
		threshold = c.Binarize.Threshold
	}
	n := min(nearestRows, s.chains)
	compared := slices.Clone(last[:n*l.Visible])
	if l.split != "train" {
		compared = append(compared, held[:min(nearestRows*l.Visible, len(held))]...)
	}
	l.stride = searchStride(train.N)
	neighbours := nearest(compared, train, threshold, l.stride)
	l.neighbours, l.heldDistance = neighbours[:n], -1
	if ofHeld := neighbours[n:]; len(ofHeld) > 0 {
		l.heldDistance = medianDistance(ofHeld)
	}
	row := make([]float32, l.Visible)
	for _, neighbour := range l.neighbours {
		train.Row(row, neighbour.Row)
		l.trained = append(l.trained, row...)
	}
}

// states returns up to 1000 rows as states, in [0,1].
func (l *Looks) states(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, c LookConfig) ([]float32, error) {
	if rows.V != l.Visible {
		return nil, fmt.Errorf("rows of %d values for a model of %d visible units", rows.V, l.Visible)
	}
	states, err := sample.DataVisible(ctx, d, rows, c.Binarize, m.Visible.Units, min(comparedRows, rows.N), c.Seed)
	if err != nil {
		return nil, err
	}
	return m.Visible.Rows(states).Floats, nil
}

// moments compares the means and the covariances of columns. The yardstick is by drawn training rows, one for each
// chain.
func (l *Looks) moments(s *Samples, held, drawn []float32) {
	data := estimate.MomentsOf(held, l.Visible)
	samples := estimate.MomentsOf(s.rows, l.Visible)
	l.likeness = samples.Likeness(data)
	l.likeness.Rows = s.chains // chains may move slowly, so that each counts as one row
	l.yardstick = estimate.MomentsOf(drawn, l.Visible).Likeness(data)
	l.dataCovariances, l.sampleCovariances = data.Covariances(), samples.Covariances()
	l.dataMeans, l.sampleMeans = rowsOf(held, l.Visible).Means(), rowsOf(s.rows, l.Visible).Means()
}

// rowsFor returns values (n,V) as rows for a model.
func rowsFor(m *rbm.Model, values []float32) *dataset.Rows {
	rows := rowsOf(values, m.Visible.Len())
	rows.Real = m.Visible.RealColumns()
	return rows
}

// rowsOf returns values (n,columns) as rows.
func rowsOf(values []float32, columns int) *dataset.Rows {
	return &dataset.Rows{N: len(values) / columns, V: columns, Floats: values}
}

// probabilities computes log p(v) + log Z = -F(v) of rows. The rows are states, so that nothing is drawn and the seed
// does not matter.
func (l *Looks) probabilities(ctx context.Context, m *rbm.Model, d engine.Device, kinds map[string][]float32) error {
	l.logP = map[string][]float64{}
	for kind, rows := range kinds {
		energies, err := likelihood.FreeEnergies(ctx, m, d, rowsFor(m, rows), dataset.Binarization{}, 1)
		if err != nil {
			return err
		}
		for i := range energies {
			energies[i] = -energies[i]
		}
		l.logP[kind] = energies
	}
	return nil
}

// takeWeights keeps what a page shows of the weights.
func (l *Looks) takeWeights(m *rbm.Model) {
	l.norms = m.HiddenNorms()
	l.order = SpreadByNorm(l.norms, shownFilters)
	for _, j := range l.order {
		for i := range l.Visible {
			l.filters = append(l.filters, m.Weights[i*l.Hidden+j])
		}
	}
	weights := m.Weights
	if l.coupled = m.Coupled(); l.coupled {
		weights = append(slices.Clone(weights), m.Couplings()...)
	}
	for _, w := range thinned(weights, mostWeights) {
		l.weights = append(l.weights, float64(w))
	}
}
