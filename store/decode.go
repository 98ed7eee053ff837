package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Options holds the settings of [Decode].
type Options struct {
	Key    string // array of a file with several; may be empty if only one holds rows
	Header string // HeaderAuto, HeaderYes or HeaderNo, for text
}

// Decode detects the format of a file from its first bytes and reads its array. An error names
// the place in the file, what was found and what was expected.
func Decode(src io.ReaderAt, size int64, o Options) (Table, error) {
	return (&decoder{Options: o, budget: newBudget(size)}).decode(src, size, 0)
}

// decoder reads one file and the files packed within it.
type decoder struct {
	Options
	budget *budget
}

// decode reads a file that is packed within the given number of others.
func (d *decoder) decode(src io.ReaderAt, size int64, layers int) (Table, error) {
	var head [8]byte
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
		return d.unpacked(r, layers+1)
	}
	return d.stream(bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 1<<16))
}

// unpacked reads the content of a packed file. A file within it that is packed itself is unpacked
// into memory first, as a zip is read from its end.
func (d *decoder) unpacked(r io.Reader, layers int) (Table, error) {
	if layers > maxLayers {
		return Table{}, fmt.Errorf("compressed or packed more than %d times", maxLayers)
	}
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, err := buffered.Peek(8)
	if err != nil && err != io.EOF {
		return Table{}, err
	}
	if !isZip(head) && compressionOf(head) < 0 {
		return d.stream(buffered)
	}
	content, err := io.ReadAll(buffered)
	if err != nil {
		return Table{}, err
	}
	return d.decode(bytes.NewReader(content), int64(len(content)), layers)
}

// stream reads a format that needs no seeking.
func (d *decoder) stream(r *bufio.Reader) (Table, error) {
	head, err := r.Peek(16)
	if err != nil && err != io.EOF {
		return Table{}, err
	}
	switch {
	case len(head) == 0:
		return Table{}, errors.New("empty, want rows")
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return decodeNPY(r)
	case bytes.HasPrefix(head, []byte("\x00\x00")):
		return decodeIDX(r)
	case isText(head), bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return decodeText(r, d.Header)
	}
	return Table{}, fmt.Errorf("starts with bytes % x, want IDX, NPY, NPZ, gzip or text", head[:min(len(head), 4)])
}

// isText reports whether the text has no control characters except white space.
func isText(head []byte) bool {
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// quote shortens text from a file to one line and quotes it, for an error.
func quote(s string) string {
	const limit = 40
	if len(s) > limit {
		return strconv.Quote(s[:limit]) + "..."
	}
	return strconv.Quote(s)
}
