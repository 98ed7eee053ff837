package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Options holds the settings of [Decode].
type Options struct {
	Name   string // path of the file, for the lines in errors that convert it; may be empty
	Key    string // array of a file with several; may be empty if only one holds rows
	Header string // HeaderAuto, HeaderYes or HeaderNo, for text
	Cells  bool   // put the cells of all columns of a text, as they are written, into Table.Words
	Piped  *Piped // keeps what ReadTable reads from standard input and pipes; may be nil
}

// wantFormats names the formats, for errors.
const wantFormats = "want CSV, NPY, NPZ, MAT, IDX, libsvm or ARFF"

// Decode detects the format of a file from its first bytes and reads its array. An error names
// the place in the file, what was found and what was expected.
func Decode(src io.ReaderAt, size int64, o Options) (Table, error) {
	d := &decoder{Options: o, budget: newBudget(size), from: origin{name: o.Name}}
	t, err := d.decode(src, size, 0)
	t.Shape = squeeze(t.Shape)
	return t, err
}

// decoder reads one file and the files packed within it.
type decoder struct {
	Options
	budget *budget
	from   origin
}

// decode reads a file that has been unpacked `layers` times.
func (d *decoder) decode(src io.ReaderAt, size int64, layers int) (Table, error) {
	var head [packedHead]byte
	n, err := src.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return Table{}, err
	}
	if isZip(head[:n]) {
		return d.zip(src, size, layers)
	}
	if i := compressionOf(head[:n]); i >= 0 {
		r, err := unpack(i, src, size, d.budget)
		if err != nil {
			return Table{}, err
		}
		d.from.layers = append(d.from.layers, compressions[i].name)
		return d.unpacked(r, layers+1)
	}
	return d.stream(bufio.NewReaderSize(io.NewSectionReader(src, 0, size), bufferSize), int(size))
}

const (
	bufferSize = 1 << 16 // bytes that readers of a stream hold; chosen
	packedHead = 8       // first bytes that show whether and how a file is packed: at least 6, for xz
	textHead   = 16      // first bytes that distinguish a text from a binary file; chosen
)

// peek returns the next n bytes, or all of a shorter stream, without taking them.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	head, err := r.Peek(n)
	if err == io.EOF {
		err = nil
	}
	return head, err
}

// unpacked reads the content of a packed file. A file within it that is packed itself is unpacked
// into memory first, as a zip is read from its end.
func (d *decoder) unpacked(r io.Reader, layers int) (Table, error) {
	if layers > maxLayers {
		return Table{}, fmt.Errorf("compressed or packed more than %d times", maxLayers)
	}
	buffered := bufio.NewReaderSize(r, bufferSize)
	head, err := peek(buffered, packedHead)
	if err != nil {
		return Table{}, err
	}
	if !isZip(head) && compressionOf(head) < 0 {
		return d.stream(buffered, 0)
	}
	content, err := readAll(buffered, d.budget.total)
	if err != nil {
		return Table{}, err
	}
	return d.decode(bytes.NewReader(content), int64(len(content)), layers)
}

// stream reads a format that needs no seeking. known is the number of bytes, or 0 if it is unknown.
func (d *decoder) stream(r *bufio.Reader, known int) (Table, error) {
	head, err := peek(r, foreignHead)
	if err != nil {
		return Table{}, err
	}
	if len(head) == 0 {
		return Table{}, errors.New("empty, want rows")
	}
	r = withoutMark(r, head)
	if head, err = peek(r, foreignHead); err != nil {
		return Table{}, err
	}
	if err := foreign(head, d.from); err != nil {
		return Table{}, err
	}
	s := &stream{r: r, known: known}
	switch short := head[:min(len(head), textHead)]; {
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return decodeNPY(s, d.from)
	case bytes.HasPrefix(head, []byte("\x00\x00")):
		return decodeIDX(s)
	case bytes.HasPrefix(head, []byte(matMagic)):
		return d.decodeMAT(s)
	case isText(short) && isARFF(head):
		return d.decodeARFF(r)
	case isText(short) && isLibsvm(head):
		return decodeLibsvm(r)
	case isText(short):
		return decodeText(r, d.Header, d.Cells)
	case len(short) > 3 && isText([]byte{short[0], short[2]}) && short[1] == 0 && short[3] == 0:
		return Table{}, errors.New("UTF-16 text without a byte order mark; convert it by: iconv -f UTF-16LE -t UTF-8")
	case len(short) > 3 && isText([]byte{short[1], short[3]}) && short[0] == 0 && short[2] == 0:
		return Table{}, errors.New("UTF-16 text without a byte order mark; convert it by: iconv -f UTF-16BE -t UTF-8")
	case len(short) > 3 && isText(short[:4]):
		i := slices.IndexFunc(short, func(b byte) bool { return !isText([]byte{b}) })
		return Table{}, fmt.Errorf("byte %d: %02x, which no text has, %s", i, short[i], wantFormats)
	}
	return Table{}, fmt.Errorf("starts with bytes % x, %s", head[:min(len(head), 4)], wantFormats)
}

// isText reports whether head has no control characters except tabs and ends of lines.
func isText(head []byte) bool {
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// quote quotes the first 40 bytes of a text from a file, for an error.
func quote(s string) string {
	const limit = 40
	if len(s) > limit {
		return strconv.Quote(s[:limit]) + "..."
	}
	return strconv.Quote(s)
}
