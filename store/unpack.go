package store

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// A compressed file may unpack to freeBytes, or to maxRatio times its size if that is more. Both are chosen: real data
// packs far less tightly (MNIST by 4.8), and a bomb more (Deflate reaches 1032 on constant data).
const (
	freeBytes = 64 << 20
	maxRatio  = 256
)

// maxWindow limits the window of zstd and the dictionary of xz, which a header claims and which
// their readers allocate at once. It is the limit of the command zstd, and twice the dictionary of xz -9.
const maxWindow = 128 << 20

// maxLayers limits how often a file may be compressed or packed within another. Chosen: two layers are common, such
// as gzip in a zip, and each one is unpacked into memory.
const maxLayers = 3

// budget counts the bytes that may still be unpacked from one file.
type budget struct {
	file  int64 // size of the file in bytes
	total int64 // bytes that may be unpacked in all
	left  int64 // bytes of total that have not been unpacked yet
}

// newBudget returns the budget of a file of the given size.
func newBudget(fileSize int64) *budget {
	total := max(freeBytes, maxRatio*fileSize)
	return &budget{fileSize, total, total}
}

// unpacker reads a compressed stream within the budget. Its errors name the stream and the place.
type unpacker struct {
	r      io.Reader
	format string
	offset int64
	budget *budget
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.offset += int64(n)
	u.budget.left -= int64(n)
	if u.budget.left < 0 {
		return 0, fmt.Errorf("unpacks to more than %d bytes, want at most %d times its size", u.budget.total, maxRatio)
	}
	if err != nil && err != io.EOF {
		return n, fmt.Errorf("bad %s data at unpacked byte %d: %w", u.format, u.offset, plain(err))
	}
	return n, err
}

// plain makes an error of a library one line.
func plain(err error) error {
	if text := err.Error(); strings.ContainsAny(text, "\r\n") {
		return errors.New(strings.Join(strings.Fields(text), " "))
	}
	return err
}

// compressions are the ways to compress a stream, with their first bytes.
var compressions = []struct {
	name, magic string
	open        func(src io.ReaderAt, size int64) (io.Reader, error)
}{
	{"gzip", "\x1f\x8b", func(src io.ReaderAt, size int64) (io.Reader, error) {
		return gzip.NewReader(io.NewSectionReader(src, 0, size))
	}},
	{"bzip2", "BZh", func(src io.ReaderAt, size int64) (io.Reader, error) {
		return bzip2.NewReader(io.NewSectionReader(src, 0, size)), nil
	}},
	{"xz", xzMagic, func(src io.ReaderAt, size int64) (io.Reader, error) {
		if err := checkXZ(src, size); err != nil {
			return nil, err
		}
		// DictCap is the least dictionary: the reader takes a larger one that the file asks for.
		return xz.ReaderConfig{DictCap: 1 << 16}.NewReader(io.NewSectionReader(src, 0, size))
	}},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"zstd", "\x50\x2a\x4d\x18", openZstd}, // with a frame to be skipped, as pzstd writes
}

func openZstd(src io.ReaderAt, size int64) (io.Reader, error) {
	return zstd.NewReader(io.NewSectionReader(src, 0, size), // with one decoder there is nothing to close
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

// compressionOf returns the index in compressions of a file with the given first bytes, or -1.
func compressionOf(head []byte) int {
	for i, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) && (c.name != "bzip2" || isBzip2(head)) {
			return i
		}
	}
	return -1
}

// isBzip2 distinguishes a bzip2 file from a text that begins with its three letters: by the size of the blocks, 1
// to 9, and the first byte of the marks of a block (0x31) or of the end (0x17).
func isBzip2(head []byte) bool {
	return len(head) > 4 && head[3] >= '1' && head[3] <= '9' && (head[4] == 0x31 || head[4] == 0x17)
}

// unpack opens a file of a compression.
func unpack(i int, src io.ReaderAt, size int64, b *budget) (io.Reader, error) {
	c := compressions[i]
	r, err := c.open(src, size)
	if err != nil {
		return nil, fmt.Errorf("bad %s header: %w", c.name, plain(err))
	}
	return &unpacker{r: r, format: c.name, budget: b}, nil
}
