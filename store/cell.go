package store

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// cellKind says what a cell of a text holds.
type cellKind uint8

const (
	numberCell cellKind = iota
	truthCell           // true or false, in one of the pairs of truths
	missingCell
	wordCell
)

// truths are the words for 0 and 1, in any case.
var truths = [][2]string{{"false", "true"}, {"f", "t"}, {"no", "yes"}, {"n", "y"}}

// missings are the words for a missing value, in any case.
var missings = []string{"?", "nan", "na", "n/a", "null", "none"}

// parseCell returns the value of a cell: a number, 0 or 1, or NaN for a missing cell and a word. A
// number beyond float32 is an error.
func parseCell(cell []byte) (float32, cellKind, error) {
	if len(cell) == 1 && cell[0]-'0' <= 9 { // a digit: bytes below '0' wrap around to more than 9
		return float32(cell[0] - '0'), numberCell, nil
	}
	nan := float32(math.NaN())
	if len(cell) == 0 || foldsTo(cell, missings) {
		return nan, missingCell, nil
	}
	if x, pair := truthOf(cell); pair >= 0 {
		return x, truthCell, nil
	}
	x, err := strconv.ParseFloat(string(cell), 32)
	if errors.Is(err, strconv.ErrRange) {
		return nan, numberCell, fmt.Errorf("%s, want a float32", quote(string(cell)))
	}
	switch {
	case err != nil:
		return nan, wordCell, nil
	case x != x: // "-nan"
		return nan, missingCell, nil
	}
	return float32(x), numberCell, nil
}

// IsMissing reports whether a cell of a text stands for a missing value: an empty one, or a word such as
// NA, NaN or ?, in any case.
func IsMissing(cell string) bool {
	_, kind, _ := parseCell([]byte(cell))
	return kind == missingCell
}

// foldsTo reports whether a cell is one of some words, in any case.
func foldsTo(cell []byte, words []string) bool {
	for _, word := range words {
		if len(cell) == len(word) && strings.EqualFold(string(cell), word) {
			return true
		}
	}
	return false
}

// truthOf returns 0 or 1 for a word of truths, and the index of its pair; -1 for other cells.
func truthOf(cell []byte) (x float32, pair int) {
	for pair, words := range truths {
		if foldsTo(cell, words[:1]) {
			return 0, pair
		}
		if foldsTo(cell, words[1:]) {
			return 1, pair
		}
	}
	return 0, -1
}

// isBits reports whether a cell is a word of at least two digits 0 and 1.
func isBits(cell []byte) bool {
	return len(cell) > 1 && len(bytes.Trim(cell, "01")) == 0
}

// column follows the cells of a column of a text.
type column struct {
	pair    int      // index in truths, plus 1, of its words for true and false; 0 before any
	numbers bool     // it holds numbers
	words   []string // all its cells, once they are known to be text

	verbatim bool // words holds all cells from the first on, as they are written
}

// add takes the cell in row `rows`, from 0, and returns its value: NaN if it is missing or text. A column holds
// text if it has other words than for true and false, pairs of these words that differ, or numbers beside them.
// Earlier cells of a column that turns out to hold text are written anew from their values, which before returns.
// intern holds the texts so far, see internOf.
func (c *column) add(cell []byte, before func(row int) float32, rows int, intern map[string]string) (float32, error) {
	x, kind, err := parseCell(cell)
	if err != nil {
		return x, err
	}
	pair := 0
	if kind == truthCell {
		_, pair = truthOf(cell)
		pair++
	}
	clash := kind == numberCell && c.pair > 0 || kind == truthCell && (c.numbers || c.pair > 0 && c.pair != pair)
	if c.verbatim {
		c.words = append(c.words, internOf(intern, cell))
	} else if c.words == nil && (kind == wordCell || clash) {
		c.words = make([]string, rows, 2*rows+1)
		for n := range c.words {
			c.words[n] = c.text(before(n))
		}
	}
	if c.words != nil && !c.verbatim {
		text := ""
		if kind != missingCell {
			text = internOf(intern, cell)
		}
		c.words = append(c.words, text)
	}
	switch {
	case kind == truthCell && c.pair == 0:
		c.pair = pair
	case kind == numberCell:
		c.numbers = true
	}
	if clash {
		return float32(math.NaN()), nil
	}
	return x, nil
}

// text returns the text of a value: "" for NaN, a word of the column's pair, or a number.
func (c *column) text(x float32) string {
	switch {
	case x != x:
		return ""
	case c.pair > 0:
		return truths[c.pair-1][int(x)]
	}
	return strconv.FormatFloat(float64(x), 'g', -1, 32)
}

// internOf returns a cell as a string that equal cells share.
func internOf(seen map[string]string, cell []byte) string {
	if text, ok := seen[string(cell)]; ok {
		return text
	}
	text := string(cell)
	seen[text] = text
	return text
}
