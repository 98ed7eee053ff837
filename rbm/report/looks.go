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
	// The samples of a page are the states of 100 chains every 50 steps of the last 500 of 1000.
	sampledChains = 100
	sampledSteps  = 1000
	sampledEvery  = 50

	comparedRows = 1000 // rows of a kind that statistics are computed from, at most
	shownRows    = 32   // samples and rows that a page shows, at most
	nearestRows  = 16   // samples whose nearest training row it shows

	// mostWeights is the number of weights in a histogram, at most. It is prime, so that the distance
	// between two shown weights is hardly ever a whole number, which could lead to the same few hidden
	// units in each row of weights.
	mostWeights = 19997

	// A hidden unit is dead if its mean is within deadMean of one of its states on all rows, or
	// if its weights are shorter than deadNorm times the median, or in the root mean square than deadWeight,
	// a tenth of what new weights have.
	deadMean   = 0.01
	deadNorm   = 0.05
	deadWeight = 0.001
)

// Samples are states of Gibbs chains of a model.
type Samples struct {
	chains int
	rows   []float32 // (n,V), the states as values in [0,1], the last of each chain at the end
	means  []float32 // (chains,V) of the last step, in [0,1]
}

// Draw runs chains of m for 1000 Gibbs steps from random states. Progress, if not nil, is called with the
// number of steps made.
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

	chains bool   // samples are the chains of a run under way
	held   string // split of the rows that samples are compared with: test, valid or train

	samples, rows, trained []float32 // shown: means of samples, rows, and nearest training rows
	neighbours             []Neighbour
	searched               int // distance between two training rows that were searched
	heldDistance           int // median of held-out rows to the nearest training row; -1 if unknown

	dataMeans, sampleMeans             []float64
	dataCovariances, sampleCovariances []float64
	likeness, yardstick                estimate.Likeness

	plane                plane
	dataX, dataY, sX, sY []float64

	logP map[string][]float64 // -F(v) of rows and samples, by kind

	weights    []float64
	norms      []float64 // (H) of the weights of hidden units
	activities []float64 // (H) means of hidden units on training rows, from 0 in the lower state to 1 in the upper, or of real states
	realHidden []bool    // (H) which hidden units have real states; nil if none have
	filters    []float32 // (H,V), the strongest first
	order      []int     // of the hidden units in filters
}

// LookConfig holds what [Look] needs beside a model.
type LookConfig struct {
	Set      *dataset.Set // nil if its rows cannot be read
	Binarize dataset.Binarization
	Seed     uint64
	NoRows   bool     // no single row may be part of the page
	Names    []string // of the columns; nil for their numbers from 1

	Samples  *Samples              // nil to draw them
	Progress func(done, total int) // of drawing them; nil for none

	Width, Height int  // size of a row as a picture, or 0
	Levels        int  // states of a pixel, each with a column; 0 for one column a pixel
	Doubtful      bool // rows are pictures of that size only if they look like pictures
}

// Look computes the looks of a model.
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

// Glance returns the looks of a model alone, with means (n,V) of visible units beside its weights: what
// can be shown of a run under way. Of the configuration it takes the names and the size of pictures.
func Glance(m *rbm.Model, means []float32, c LookConfig) *Looks {
	l := newLooks(m, c)
	l.chains = true
	if means != nil {
		l.samples = m.Visible.Rows(means).Floats
		l.doubt(c, l.samples)
	}
	return l
}

// newLooks returns what follows from the weights of a model.
func newLooks(m *rbm.Model, c LookConfig) *Looks {
	l := &Looks{Visible: m.Visible.Len(), Hidden: m.Hidden.Len(), Width: c.Width, Height: c.Height, levels: c.Levels, Names: c.Names}
	if l.Names == nil {
		l.Names = numbers(l.Visible)
	}
	l.takeWeights(m)
	return l
}

// doubt decides by rows whether rows are pictures.
func (l *Looks) doubt(c LookConfig, rows []float32) {
	if c.Doubtful && l.Width > 0 && !pictureLike(l.unlabelled(rows), l.Width, l.Height) {
		l.Width, l.Height = 0, 0
	}
}

// unlabelled returns rows (n,V) as pictures: without the values behind the picture, which are of a label, and with
// a grey value for each pixel of several levels.
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
	l.held = "train"
	if c.Set.Test != nil {
		held, l.held = c.Set.Test, "test"
	} else if c.Set.Valid != nil {
		held, l.held = c.Set.Valid, "valid"
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
	if err := l.probabilities(ctx, m, d, map[string][]float32{"train": trainRows, l.held: heldRows, "samples": s.rows}); err != nil {
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
	train, threshold := c.Set.Train, 0.5
	if c.Binarize.Mode == dataset.Threshold {
		threshold = c.Binarize.Threshold
	}
	last := s.rows[len(s.rows)-s.chains*l.Visible:]
	l.rows = held[:min(shownRows, len(held)/l.Visible)*l.Visible]
	l.plane = planeOf(held[:min(len(held), max(planeValues/l.Visible, leastPlaneRows)*l.Visible)], l.Visible)
	l.dataX, l.dataY = l.plane.of(held)
	l.sX, l.sY = l.plane.of(last)
	n := min(nearestRows, s.chains)
	compared := slices.Clone(last[:n*l.Visible])
	if l.held != "train" {
		compared = append(compared, held[:min(nearestRows*l.Visible, len(held))]...)
	}
	l.searched = searchStride(train.N)
	neighbours := nearest(compared, train, threshold, l.searched)
	l.neighbours, l.heldDistance = neighbours[:n], -1
	if rest := neighbours[n:]; len(rest) > 0 {
		l.heldDistance = medianDistance(rest)
	}
	row := make([]float32, l.Visible)
	for _, n := range l.neighbours {
		train.Row(row, n.Row)
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

// moments compares the means and the covariances of columns. Drawn are training rows, one for each chain.
func (l *Looks) moments(s *Samples, held, drawn []float32) {
	of := estimate.MomentsOf(held, l.Visible)
	samples := estimate.MomentsOf(s.rows, l.Visible)
	l.likeness = samples.Likeness(of)
	l.likeness.Rows = s.chains // chains may move slowly, so that each counts as one row
	l.yardstick = estimate.MomentsOf(drawn, l.Visible).Likeness(of)
	l.dataCovariances, l.sampleCovariances = of.Covariances(), samples.Covariances()
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

// probabilities computes log p(v) + log Z = -F(v) of rows.
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
