package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// Options holds the settings of [Decode].
type Options struct {
	Key    string // array of an NPZ file; may be empty if only one has two or three dimensions
	Header string // HeaderAuto, HeaderYes or HeaderNo, for text
}

// WithFile calls f with the content of a regular file. Its errors do not name the path: the
// caller adds it.
func WithFile(path string, f func(src io.ReaderAt, size int64) error) error {
	err := openRegular(path, f)
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func openRegular(path string, f func(src io.ReaderAt, size int64) error) error {
	info, err := os.Stat(path) // before opening, which would wait on a pipe
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return errors.New("a directory, want a file")
	case !info.Mode().IsRegular():
		return errors.New("a device or pipe, want a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(file, info.Size())
}

// Decode detects the format of a file from its first bytes and reads its array. An error names
// the place in the file, what was found and what was expected.
func Decode(src io.ReaderAt, size int64, o Options) (Table, error) {
	var head [4]byte
	n, err := src.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return Table{}, err
	}
	stream := io.NewSectionReader(src, 0, size)
	switch {
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")), bytes.HasPrefix(head[:n], []byte("PK\x05\x06")):
		return decodeNPZ(src, size, o.Key)
	case bytes.HasPrefix(head[:n], []byte("\x1f\x8b")):
		unpacked, err := newGzipReader(stream, size)
		if err != nil {
			return Table{}, err
		}
		return decodeStream(unpacked, o)
	}
	return decodeStream(stream, o)
}

// decodeStream reads a format that needs no seeking.
func decodeStream(r io.Reader, o Options) (Table, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, err := buffered.Peek(16)
	if err != nil && err != io.EOF {
		return Table{}, err
	}
	switch {
	case len(head) == 0:
		return Table{}, errors.New("empty, want rows")
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return decodeNPY(buffered)
	case bytes.HasPrefix(head, []byte("\x00\x00")):
		return decodeIDX(buffered)
	case isText(head), bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return decodeText(buffered, o.Header)
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
