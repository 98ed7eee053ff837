package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"harmonium/memory"
)

// The values of Options.Header.
const (
	HeaderAuto = ""    // the cells decide, see decodeText
	HeaderYes  = "yes" // the first line names the columns
	HeaderNo   = "no"  // the first line holds values
)

// HeaderError is the error of a first line that may name columns or hold values.
type HeaderError struct {
	Line  int
	Found string // the line, shortened
}

func (e *HeaderError) Error() string {
	return fmt.Sprintf("line %d: %s: names of columns, or values?", e.Line, e.Found)
}

// sampledLines is the number of lines that decide on the separator and on words of digits. Chosen: they are split once
// for each separator, and lines of one table are much alike.
const sampledLines = 64

// text is a table of text that is being read.
type text struct {
	lines   *lineReader
	ahead   [][]byte // lines that were read ahead
	numbers []int    // the numbers of these lines

	separator separator
	cells     [][]byte // of the current line
	t         Table    // the rows so far

	headerLine int // number of the header's line; 0 without a header
	first      int // number of the first row's line
	width      int // cells of a row
	columns    []column
	emptyEnd   bool              // the last cell of every row so far is empty
	intern     map[string]string // see internOf
	cellsToo   bool              // all columns keep their cells as they are written
}

// decodeText reads rows of cells: numbers, words for true and false, missing cells, and words. The
// separator is the one that cuts the lines best, see findSeparator; lines that begin with # are comments.
//
// The first line is a header if it has a word above a cell that is none, and no numbers but 0, 1, 2, … or
// 1, 2, 3, …. With other numbers beside such a word, or with these numbers alone, header must say whether it is one. A
// word in the only line has no cell below it: it makes the line a header, or beside other numbers a row.
//
// A last cell that is empty in every row is left out, see Table.EmptyEnd. A file with one word of digits 0 and 1 in
// each line has a column for each digit. If cells is set, Table.Words are the cells of all columns as they are written,
// except in such a file.
func decodeText(r io.Reader, header string, cells bool) (Table, error) {
	d := &text{lines: newLineReader(r, '#'), emptyEnd: true, intern: map[string]string{}, cellsToo: cells}
	if err := d.readAhead(); err != nil {
		return Table{}, err
	}
	d.separator = findSeparator(d.ahead)
	names, err := d.header(header)
	if err != nil {
		return Table{}, err
	}
	if d.isBitstrings() {
		return d.bitstrings()
	}
	if err := d.rows(); err != nil {
		return Table{}, err
	}
	return d.finish(names)
}

// readAhead reads the first lines into d.ahead.
func (d *text) readAhead() error {
	for len(d.ahead) < sampledLines {
		line, number, err := d.lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		d.ahead, d.numbers = append(d.ahead, bytes.Clone(line)), append(d.numbers, number)
	}
	return nil
}

// next cuts the next line into d.cells and returns its number.
func (d *text) next() (number int, err error) {
	var line []byte
	if len(d.ahead) > 0 {
		line, number = d.ahead[0], d.numbers[0]
		d.ahead, d.numbers = d.ahead[1:], d.numbers[1:]
	} else if line, number, err = d.lines.next(); err != nil {
		return 0, err
	}
	if d.cells, err = d.separator.split(d.cells[:0], line); err != nil {
		return 0, fmt.Errorf("line %d: %w", number, err)
	}
	return number, nil
}

// header returns the cells of the first line, and skips it, if it is a header; else nil.
func (d *text) header(header string) ([]string, error) {
	if len(d.ahead) == 0 || header == HeaderNo {
		return nil, nil
	}
	first, err := d.separator.split(nil, d.ahead[0])
	if err != nil {
		return nil, nil // d.rows returns the error
	}
	if header == HeaderAuto {
		var second [][]byte
		if len(d.ahead) > 1 {
			second, _ = d.separator.split(nil, d.ahead[1]) // d.rows returns its error
		}
		is, err := isHeader(first, second)
		if err != nil {
			return nil, &HeaderError{d.numbers[0], quote(string(d.ahead[0]))}
		}
		if !is {
			return nil, nil
		}
	}
	names := make([]string, len(first))
	for j, cell := range first {
		names[j] = string(cell)
	}
	d.headerLine = d.numbers[0]
	d.ahead, d.numbers = d.ahead[1:], d.numbers[1:]
	return names, nil
}

// rows reads all rows. Each has the number of cells of the first.
func (d *text) rows() error {
	for n := 0; ; n++ {
		number, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			d.width, d.first = len(d.cells), number
			d.columns = make([]column, d.width)
			for j := range d.columns {
				d.columns[j].verbatim = d.cellsToo
			}
		}
		if need := len(d.t.Floats) + len(d.cells); need > cap(d.t.Floats) {
			if err := d.checkRoom(d.cellSize() * need); err != nil {
				return err
			}
		}
		if len(d.cells) != d.width {
			return d.ragged(number)
		}
		d.emptyEnd = d.emptyEnd && len(d.cells[d.width-1]) == 0
		for j, cell := range d.cells {
			before := func(row int) float32 { return d.t.Floats[row*d.width+j] }
			x, err := d.columns[j].add(cell, before, n, d.intern)
			if err != nil {
				return fmt.Errorf("line %d, column %d: %w", number, j+1, err)
			}
			d.t.Floats = append(d.t.Floats, x)
		}
		d.t.Lines = append(d.t.Lines, number)
	}
}

// cellSize returns the bytes that a cell takes, without the text of words.
func (d *text) cellSize() int {
	const number, word = 4, 16 // a float32, and the header of a string
	if d.cellsToo {
		return number + word
	}
	return number
}

// checkRoom returns an error if the cells, of that size in bytes, and the numbers of their lines do not fit into
// memory when append makes them grow by a quarter.
func (d *text) checkRoom(cells int) error {
	const growth, number = 1.25, 8 // number: bytes of the number of a line
	return memory.Check("its table", growth*(float64(cells)+number*float64(len(d.t.Lines))))
}

// ragged is the error of a line with another number of cells than the first.
func (d *text) ragged(number int) error {
	hint := ""
	switch n := len(d.cells); {
	case slices.ContainsFunc(d.cells, func(cell []byte) bool { return bytes.HasPrefix(cell, []byte("#")) }):
		hint = "; a comment behind cells? It needs a line of its own"
	case n == d.width+1 && len(d.cells[n-1]) == 0:
		hint = "; a separator too many at its end?"
	case n < d.width && d.separator.mark == ' ':
		hint = "; an empty cell?"
	}
	return fmt.Errorf("line %d: %s by %s, want %d as in line %d%s", number,
		plural(len(d.cells), "cell"), d.separator.name, d.width, d.first, hint)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// finish drops an empty last column, fits the header to the rows, and describes the table.
func (d *text) finish(names []string) (Table, error) {
	n, v := len(d.t.Lines), d.width
	if n == 0 {
		return Table{}, errors.New("no rows, want at least one")
	}
	if d.emptyEnd && v > 1 && (names == nil || len(names) == v-1 || len(names) == v && names[v-1] == "") {
		v--
		for row := 1; row < n; row++ {
			copy(d.t.Floats[row*v:(row+1)*v], d.t.Floats[row*d.width:])
		}
		d.t.Floats = d.t.Floats[:n*v]
		d.columns = d.columns[:v]
		names = names[:min(len(names), v)]
		d.t.EmptyEnd = names == nil
	}
	switch len(names) {
	case 0, v:
	case v - 1: // R's write.table writes the names of rows in a first column without a name
		names = slices.Insert(names, 0, "")
	default:
		return Table{}, fmt.Errorf("line %d: %s, but the header in line %d has %d",
			d.first, plural(v, "cell"), d.headerLine, len(names))
	}
	d.t.Shape, d.t.Names = []int{n, v}, names
	for j, c := range d.columns {
		if c.words != nil {
			if d.t.Words == nil {
				d.t.Words = map[int][]string{}
			}
			d.t.Words[j] = c.words
		}
	}
	d.t.Format = "text, one column"
	if v > 1 {
		d.t.Format = fmt.Sprintf("text, columns by %s", d.separator.name)
	}
	if names != nil {
		d.t.Format += ", with a header"
	}
	return d.t, nil
}

// isBitstrings reports whether the first lines have one word each, of 0 and 1 and the same length.
func (d *text) isBitstrings() bool {
	for _, line := range d.ahead {
		if line = bytes.TrimSpace(line); !isBits(line) || len(line) != len(bytes.TrimSpace(d.ahead[0])) {
			return false
		}
	}
	return len(d.ahead) > 0
}

// bitstrings reads a column for each digit.
func (d *text) bitstrings() (Table, error) {
	for {
		number, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, err
		}
		word := bytes.Join(d.cells, []byte(" "))
		if d.width == 0 {
			d.width, d.first = len(word), number
		}
		if len(word) != d.width || len(bytes.Trim(word, "01")) > 0 {
			return Table{}, fmt.Errorf("line %d: %s, want a word of %d digits 0 and 1 as in line %d",
				number, quote(string(word)), d.width, d.first)
		}
		if need := len(d.t.Bytes) + len(word); need > cap(d.t.Bytes) {
			if err := d.checkRoom(need); err != nil {
				return Table{}, err
			}
		}
		for _, digit := range word {
			d.t.Bytes = append(d.t.Bytes, digit-'0')
		}
		d.t.Lines = append(d.t.Lines, number)
	}
	d.t.Shape = []int{len(d.t.Lines), d.width}
	d.t.Format = fmt.Sprintf("text, one word of %d digits 0 and 1 a line", d.width)
	return d.t, nil
}

var errAmbiguous = errors.New("names or values")

// isHeader reports whether the first line of a text names columns, given the line after it, or nil. It returns
// errAmbiguous if only the user can say.
func isHeader(first, second [][]byte) (bool, error) {
	words, numbers, named, above := 0, 0, false, false // named: a word other than for true and false
	counts, last := true, float32(0)                   // counts: the numbers count from 0 or 1, to 2 at least
	for j, cell := range first {
		x, kind, err := parseCell(cell)
		if kind == missingCell {
			continue
		}
		if kind == wordCell && hasDecimalComma(cell) {
			numbers, counts = numbers+1, false
			continue
		}
		if kind == numberCell {
			counts = counts && err == nil && (numbers == 0 && (x == 0 || x == 1) || numbers > 0 && x == last+1)
			numbers, last = numbers+1, x
			continue
		}
		words++
		named = named || kind == wordCell
		above = above || isAbove(kind, second, j)
	}
	counts = counts && last >= 2
	if second == nil {
		above = named
	}
	switch {
	case words == 0 && counts:
		return false, errAmbiguous
	case !above:
		return false, nil
	case numbers == 0 || counts:
		return true, nil
	case second == nil:
		return false, nil
	}
	return false, errAmbiguous
}

// isAbove reports whether a word of the first line stands above a cell of another kind. The words
// for true and false name columns of numbers only.
func isAbove(kind cellKind, second [][]byte, j int) bool {
	if j >= len(second) {
		return false
	}
	_, below, _ := parseCell(second[j])
	return below == numberCell || kind == wordCell && below != wordCell
}
