package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"harmonium/store"
)

// Inference says how a schema is made from a table.
type Inference struct {
	// Always makes a schema of any table. Otherwise a table of numbers in one range is read without a schema.
	Always bool
	// Bins cuts each column of numbers into that many bins, as categories, with about equally many rows; 0
	// standardises the numbers.
	Bins int
	// Numbers treats every column of at least two different numbers as numbers, never as categories.
	Numbers bool
	// Label makes the column of labels a categorical unit.
	Label bool
}

// maxIntegerCategories is the largest number of different integers that make a column categorical. Chosen: classes and
// months are categories, counts and ages numbers.
const maxIntegerCategories = 12

// leastIdentifiers is the least number of different words or integers that identify the rows. Chosen: in tables of fewer
// rows a word that is not repeated is no sign of an index.
const leastIdentifiers = 20

// infer makes a schema of the columns of a table that are data and, with how.Label, of its labels.
func (m *matrix) infer(taken *choice, how Inference) (*Schema, error) {
	columns, label := taken.columns, -1
	if err := checkCount(len(columns)); err != nil {
		return nil, err
	}
	if how.Label {
		if label = taken.labelColumn; label >= 0 {
			columns = slices.Sorted(slices.Values(append(slices.Clone(columns), label)))
		} else if taken.labels == nil {
			return nil, ErrNoLabels
		}
	}
	s := &Schema{}
	var indices *HintError
	for _, j := range columns {
		c, err := m.inferColumn(j, taken.named, how, j == label)
		index := (*HintError)(nil)
		switch {
		case errors.As(err, &index) && indices == nil:
			indices = index
		case index != nil:
			indices.Others = append(indices.Others, index.Hint)
		case err != nil:
			return nil, err
		}
		s.Columns = append(s.Columns, c)
	}
	if indices != nil {
		return nil, indices
	}
	if how.Label && label < 0 {
		c, err := labelColumn(taken.labels)
		if err != nil {
			return nil, err
		}
		s.Columns = append(s.Columns, c)
	}
	return s, s.Validate()
}

// distinct holds the different cells of a column that are not missing, in the order of the rows.
type distinct struct {
	words   []string
	first   []int     // first row with each word
	rows    []int     // number of rows with each word
	known   int       // cells that are not missing
	numbers []float64 // of the words; nil unless all are numbers
}

// distinctOf returns the different cells of a column.
func distinctOf(cells []string) distinct {
	var d distinct
	at := map[string]int{} // index of each word; -1 if it stands for a missing cell
	for n, word := range cells {
		if i, seen := at[word]; seen {
			if i >= 0 {
				d.rows[i]++
				d.known++
			}
			continue
		}
		if store.IsMissing(word) {
			at[word] = -1
			continue
		}
		at[word] = len(d.words)
		d.words, d.first, d.rows = append(d.words, word), append(d.first, n), append(d.rows, 1)
		d.known++
	}
	for _, word := range d.words {
		x, ok := numberOf(word)
		if !ok {
			d.numbers = nil
			break
		}
		d.numbers = append(d.numbers, x)
	}
	return d
}

// numberOf returns the finite number that a cell holds.
func numberOf(cell string) (float64, bool) {
	x, err := strconv.ParseFloat(cell, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// inferColumn returns the schema's column for column j. It is no index if named is set.
func (m *matrix) inferColumn(j int, named bool, how Inference, label bool) (Column, error) {
	c := Column{Name: m.name(j), Number: m.columns[j], Label: label}
	d := distinctOf(m.cellsOf(j))
	if d.known == 0 {
		return c, fmt.Errorf("%s: all cells are missing; leave the column out", m.column(j))
	}
	for i, word := range append([]string{c.Name}, d.words...) {
		if !utf8.ValidString(word) {
			return c, fmt.Errorf("%s: %s is no UTF-8; convert the file, such as by: iconv -f WINDOWS-1252 -t UTF-8",
				m.wordPlace(j, d, i-1), shorten(word))
		}
	}
	if err := cmp.Or(m.checkInfinities(j, d), m.checkNumbers(j, d)); err != nil {
		return c, err
	}
	numeric := d.numeric() || how.Numbers && d.numbers != nil
	if !named && !label && !how.Numbers {
		if reason := m.identifies(j, d, numeric); reason != "" {
			return c, &HintError{Hint: Hint{m.columns[j], m.name(j), false, reason}}
		}
	}
	if numeric && !label && (!d.categories() || how.Numbers && len(d.words) > 1) {
		return c.ofNumbers(m.numbersOf(j), d.byNumber(), how.Bins), nil
	}
	if err := c.ofCategories(d); err != nil {
		return c, fmt.Errorf("%s: %w", m.column(j), err)
	}
	return c, nil
}

// ofCategories makes the column one of its different cells.
func (c *Column) ofCategories(d distinct) error {
	if d.numeric() {
		d = d.byNumber()
	} else {
		d = d.byWord()
	}
	c.Kind, c.Categories = categoricalColumn, d.words
	switch n := len(d.words); {
	case n == 0:
		return ErrNoLabels
	case n > MaxCategories:
		return fmt.Errorf("%d different words, want at most %d categories", n, MaxCategories)
	case c.Label && n < 2:
		return fmt.Errorf("all labels are %s, want at least two classes", shorten(d.words[0]))
	case n == 1 && (d.words[0] == "0" || d.words[0] == "1"):
		c.Kind, c.Categories = bernoulliColumn, []string{"0", "1"}
	case n == 1:
		c.Kind = constantColumn
	case n == 2 && !c.Label:
		c.Kind = bernoulliColumn
	}
	return nil
}

// wordPlace names the place of the first cell with word i of d, or the column if i is -1.
func (m *matrix) wordPlace(j int, d distinct, i int) string {
	if i < 0 {
		return m.column(j)
	}
	return m.place(d.first[i], j)
}

// checkInfinities returns an error for an infinity, such as "inf", unless it is among words alone, and so a word.
func (m *matrix) checkInfinities(j int, d distinct) error {
	infinite, numbers, words := -1, false, false
	for i, text := range d.words {
		x, err := strconv.ParseFloat(text, 64)
		switch {
		case math.IsInf(x, 0) && infinite < 0:
			infinite = i
		case math.IsInf(x, 0):
		case err == nil:
			numbers = true
		default:
			words = true
		}
	}
	if infinite < 0 || words && !numbers {
		return nil
	}
	return fmt.Errorf("%s: %s, want a finite number", m.place(d.first[infinite], j), shorten(d.words[infinite]))
}

// Words are rare if at most one cell in rareWords is a word. Chosen.
const rareWords = 50

// checkNumbers returns an error for words among numbers, as mistakes, if the words are rare or if many, and at
// least half, of the different cells are numbers.
func (m *matrix) checkNumbers(j int, d distinct) error {
	numbers, word, cells := 0, -1, 0 // different numbers; index of the first word; cells that are words
	for i, text := range d.words {
		if _, ok := numberOf(text); ok {
			numbers++
			continue
		}
		cells += d.rows[i]
		if word < 0 {
			word = i
		}
	}
	many, rare := numbers > maxIntegerCategories && 2*numbers >= len(d.words), rareWords*cells <= d.known
	if word < 0 || !many && !rare {
		return nil
	}
	n, text := d.first[word], d.words[word]
	_, decimal := numberOf(strings.Replace(text, ",", ".", 1))
	return &TextError{Place: m.place(n, j), Column: m.columns[j], Name: m.name(j), Word: text, Decimal: decimal, Numbers: numbers}
}

// identifies says why a column is an index of the rows, or returns "". Words are one if more than half of the known
// cells differ, as some rows may occur twice, and integers if all differ.
func (m *matrix) identifies(j int, d distinct, numeric bool) string {
	n := len(d.words)
	if m.v < 2 || 2*n <= d.known {
		return ""
	}
	if !numeric {
		if n >= leastIdentifiers {
			return fmt.Sprintf("has %d different words in %d rows", n, d.known)
		}
		return ""
	}
	if n < d.known || !allWhole(d.numbers) {
		return ""
	}
	counts := d.known == m.n
	for i, x := range d.numbers {
		counts = counts && x == d.numbers[0]+float64(i)
	}
	first := d.numbers[0]
	switch {
	case counts && (n >= countedElse || n >= countedFirst && j == 0):
		return fmt.Sprintf("counts %v, %v, %v, ...", first, first+1, first+2)
	case n >= leastIdentifiers:
		return fmt.Sprintf("has %d different integers in %d rows", n, d.known)
	}
	return ""
}

func allWhole(numbers []float64) bool {
	return !slices.ContainsFunc(numbers, func(x float64) bool { return x != math.Trunc(x) })
}

// numeric reports whether all cells are numbers.
func (d distinct) numeric() bool { return d.numbers != nil && !d.codes() }

// codes reports whether a word has a zero before other digits, as 007 has. Such words are no numbers.
func (d distinct) codes() bool {
	return slices.ContainsFunc(d.words, func(word string) bool {
		return len(word) > 1 && word[0] == '0' && word[1] >= '0' && word[1] <= '9'
	})
}

// categories reports whether there are few different numbers: at most two, or a few integers.
func (d distinct) categories() bool {
	n := len(d.words)
	return n <= 2 || n <= maxIntegerCategories && allWhole(d.numbers)
}

// byNumber sorts by number. Of several words for one number it keeps the first. The result has no first rows.
func (d distinct) byNumber() distinct {
	order := allOf(len(d.words))
	slices.SortStableFunc(order, func(a, b int) int { return cmpNumbers(d.numbers[a], d.numbers[b]) })
	sorted := distinct{known: d.known}
	for _, i := range order {
		if n := len(sorted.numbers); n > 0 && sorted.numbers[n-1] == d.numbers[i] {
			sorted.rows[n-1] += d.rows[i]
			continue
		}
		sorted.words, sorted.numbers = append(sorted.words, d.words[i]), append(sorted.numbers, d.numbers[i])
		sorted.rows = append(sorted.rows, d.rows[i])
	}
	return sorted
}

// byWord sorts the words as compareWords does, and merges spellings of true and false, see truths. Only words and known
// of the result are valid.
func (d distinct) byWord() distinct {
	if folded := d.truths(); folded != nil {
		d.words = folded
	} else {
		d.words = slices.Clone(d.words)
	}
	slices.SortFunc(d.words, compareWords)
	return d
}

// truths returns the two words for true and false of a column without other words, in their first spellings, if
// there are several spellings, such as True and TRUE; else nil.
func (d distinct) truths() []string {
	at := map[string]bool{}
	var words []string
	for _, word := range d.words {
		lower := strings.ToLower(word)
		if !slices.Contains([]string{"true", "false", "yes", "no", "t", "f", "y", "n"}, lower) {
			return nil
		}
		if !at[lower] {
			at[lower], words = true, append(words, word)
		}
	}
	if len(words) != 2 || len(words) == len(d.words) {
		return nil
	}
	return words
}

// compareWords orders numbers by value and before other words, which are in the order of their bytes.
func compareWords(a, b string) int {
	x, isX := numberOf(a)
	y, isY := numberOf(b)
	switch {
	case isX && isY && x != y:
		return cmpNumbers(x, y)
	case isX != isY && isX:
		return -1
	case isX != isY:
		return 1
	}
	return strings.Compare(a, b)
}

func cmpNumbers(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
