package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"harmonium/store"
)

// stored opens training rows that stay in their file. It returns nil if they cannot, or are not more than a
// block.
func (l *loader) stored(spec string) (*Rows, [2]int, error) {
	o, none := l.opt, [2]int{}
	sources, err := sourcesOf(spec)
	if err != nil || len(sources) != 1 || sources[0].array != "" || o.Key != "" || o.Schema != nil || len(o.Worth) > 1 ||
		o.Infer != nil && (o.Infer.Always || o.Infer.Label) {
		return nil, none, nil
	}
	if c := o.Columns; c.Keep != "" || c.Drop != "" || c.Label != "" || c.Weight != "" || c.Where != nil {
		return nil, none, nil
	}
	file, err := store.OpenRows(sources[0].path)
	if err != nil {
		return nil, none, fmt.Errorf("dataset: %s: %w", sources[0], err)
	}
	if file == nil {
		return nil, none, nil
	}
	like := store.Table{Shape: file.Shape, Format: file.Format}
	n, v, err := matrixOf(like)
	if err != nil || n <= o.BlockRows || n > math.MaxInt32 {
		file.Close()
		return nil, none, nil
	}
	s := &stored{file: file, name: sources[0].String(), v: v, worth: o.Worth}
	from, err := s.open(l)
	missing := err != nil && (needsSchema(err) || isMissing(err)) && o.Infer != nil
	if err != nil {
		file.Close()
	}
	if missing {
		return nil, none, nil
	}
	if err != nil {
		return nil, none, err
	}
	l.train, l.of = s.levels, from
	l.loaded = append(l.loaded, loaded{sources[0], trainingRows})
	picture := [2]int{}
	picture[0], picture[1] = pictureOf(like)
	return &Rows{N: n, V: v, Real: realColumns(o.Worth, v), Origin: from, stored: s}, picture, nil
}

// open reads all rows once, to find what their numbers stand for.
func (s *stored) open(l *loader) (*Origin, error) {
	all := levels{low: math.Inf(1), high: math.Inf(-1), whole: true}
	var different spread
	var first, shown *matrix // shown holds a number outside [0,1] if there is one
	for from, size := 0, chunkRows(s.v); from < s.count(); from += size {
		m, err := s.matrix(&store.Table{}, from, min(from+size, s.count()))
		if err != nil {
			return nil, err
		}
		part := m.extremes()
		if first == nil {
			first = m
		}
		if shown == nil || all.low >= 0 && all.high <= 1 && (part.low < 0 || part.high > 1) {
			shown = m
		}
		all.low, all.high, all.whole = min(all.low, part.low), max(all.high, part.high), all.whole && part.whole
		for i := 0; i < m.n*m.v && len(different.values) < 3; i++ {
			different.add(m.at(i/m.v, i%m.v))
		}
	}
	o := &Origin{Files: []string{s.name}, Format: s.file.Format, Columns: first.columns}
	err := checkWorth(s.worth, s.v)
	if err == nil {
		o.Hints, err = first.hints(allOf(s.v))
	}
	if err == nil {
		s.levels, err = shown.levelsOf(all, l.opt.Scale, s.worth)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", s.name, err)
	}
	o.Low, o.High, o.Divisor = s.levels.low, s.levels.high, s.levels.divisor
	if odd := s.levels.odd; odd != nil && !slices.ContainsFunc(o.Hints, func(h Hint) bool { return h.Column == odd.Column }) {
		o.Hints = append(o.Hints, *odd)
	}
	s.states = len(different.values) < 3 && !slices.ContainsFunc(different.values, func(x float32) bool {
		x = s.valueOf(x)
		return x != 0 && x != 1
	})
	s.bytes = s.states || all.whole && all.low >= 0 && all.high <= greyMax && s.levels.divisor == greyMax
	return o, nil
}

// valueOf returns the value that a number of the file stands for.
func (s *stored) valueOf(x float32) float32 {
	if s.levels.divisor != 1 {
		x = float32(float64(x) / s.levels.divisor)
	}
	if w := worthAt(s.worth, 0); !w.Real && (s.levels.divisor == 1 || s.levels.low < 0) {
		x = (x - w.Low) / (w.High - w.Low)
	}
	return x
}

func isMissing(err error) bool { return errors.As(err, new(*MissingError)) }
