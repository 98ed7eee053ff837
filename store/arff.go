package store

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// isARFF reports whether the first line that is no comment begins with a keyword of ARFF or, after comments,
// with @. A head of comments alone is taken for ARFF.
func isARFF(head []byte) bool {
	comments := false
	for line := range bytes.Lines(head) {
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0:
		case line[0] == arffComment:
			comments = true
		default:
			return arffKeyword.Match(line) || comments && line[0] == '@'
		}
	}
	return comments
}

const arffComment = '%'

// A name or a value may be in single or double quotes, with backslashes before quotes within.
var (
	arffKeyword   = regexp.MustCompile(`(?i)^@(relation|attribute|data)\b`)
	arffAttribute = regexp.MustCompile(`(?i)^@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)$`)
	arffNumber    = regexp.MustCompile(`(?i)^(numeric|real|integer)\b`)
	arffList      = regexp.MustCompile(`^\{\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,}]*)`)
	arffOther     = regexp.MustCompile(`(?i)^(string|date)\b`)
)

// arff is a file of Weka: attributes, which name the columns, then rows of cells by commas. A row
// in braces has "index value" of the cells that are not 0, or not the first value of their list.
// Lines that begin with % are comments. Source: Weka manual 3.8, "ARFF".
type arff struct {
	lines    *lineReader
	names    []string
	defaults []string // of the cells that a row in braces leaves out
	written  int      // lines put into out so far
	out      []byte   // text for Read that it has not returned yet
	budget   budget   // of the text, which may be much longer than rows in braces
	err      error    // for Read, once out is empty
}

func (d *decoder) decodeARFF(r io.Reader) (Table, error) {
	a := &arff{lines: newLineReader(r, arffComment), budget: budget{d.budget.file, d.budget.total, d.budget.total}}
	if err := a.header(); err != nil {
		return Table{}, err
	}
	rows := &text{
		lines: newLineReader(a, arffComment), separator: commas, headerLine: a.lines.number,
		emptyEnd: true, intern: map[string]string{}, cellsToo: d.Cells,
	}
	if err := rows.rows(); err != nil {
		return Table{}, err
	}
	t, err := rows.finish(a.names)
	t.Format = "ARFF"
	return t, err
}

// header reads the attributes.
func (a *arff) header() error {
	for {
		line, number, err := a.lines.next()
		if err == io.EOF {
			return fmt.Errorf("line %d: no @data, want it before the rows", a.lines.number)
		}
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		word := arffKeyword.FindSubmatch(line)
		switch {
		case word == nil:
			return fmt.Errorf("line %d: %s, want @attribute or @data of ARFF", number, quote(string(line)))
		case bytes.EqualFold(word[1], []byte("data")):
			if len(a.names) == 0 {
				return fmt.Errorf("line %d: no @attribute before the data", number)
			}
			return nil
		case bytes.EqualFold(word[1], []byte("attribute")):
			if err := a.attribute(string(line)); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
}

func (a *arff) attribute(line string) error {
	parts := arffAttribute.FindStringSubmatch(line)
	if parts == nil {
		return fmt.Errorf("%s, want @attribute NAME TYPE", quote(line))
	}
	first := "0"
	if list := arffList.FindStringSubmatch(parts[2]); list != nil {
		first = arffText(list[1])
	} else if !arffNumber.MatchString(parts[2]) && !arffOther.MatchString(parts[2]) {
		return fmt.Errorf("attribute %s of type %s, want numeric, {VALUES}, string or date", quote(parts[1]), quote(parts[2]))
	}
	a.names, a.defaults = append(a.names, arffText(parts[1])), append(a.defaults, first)
	return nil
}

// arffText returns a word without the quotes around it.
func arffText(word string) string {
	cells := arffCells([]byte(word))
	if len(cells) == 0 {
		return ""
	}
	return string(bytes.TrimSpace(cells[0]))
}

// Read returns the rows as the reader of text takes them: with double quotes, all cells of a row in braces, and an
// empty line for each line that is no row, so that lines keep their numbers.
func (a *arff) Read(p []byte) (int, error) {
	for len(a.out) == 0 && a.err == nil {
		a.err = a.next()
	}
	if len(a.out) == 0 {
		return 0, a.err
	}
	n := copy(p, a.out)
	a.out = append(a.out[:0], a.out[n:]...)
	return n, nil
}

// next appends the next row to a.out, behind an empty line for each line since the row before.
func (a *arff) next() error {
	line, number, err := a.lines.next()
	if err != nil {
		return err
	}
	a.out = append(a.out, bytes.Repeat([]byte("\n"), max(0, number-1-a.written))...)
	a.written = number
	if err := a.row(bytes.TrimSpace(line)); err != nil {
		return fmt.Errorf("line %d: %w", number, err)
	}
	a.out = append(a.out, '\n')
	if a.budget.left -= int64(len(a.out)); a.budget.left < 0 {
		return fmt.Errorf("line %d: more than %d bytes of rows in braces, want at most %d times the size of the file",
			number, a.budget.total, maxRatio)
	}
	return nil
}

// row appends the cells of a row to a.out.
func (a *arff) row(line []byte) error {
	if line[0] != '{' {
		a.write(arffCells(line))
		return nil
	}
	cells := make([][]byte, len(a.defaults))
	for j, text := range a.defaults {
		cells[j] = []byte(text)
	}
	inner := bytes.TrimSpace(bytes.Trim(line, "{}"))
	if len(inner) > 0 {
		for _, entry := range arffCells(inner) {
			index, value, _ := bytes.Cut(bytes.TrimSpace(entry), []byte(" "))
			j, err := strconv.Atoi(string(index))
			if err != nil || j < 0 || j >= len(cells) {
				return fmt.Errorf("%s, want an index below %d and a value", quote(string(entry)), len(cells))
			}
			cells[j] = bytes.TrimSpace(value)
		}
	}
	a.write(cells)
	return nil
}

func (a *arff) write(cells [][]byte) {
	for j, cell := range cells {
		if j > 0 {
			a.out = append(a.out, ',')
		}
		cell = bytes.TrimSpace(cell)
		if len(cell) > 0 && !bytes.ContainsAny(cell, "\",\n%") {
			a.out = append(a.out, cell...)
			continue
		}
		a.out = append(a.out, '"')
		a.out = append(a.out, bytes.ReplaceAll(cell, []byte(`"`), []byte(`""`))...)
		a.out = append(a.out, '"')
	}
}

// arffCells cuts a line at the commas and tabs that are not in quotes. It removes quotes, and backslashes
// before other characters.
func arffCells(line []byte) (cells [][]byte) {
	var cell []byte
	var open byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			cell = append(cell, line[i])
		case open != 0 && c == open:
			open = 0
		case open == 0 && (c == '\'' || c == '"'):
			open = c
		case open == 0 && (c == ',' || c == '\t'):
			cells, cell = append(cells, cell), nil
		default:
			cell = append(cell, c)
		}
	}
	return append(cells, cell)
}
