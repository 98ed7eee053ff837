package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineReader reads the lines of a text that hold cells: not blank ones, and no comments. A cell in
// quotes may go over several lines, which then are one.
type lineReader struct {
	r       *bufio.Reader
	comment byte   // begins a line that is a comment
	rest    []byte // text behind a lone carriage return, up to the next \n; nil if there is none
	buffer  []byte // a line that is longer than the buffer of r
	joined  []byte // the lines of a cell in quotes
	number  int    // lines read, as an editor counts them: they end with \n, \r\n or \r
}

func newLineReader(r io.Reader, comment byte) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, bufferSize), comment: comment}
}

// next returns the next line with cells, without its end, and its number. The line is valid until
// the next call. At the end of the text the error is io.EOF.
func (l *lineReader) next() (line []byte, number int, err error) {
	for {
		if line, err = l.physical(); err != nil {
			return nil, 0, err
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != l.comment {
			break
		}
	}
	number = l.number
	open := opensQuote(false, line)
	if !open {
		return line, number, nil
	}
	l.joined = append(l.joined[:0], line...)
	for open {
		line, err = l.physical()
		if errors.Is(err, io.EOF) {
			return nil, 0, fmt.Errorf("line %d: a quote that is not closed", number)
		}
		if err != nil {
			return nil, 0, err
		}
		open = opensQuote(true, line)
		l.joined = append(append(l.joined, '\n'), line...)
	}
	return l.joined, number, nil
}

// physical returns the next line as an editor shows it.
func (l *lineReader) physical() ([]byte, error) {
	line := l.rest
	if line == nil {
		var err error
		if line, err = l.untilNewline(); err != nil {
			return nil, err
		}
	}
	l.number++
	l.rest = nil
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		line, l.rest = line[:i], line[i+1:]
	}
	return line, nil
}

// untilNewline returns the text up to the next \n or \r\n, or to the end.
func (l *lineReader) untilNewline() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.buffer = append(l.buffer[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = l.r.ReadSlice('\n')
			l.buffer = append(l.buffer, line...)
		}
		line = l.buffer
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// opensQuote reports whether a line ends within a cell in quotes, for a line that begins within
// one or not. Quotes open at the start of a cell only.
func opensQuote(open bool, line []byte) bool {
	if !open && bytes.IndexByte(line, '"') < 0 {
		return false
	}
	start := !open // at the start of a cell
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case open && c == '"' && i+1 < len(line) && line[i+1] == '"':
			i++
		case open && c == '"':
			open, start = false, false
		case !open && c == '"' && start:
			open = true
		case !open:
			start = bytes.IndexByte([]byte(" \t,;|"), c) >= 0
		}
	}
	return open
}
