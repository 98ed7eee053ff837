package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// lineReader reads the lines of a text that hold cells: not blank ones, and none that begin with
// #. A cell in quotes may go over several lines.
type lineReader struct {
	r      *bufio.Reader
	rest   []byte // what follows a lone carriage return
	buffer []byte // of a line that r does not hold as a whole
	joined []byte // of several lines
	number int    // lines read, as an editor counts them: they end with \n, \r\n or \r
}

// newLineReader skips a byte order mark and turns UTF-16 that begins with one into UTF-8.
func newLineReader(r io.Reader) *lineReader {
	text := bufio.NewReaderSize(r, 1<<16)
	head, _ := text.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		text.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		text.Discard(2)
		text = bufio.NewReaderSize(&utf16Reader{r: text, high: int(head[0] & 1)}, 1<<16)
	}
	return &lineReader{r: text}
}

// next returns the next line with cells, without its end, and its number. The line is valid until
// the next call. At the end of the text the error is io.EOF.
func (l *lineReader) next() (line []byte, number int, err error) {
	for {
		if line, err = l.physical(); err != nil {
			return nil, 0, err
		}
		if text := bytes.TrimLeft(line, " \t"); len(text) > 0 && text[0] != '#' {
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

// physical returns the next line of the text.
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
	start := !open
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

// utf16Reader turns UTF-16 into UTF-8. What is no character becomes U+FFFD.
type utf16Reader struct {
	r    io.ByteReader
	high int    // index of the high byte in a pair: 1 in little-endian text
	out  []byte // not yet read
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) < min(len(p), 1<<12) {
		c, err := u.unit()
		if err == nil && utf16.IsSurrogate(c) {
			var low rune
			if low, err = u.unit(); err == nil {
				c = utf16.DecodeRune(c, low)
			}
		}
		if errors.Is(err, io.EOF) && len(u.out) > 0 {
			break
		}
		if err != nil {
			return 0, err
		}
		u.out = utf8.AppendRune(u.out, c)
	}
	n := copy(p, u.out)
	u.out = append(u.out[:0], u.out[n:]...)
	return n, nil
}

// unit reads a pair of bytes. An odd last byte is left out.
func (u *utf16Reader) unit() (rune, error) {
	var pair [2]byte
	for i := range pair {
		b, err := u.r.ReadByte()
		if err != nil {
			return 0, err
		}
		pair[i] = b
	}
	return rune(pair[u.high])<<8 | rune(pair[1-u.high]), nil
}
