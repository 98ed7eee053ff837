package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"harmonium/memory"
	"harmonium/store"
)

// openStored is loader.file for training rows that stay in their file. It returns nil if they are at most BlockRows, or
// cannot stay there, which l.reason explains.
func (l *loader) openStored(spec string) (*Rows, [2]int, error) {
	o, none := l.opt, [2]int{}
	sources, err := sourcesOf(spec)
	if err != nil {
		return nil, none, nil // reading them into memory gives the same error
	}
	if l.reason = l.whyInMemory(sources); l.reason != "" {
		return nil, none, nil
	}
	file, err := store.OpenRows(sources[0].path)
	if err != nil {
		return nil, none, fmt.Errorf("dataset: %s: %w", sources[0], err)
	}
	if file == nil {
		l.reason = "only the rows of an uncompressed NPY file in C order, or of an IDX file, can stay in it"
		return nil, none, nil
	}
	n, v, err := matrixOf(store.Table{Shape: file.Shape, Format: file.Format})
	if err != nil || n <= o.BlockRows || n > math.MaxInt32 {
		if n > math.MaxInt32 {
			l.reason = "rows in a file are numbered up to 2147483647"
		}
		file.Close()
		return nil, none, nil
	}
	s := &stored{file: file, name: sources[0].String(), wide: v, v: v, worth: o.Worth}
	opening := &opening{s: s, l: l}
	err = opening.open(n)
	if err != nil {
		file.Close()
	}
	switch {
	case isMissing(err) && o.Missing:
		l.reason = "rows with missing cells are held in memory"
		return nil, none, nil
	case needsSchema(err) && o.Infer != nil:
		l.reason = tableInMemory
		return nil, none, nil
	case err != nil:
		return nil, none, err
	}
	l.train, l.origin = s.levels, opening.origin
	l.loaded = append(l.loaded, loaded{sources[0], trainingRows})
	rows := &Rows{N: s.count(), V: s.v, Real: realColumns(o.Worth, s.v), Labels: opening.labels, Weights: s.weights,
		Origin: opening.origin, stored: s}
	return rows, opening.picture, nil
}

const tableInMemory = "the rows of a table of words and numbers are held in memory"

// whyInMemory says why rows cannot stay in their file, as known before it is opened, or returns "".
func (l *loader) whyInMemory(sources []source) string {
	switch o := l.opt; {
	case len(sources) != 1:
		return "the rows of several files are held in memory"
	case sources[0].array != "" || o.Key != "":
		return "the rows of an array in a file of several are held in memory"
	case sources[0].path == store.StandardInput:
		return "the rows of standard input are held in memory"
	case sources[0].path == penguins || o.Schema != nil || o.Infer != nil && o.Infer.Always:
		return tableInMemory
	case o.Infer != nil && o.Infer.Label:
		return "rows with units for their labels are held in memory"
	case len(o.Worth) > 1:
		return "rows whose columns stand for different kinds of units are held in memory"
	}
	return ""
}

// opening is the pass over all rows of a file that finds what its numbers stand for, and takes out rows, labels
// and weights.
type opening struct {
	s         *stored
	l         *loader
	origin    *Origin           // nil before the first chunk
	labels    []string          // of the chosen rows
	elsewhere []string          // labels of all rows, if they have a source of their own
	texts     map[string]string // each label by itself, so that equal ones share memory
	picture   [2]int
	all       levels  // range of the numbers
	different spread  // of the numbers
	shown     *matrix // chunk for hints and errors, with a number outside [0,1] if there is one
	failed    int     // index of the last condition that no row of a chunk met
}

// open reads all n rows once.
func (p *opening) open(n int) error {
	const perRow = 48 // bytes: number 4, weight 4 and label 16, with spare room of append, and a label of another source 16
	if c := p.l.opt.Columns; c.Where != nil || c.Label != "" || c.Weight != "" {
		if err := memory.Check(fmt.Sprintf("what is known of %d rows", n), perRow*float64(n)); err != nil {
			return fmt.Errorf("dataset: %s: %w", p.s.name, err)
		}
	}
	p.all = levels{low: math.Inf(1), high: math.Inf(-1), whole: true}
	p.texts = map[string]string{}
	for from, size := 0, p.s.chunkRows(); from < n; from += size {
		m, err := p.s.raw(&store.Table{} /* of its own, as p.shown keeps a chunk */, from, min(from+size, n))
		if err != nil {
			return err
		}
		if err := p.add(m, from, n); err != nil {
			return fmt.Errorf("dataset: %s: %w", p.s.name, err)
		}
	}
	if err := p.conclude(); err != nil {
		return fmt.Errorf("dataset: %s: %w", p.s.name, err)
	}
	return nil
}

// add adds a chunk, which begins with row from, of n rows in all.
func (p *opening) add(m *matrix, from, n int) error {
	taken, err := p.take(m, from, n)
	if err != nil {
		return err
	}
	failed, err := m.filter(p.l.opt.Columns.Where, taken)
	if err != nil {
		return err
	}
	if p.failed = max(p.failed, failed); m.n == 0 {
		return nil
	}
	for _, text := range taken.labels {
		if p.texts[text] == "" {
			p.texts[text] = strings.Clone(text)
		}
		p.labels = append(p.labels, p.texts[text])
	}
	p.s.weights = append(p.s.weights, taken.weights...)
	if p.l.opt.Columns.Where != nil {
		for i := range m.n {
			p.s.numbers = append(p.s.numbers, int32(from+m.number(i)))
		}
	}
	if err := p.s.dropOthers(m); err != nil {
		return err
	}
	p.note(m)
	return nil
}

// take takes the labels and weights out of a chunk. The first one says which columns are data.
func (p *opening) take(m *matrix, from, n int) (*choice, error) {
	o, first := p.l.opt, p.origin == nil
	columns := o.Columns
	source, own := p.l.elsewhere(m)
	if own {
		columns.Label = ""
	}
	if first && own && !o.Lax {
		var err error
		if p.elsewhere, err = labelsFrom(source, o.Header, n); err != nil {
			return nil, err
		}
	}
	taken, err := m.choose(columns, o.Lax)
	if err != nil {
		return nil, err
	}
	if p.elsewhere != nil {
		taken.labels, taken.label = slices.Clone(p.elsewhere[from:from+m.n]), o.Columns.Label
	}
	if !first {
		return taken, nil
	}
	p.origin = &Origin{Files: []string{p.s.name}, Format: p.s.file.Format, Label: taken.label, Weight: taken.weight}
	if err := checkWorth(p.s.worth, len(taken.columns)); err != nil {
		return nil, err
	}
	if !taken.named {
		p.origin.Hints, err = m.hints(taken.columns)
	}
	if p.s.v = len(taken.columns); p.s.v < m.v {
		p.s.columns = taken.columns
	}
	return taken, err
}

// note updates all, different and shown by a chunk.
func (p *opening) note(m *matrix) {
	part := m.extremes(p.s.worth)
	if p.shown == nil || p.all.low >= 0 && p.all.high <= 1 && (part.low < 0 || part.high > 1) {
		p.shown = m
	}
	p.all.low, p.all.high = min(p.all.low, part.low), max(p.all.high, part.high)
	p.all.whole, p.all.signed = p.all.whole && part.whole, p.all.signed || part.signed
	for i := 0; i < m.n*m.v && len(p.different.values) < 3; i++ {
		p.different.add(m.at(i/m.v, i%m.v))
	}
}

// conclude finds what the numbers stand for.
func (p *opening) conclude() error {
	s, o := p.s, p.origin
	if where := p.l.opt.Columns.Where; p.shown == nil {
		return noRowHas(where[p.failed])
	}
	if err := (&choice{weights: s.weights, weight: o.Weight}).checkWeights(); err != nil {
		return err
	}
	var err error
	if s.levels, err = p.shown.levelsOf(p.all, p.l.opt.Scale, s.worth); err != nil {
		return err
	}
	p.picture = p.shown.picture
	o.Columns, o.Low, o.High, o.Divisor = p.shown.columns, s.levels.low, s.levels.high, s.levels.divisor
	o.addHint(s.levels.odd)
	s.states = len(p.different.values) < 3 && !slices.ContainsFunc(p.different.values, func(x float32) bool {
		x = s.valueOf(x)
		return x != 0 && x != 1
	})
	s.bytes = s.states || p.all.whole && p.all.low >= 0 && p.all.high <= greyMax && s.levels.divisor == greyMax
	return nil
}

// valueOf is matrix.values for one number. All columns have the same worth, see whyInMemory.
func (s *stored) valueOf(x float32) float32 {
	if s.levels.divisor != 1 {
		x = float32(float64(x) / s.levels.divisor)
	}
	if w := worthAt(s.worth, 0); !w.Real && s.levels.byWorth() {
		x = (x - w.Low) / (w.High - w.Low)
	}
	return x
}

func isMissing(err error) bool { return errors.As(err, new(*MissingError)) }
