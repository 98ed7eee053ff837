package store

import (
	"bytes"
	"errors"
)

// separator is a way to separate the cells of a line.
type separator struct {
	mark byte   // between cells; ' ' for runs of spaces and tabs
	bar  bool   // a vertical bar separates too
	name string // for errors
}

// separators are the ways that are tried. Of equally good ones the first is taken.
var separators = []separator{
	{'\t', false, "tabs"}, {';', false, "semicolons"}, commas, {' ', false, "spaces"}, {'|', false, "bars"},
	{',', true, "commas and bars"}, {' ', true, "spaces and bars"},
	{'\t', true, "tabs and bars"}, {';', true, "semicolons and bars"},
}

var commas = separator{',', false, "commas"}

// findSeparator returns the separator that cuts most lines into equally many cells, at least two,
// and makes most of these numbers. The first line may be a header and counts only if it is alone.
// Lines that no separator cuts have one cell each.
func findSeparator(lines [][]byte) separator {
	if len(lines) > 1 {
		lines = lines[1:]
	}
	best, most := commas, 0.0 // if no separator cuts a line
	for _, s := range separators {
		// Qualities that are equal but for rounding, at most 2⁻⁵² for each cell, count as equal: 1e-9 is enough for
		// four million cells, and qualities that differ do so by far more.
		if q := s.quality(lines); q > most*(1+1e-9) {
			best, most = s, q
		}
	}
	return best
}

// quality returns the share of lines that have the most frequent number of cells, if that is 2 or more,
// times the share of the cells in these lines that are values.
func (s separator) quality(lines [][]byte) float64 {
	// textWeight is the weight of a cell that is no value. It is not 0, so that a table of words has a quality, and is
	// chosen so small that few values count more than many words.
	const textWeight = 0.01
	counts := map[int]int{}    // of lines, by their number of cells
	worth := map[int]float64{} // sum of the weights of the cells of these lines
	width := 0                 // most frequent number of cells
	for _, line := range lines {
		cells, err := s.split(nil, line)
		if err != nil {
			continue
		}
		n := len(cells)
		counts[n]++
		for _, cell := range cells {
			if isValue(cell) || s.mark != '|' && hasDecimalComma(cell) { // 0|1,1 are three cells
				worth[n]++
			} else {
				worth[n] += textWeight
			}
		}
		if counts[n] > counts[width] || counts[n] == counts[width] && n > width {
			width = n
		}
	}
	if width < 2 {
		return 0
	}
	return worth[width] / float64(width) / float64(len(lines))
}

// isValue reports whether a cell is a number, a word for true or false, or missing.
func isValue(cell []byte) bool {
	_, kind, _ := parseCell(cell)
	return kind != wordCell
}

// hasDecimalComma reports whether a cell is a number with a comma in place of the point.
func hasDecimalComma(cell []byte) bool {
	if bytes.Count(cell, []byte(",")) != 1 {
		return false
	}
	_, kind, err := parseCell(bytes.Replace(cell, []byte(","), []byte("."), 1))
	return err == nil && kind == numberCell
}

var errQuote = errors.New("text behind a closing quote, want a separator")

// split appends the cells of a line, at least one, to an empty dst, without spaces around them. They
// share the memory of the line unless they hold quotes.
func (s separator) split(dst [][]byte, line []byte) ([][]byte, error) {
	for i := 0; ; i++ {
		for i < len(line) && s.pads(line[i]) {
			i++
		}
		if i == len(line) && s.mark == ' ' && len(dst) > 0 {
			return dst, nil
		}
		var cell []byte
		if i < len(line) && line[i] == '"' {
			cell, i = unquote(line, i)
			for s.mark != ' ' && i < len(line) && s.pads(line[i]) {
				i++
			}
			if i < len(line) && !s.ends(line[i]) {
				return nil, errQuote
			}
		} else {
			from := i
			for i < len(line) && !s.ends(line[i]) {
				i++
			}
			cell = bytes.TrimRight(line[from:i], " \t")
		}
		dst = append(dst, cell)
		if i == len(line) {
			return dst, nil
		}
	}
}

// pads reports whether a byte may surround a cell.
func (s separator) pads(c byte) bool {
	return c == ' ' || c == '\t' && s.mark != '\t' || c == '|' && s.bar && s.mark == ' '
}

// ends reports whether a byte ends a cell that is not in quotes.
func (s separator) ends(c byte) bool {
	return c == s.mark || c == '\t' && s.mark == ' ' || c == '|' && s.bar
}

// unquote returns the cell in quotes that begins at line[i], and the index behind it. Two quotes
// within stand for one.
func unquote(line []byte, i int) (cell []byte, end int) {
	i++
	from := i
	for ; i < len(line); i++ {
		switch {
		case line[i] != '"':
		case i+1 < len(line) && line[i+1] == '"':
			cell = append(cell, line[from:i+1]...)
			i++
			from = i + 1
		default:
			return append(cell, line[from:i]...), i + 1
		}
	}
	return append(cell, line[from:]...), i
}
