package store

import (
	"compress/gzip"
	"fmt"
	"io"
)

// A compressed file may unpack to freeBytes, or to maxRatio times its size if that is more.
// Deflate reaches a ratio of 1032 on constant data; MNIST has 4.8.
const (
	freeBytes = 64 << 20
	maxRatio  = 256
)

// budget counts the bytes that may still be unpacked from one file.
type budget struct{ total, left int64 }

func newBudget(fileSize int64) *budget {
	total := max(freeBytes, maxRatio*fileSize)
	return &budget{total, total}
}

// unpacker reads a compressed stream within the budget. Its errors name the stream and the place.
type unpacker struct {
	r      io.Reader
	format string
	offset int64
	budget *budget
}

func newGzipReader(r io.Reader, fileSize int64) (*unpacker, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("bad gzip header: %w", err)
	}
	return &unpacker{r: z, format: "gzip", budget: newBudget(fileSize)}, nil
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.offset += int64(n)
	u.budget.left -= int64(n)
	if u.budget.left < 0 {
		return 0, fmt.Errorf("unpacks to more than %d bytes, want at most %d times its size", u.budget.total, maxRatio)
	}
	if err != nil && err != io.EOF {
		return n, fmt.Errorf("bad %s data at unpacked byte %d: %w", u.format, u.offset, err)
	}
	return n, err
}
