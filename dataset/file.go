package dataset

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

// decoding is what a reader of a table must know beside the file.
type decoding struct {
	key  string // the array of an NPZ
	free bool   // an empty cell of a CSV is NaN, not an error
}

// withFile opens a regular file for f and puts the path before every error.
func withFile(path string, f func(src io.ReaderAt, size int64) error) error {
	err := openRegular(path, f)
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		err = pathError.Err // its text would name the path again
	}
	if err != nil {
		return fmt.Errorf("dataset: %s: %w", path, err)
	}
	return nil
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

// decode tells the format of a file by its first bytes and reads it.
func decode(src io.ReaderAt, size int64, d decoding) (table, error) {
	var head [4]byte
	n, err := src.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return table{}, err
	}
	stream := io.NewSectionReader(src, 0, size)
	switch {
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")), bytes.HasPrefix(head[:n], []byte("PK\x05\x06")):
		return decodeNPZ(src, size, d.key)
	case bytes.HasPrefix(head[:n], []byte("\x1f\x8b")):
		unpacked, err := newGzipReader(stream, size)
		if err != nil {
			return table{}, err
		}
		return decodeStream(unpacked, d)
	}
	return decodeStream(stream, d)
}

// decodeStream reads a format that needs no seeking.
func decodeStream(r io.Reader, d decoding) (table, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, err := buffered.Peek(16)
	if err != nil && err != io.EOF {
		return table{}, err
	}
	switch {
	case len(head) == 0:
		return table{}, errors.New("empty, want rows")
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return decodeNPY(buffered)
	case bytes.HasPrefix(head, []byte("\x00\x00")):
		return decodeIDX(buffered)
	case isText(head):
		return decodeCSV(buffered, d.free)
	}
	return table{}, fmt.Errorf("starts with bytes % x, want IDX, NPY, NPZ, gzip or CSV", head[:min(len(head), 4)])
}

// isText reports whether there are no control characters but white space.
func isText(head []byte) bool {
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// quote makes text out of a file fit for a message: one short line.
func quote(s string) string {
	const limit = 40
	if len(s) > limit {
		return strconv.Quote(s[:limit]) + "..."
	}
	return strconv.Quote(s)
}
