package dataset

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// greyMax is the greatest grey level of a byte. Integers are grey levels if one of them is at least greyLeast, which is
// chosen as half of the range: counts and codes are rarely as large, and pictures rarely without a bright pixel.
const (
	greyMax   = 255
	greyLeast = 128
)

// RangeError is the error of numbers that are neither states nor grey levels.
type RangeError struct {
	Low, High float64 // in the file
	Place     string  // of the first number outside [0,1]
	Whole     bool    // all numbers are integers
	FirstRow  bool    // only the first row has values beyond 1, so that it may be a header
	Ratings   bool    // the columns may be a user, an item and a rating
	Differ    bool    // the columns of the text differ in range
	Header    bool    // the file has a header
	Hint      *Hint   // the one column that has another range than all others; nil if there is none
	Want      string  // numbers that fit Options.Scale or the training rows; empty if neither is the reason
}

// Error lists all numbers that the command line reads: -1 and 1 are read with Options.Worth.
func (e *RangeError) Error() string {
	kind := "numbers"
	if e.Whole {
		kind = "integers"
	}
	text := fmt.Sprintf("%s from %v to %v", kind, float32(e.Low), float32(e.High))
	if e.Place != "" {
		text += ", the first outside 0 to 1 in " + e.Place
	}
	text += ", want "
	if e.Want != "" {
		return text + e.Want
	}
	text += "0 and 1, -1 and 1, integers from 0 to 255 with one of at least 128, or reals from 0 to 1"
	if e.Hint != nil {
		text += "; " + e.Hint.String()
	}
	return text
}

// TextError is the error of a word where a number is wanted.
type TextError struct {
	Place   string
	Column  int    // in the file, from 1
	Name    string // of the column
	Word    string
	Mostly  bool  // most cells of the column are words
	Others  []int // further columns whose cells are mostly words, from 1
	Decimal bool  // the word would be a number with a point in place of its comma
	Numbers int   // how many different numbers the column holds, if words in it are taken for mistakes
}

func (e *TextError) Error() string {
	return fmt.Sprintf("%s: %s, want a number", e.Place, shorten(e.Word))
}

// MissingError is the error of a cell without a value.
type MissingError struct {
	Place string
	Count int // of such cells
}

func (e *MissingError) Error() string {
	more := ""
	if e.Count > 1 {
		more = fmt.Sprintf(", the first of %d", e.Count)
	}
	return fmt.Sprintf("%s: a missing cell%s, want a value", e.Place, more)
}

// levels are the range of the known numbers of a part, and what they stand for.
type levels struct {
	low, high float64 // in the file
	whole     bool    // all numbers are integers
	divisor   float64
	signed    bool  // a number in a column of states is negative, in this part or in the training rows
	odd       *Hint // the one column with other values than the two of all others; nil if there is none
}

// byWorth reports whether Worth says what the divided numbers of a column of states stand for. Otherwise they are
// probabilities, as grey levels are: numbers that are divided, none of them negative.
func (l levels) byWorth() bool { return l.divisor == 1 || l.signed }

func (l levels) String() string {
	if l.divisor == 1 {
		return fmt.Sprintf("from %v to %v", l.low, l.high)
	}
	return fmt.Sprintf("from %v to %v and are divided by %v", l.low, l.high, l.divisor)
}

// finite returns an error for a cell that holds a word or an infinity. A missing cell, which is NaN, is none.
func (m *matrix) finite() error {
	var failed *TextError
	for _, j := range slices.Sorted(maps.Keys(m.words)) {
		words := 0
		first := -1
		for n, word := range m.words[j] {
			if _, err := strconv.ParseFloat(word, 32); err != nil && word != "" {
				words++
			}
			if x := m.at(n, j); x != x && word != "" && first < 0 {
				first = n
			}
		}
		mostly := 2*words > m.n
		switch {
		case first >= 0 && failed == nil:
			word := m.words[j][first]
			_, err := strconv.ParseFloat(strings.Replace(word, ",", ".", 1), 32)
			failed = &TextError{Place: m.place(first, j), Column: m.columns[j], Name: m.name(j), Word: word, Mostly: mostly,
				Decimal: err == nil}
		case first >= 0 && mostly:
			failed.Others = append(failed.Others, m.columns[j])
		}
	}
	if failed != nil {
		return failed
	}
	for i, x := range m.floats {
		if x > math.MaxFloat32 || x < -math.MaxFloat32 {
			return fmt.Errorf("%s: %v, want a finite number", m.place(i/m.v, i%m.v), x)
		}
	}
	return nil
}

// levels returns the range of the numbers and their divisor: scale, if it is not 0, or 255 for grey levels of
// bytes, or 1. It returns an error for numbers that are neither states nor grey levels, but beside a worth leaves most of
// them to normalize, which knows their places.
func (m *matrix) levels(scale float64, worth []Worth) (levels, error) {
	return m.levelsOf(m.extremes(worth), scale, worth)
}

// levelsOf is levels for numbers with the range l. m may hold only a part of these numbers: hints are about it.
func (m *matrix) levelsOf(l levels, scale float64, worth []Worth) (levels, error) {
	fail := &RangeError{Low: l.low, High: l.high, Whole: l.whole}
	l.divisor = 1
	real := hasReal(worth)
	if scale > 0 {
		l.divisor = scale
		// Real numbers have no greatest one. The states beside them are checked by normalize.
		if !real && (l.high > scale || l.low < 0 && len(worth) == 0) {
			fail.Want = fmt.Sprintf("0 to %v", scale)
			if len(worth) > 0 {
				fail.Want = fmt.Sprintf("at most %v", scale)
			}
			return l, fail
		}
		return l, nil
	}
	odd, low, high := -1, float32(0), float32(0)
	if l.low < 0 || l.high > 1 {
		if odd, low, high = m.odd(); odd >= 0 {
			l.odd = m.oddHint(odd, low, high)
		}
	}
	statesBeside := odd >= 0 && low >= -1 && high <= 1
	notGrey := statesBeside || real && m.bytes == nil // a text of ages is none of grey levels
	if l.whole && l.low >= 0 && l.high >= greyLeast && l.high <= greyMax && !notGrey {
		l.divisor = greyMax
		return l, nil
	}
	if len(worth) > 0 || l.low >= 0 && l.high <= 1 {
		return l, nil
	}
	if statesBeside {
		fail.Hint = l.odd
	}
	fail.Ratings, fail.Header = m.ratings(), m.names != nil
	fail.FirstRow, fail.Differ, fail.Place = m.firstRowOnly(), m.differ(), m.firstOutside()
	return l, fail
}

// extremes returns the range of the known numbers, whether all are integers, and whether one of a state is negative.
func (m *matrix) extremes(worth []Worth) levels {
	if m.bytes != nil {
		return levels{low: float64(slices.Min(m.bytes)), high: float64(slices.Max(m.bytes)), whole: true}
	}
	l := levels{low: math.Inf(1), high: math.Inf(-1), whole: true}
	for i, x := range m.floats {
		if m.standsIn(i) {
			continue
		}
		l.low, l.high = min(l.low, float64(x)), max(l.high, float64(x))
		l.whole = l.whole && float64(x) == math.Trunc(float64(x))
		l.signed = l.signed || x < 0 && !worthAt(worth, i%m.v).Real
	}
	return l
}

// oddHint describes the one column with other values than the two of all others.
func (m *matrix) oddHint(j int, low, high float32) *Hint {
	const labels = 100 // integers in a narrower range may be labels; chosen
	from, to, whole := m.at(0, j), m.at(0, j), true
	for n := range m.n {
		x := m.at(n, j)
		from, to, whole = min(from, x), max(to, x), whole && float64(x) == math.Trunc(float64(x))
	}
	reason := fmt.Sprintf("goes from %v to %v beside columns of %v and %v", from, to, low, high)
	return &Hint{m.columns[j], m.name(j), whole && to-from < labels, reason}
}

// ratings reports whether rows may be a user, an item and a rating, with or without a time: two columns of
// integers, one of multiples of 1/2 from 0 to 10, and one of Unix times.
func (m *matrix) ratings() bool {
	if m.v != 3 && m.v != 4 || m.n < 3 {
		return false
	}
	const greatest, leastTime = 10, 1e8 // in seconds: the year 1973
	for n := range m.n {
		user, item, rating := float64(m.at(n, 0)), float64(m.at(n, 1)), float64(m.at(n, 2))
		if user < 0 || item < 0 || user != math.Trunc(user) || item != math.Trunc(item) ||
			rating < 0 || rating > greatest || 2*rating != math.Trunc(2*rating) || m.v == 4 && m.at(n, 3) < leastTime {
			return false
		}
	}
	return true
}

// firstOutside returns the place of the first number outside [0,1].
func (m *matrix) firstOutside() string {
	for n := range m.n {
		for j := range m.v {
			if x := m.at(n, j); (x < 0 || x > 1) && !m.standsIn(n*m.v+j) {
				return m.place(n, j)
			}
		}
	}
	return ""
}

// firstRowOnly reports whether only the first row of a text without a header has a value outside [0,1].
func (m *matrix) firstRowOnly() bool {
	if m.names != nil || m.files[0].lines == nil || m.n < 2 {
		return false
	}
	for n := range m.n {
		beyond := false
		for j := range m.v {
			x := m.at(n, j)
			beyond = beyond || (x < 0 || x > 1) && !m.standsIn(n*m.v+j)
		}
		if beyond != (n == 0) {
			return false
		}
	}
	return true
}

// follow returns the levels of another part than the training rows, whose numbers must stand for the same: they
// have the divisor of the training rows, and are signed if these are. of names the files of the training rows.
func (m *matrix) follow(train levels, of string, scale float64, worth []Worth) (levels, error) {
	l, err := m.levels(scale, worth)
	if err != nil && (scale > 0 || train.divisor == 1) {
		return l, err
	}
	// Beside grey training rows, the range of this part alone is no error.
	fits := l.divisor == train.divisor
	switch {
	case scale > 0:
		fits, l.signed = train.signed || !l.signed, train.signed
	case train.divisor == greyMax && l.whole && l.low >= 0 && l.high <= greyMax:
		// A small part may have no bright pixel, but one of 0 and 1 alone holds states.
		fits, l.divisor = l.high != 1, greyMax
	case train.divisor == 1 && hasReal(worth): // bytes beside training rows of numbers as they are
		fits, l.divisor = true, 1
	}
	if !fits {
		return l, &RangeError{Low: l.low, High: l.high, Whole: l.whole, Want: fmt.Sprintf("numbers as in %s, which go %s", of, train)}
	}
	return l, nil
}

// toRows returns the rows of the values that the numbers stand for, with states as bytes.
func (m *matrix) toRows(l levels, worth []Worth) (*Rows, error) {
	r, err := m.values(l, worth)
	if err != nil {
		return nil, err
	}
	return r.packed(nil), nil
}

// values returns the rows of the values that the numbers stand for by their divisor and by worth. It changes m.
func (m *matrix) values(l levels, worth []Worth) (*Rows, error) {
	if err := checkWorth(worth, m.v); err != nil {
		return nil, err
	}
	r := &Rows{N: m.n, V: m.v, Real: realColumns(worth, m.v)}
	switch grey := l.divisor == greyMax && l.whole && l.low >= 0 && l.high <= greyMax && !l.signed; {
	case grey && m.bytes != nil:
		r.Bytes = m.bytes
		return r, nil
	case grey:
		r.Bytes = m.room.takeBytes(len(m.floats))
		for i, x := range m.floats {
			r.Bytes[i] = uint8(x)
		}
		return r, nil
	case l.divisor == 1 && len(worth) == 0 && m.bytes != nil: // states
		r.Bytes = m.bytes
		for i := range r.Bytes {
			r.Bytes[i] *= greyMax
		}
		return r, nil
	}
	m.toFloats()
	if err := m.normalize(l, worth); err != nil {
		return nil, err
	}
	r.Floats = m.floats
	return r, nil
}

// normalize replaces numbers by the states, probabilities and real numbers that they stand for, and missing cells by 0.
func (m *matrix) normalize(l levels, list []Worth) error {
	for i, number := range m.floats {
		w := worthAt(list, i%m.v)
		low, high := w.Low, w.High
		if !l.byWorth() {
			low, high = 0, 1
		}
		x := float32(float64(number) / l.divisor)
		switch {
		case m.standsIn(i):
			x = 0
		case w.Real:
		case !(x >= low && x <= high):
			inFile := func(x float32) float32 { return float32(float64(x) * l.divisor) }
			return &ValueError{m.place(i/m.v, i%m.v), number, inFile(low), inFile(high)}
		default:
			x = (x - low) / (high - low)
		}
		m.floats[i] = x
	}
	return nil
}
