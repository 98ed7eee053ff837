package store

import (
	"fmt"
	"io"
)

const xzMagic = "\xfd7zXZ\x00"

// checkXZ walks over the parts of an xz file without unpacking it. It returns an error if a block
// asks for a dictionary above maxWindow, which the reader would allocate before it has seen a byte,
// or if the file is cut, which the reader does not notice between blocks. Source: The .xz File
// Format, sections 2 to 4; for the chunks, doc/LZMA2.md of github.com/ulikunitz/xz.
func checkXZ(src io.ReaderAt, size int64) error {
	s := &xzScan{src: src, size: size}
	for s.at < size && s.err == nil {
		s.stream()
	}
	return s.err
}

// xzScan is the place `at` in an xz file. After an error its methods do nothing.
type xzScan struct {
	src  io.ReaderAt
	size int64
	at   int64
	err  error
	buf  [1024]byte
}

// bytes returns the next n bytes, at most 1024, which are zeros after an error.
func (s *xzScan) bytes(n int) []byte {
	b := s.buf[:n]
	if s.err == nil {
		if k, _ := s.src.ReadAt(b, s.at); k == n {
			s.at += int64(n)
			return b
		}
		s.err = fmt.Errorf("ends at byte %d within an xz stream", s.size)
	}
	clear(b)
	return b
}

// skip steps over n bytes.
func (s *xzScan) skip(n int64) {
	if s.at += n; s.at > s.size && s.err == nil {
		s.err = fmt.Errorf("ends at byte %d within an xz stream", s.size)
	}
}

// stream steps over the header of a stream, its blocks, index and footer, and the padding.
func (s *xzScan) stream() {
	start := s.at
	header := s.bytes(12)
	if string(header[:6]) != xzMagic {
		s.fail(start, header[:4])
		return
	}
	// Bytes of the check behind each block, by its type.
	check := []int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[header[7]&15]
	for s.err == nil {
		length := int(s.bytes(1)[0]) // the header of a block has 4·(length+1) bytes with this one
		if length == 0 {
			s.index()
			return
		}
		s.block(4*length + 3)
		s.chunks()
		s.skip(-s.at&3 + check) // padding to a multiple of 4, and the check
	}
}

func (s *xzScan) fail(at int64, found []byte) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: % x, want an xz stream", at, found)
	}
}

// block reads the length bytes of a block's header that follow its first byte.
func (s *xzScan) block(length int) {
	at := s.at
	header := s.bytes(length)
	fields := header[1:]
	for _, bit := range []byte{0x40, 0x80} { // optional sizes, each an integer as in s.integer
		if header[0]&bit == 0 {
			continue
		}
		for len(fields) > 3 && fields[0]&0x80 != 0 {
			fields = fields[1:]
		}
		fields = fields[1:]
	}
	const lzma2 = 0x21
	if s.err == nil && (header[0]&3 != 0 || len(fields) < 3 || fields[0] != lzma2 || fields[1] != 1) {
		s.err = fmt.Errorf("byte %d: a filter other than LZMA2, want what xz writes by itself", at)
	}
	if s.err != nil {
		return
	}
	bits := fields[2] & 0x3f
	if dictionary := int64(2|bits&1) << (bits/2 + 11); dictionary > maxWindow {
		s.err = fmt.Errorf("a dictionary of %d bytes, want at most %d", dictionary, int64(maxWindow))
	}
}

// chunks steps over the LZMA2 chunks of a block.
func (s *xzScan) chunks() {
	for s.err == nil {
		at := s.at
		control := s.bytes(1)[0]
		switch {
		case control == 0:
			return
		case control < 3: // not compressed
			length := s.bytes(2)
			s.skip(int64(length[0])<<8 + int64(length[1]) + 1)
		case control < 0x80:
			s.fail(at, []byte{control})
		default:
			sizes := s.bytes(4) // unpacked, then packed
			s.skip(int64(sizes[2])<<8 + int64(sizes[3]) + 1)
			if control >= 0xc0 {
				s.skip(1) // properties
			}
		}
	}
}

// index steps over the rest of an index, the footer and the padding of a stream.
func (s *xzScan) index() {
	start := s.at - 1 // the zero byte that stream has read
	for records := s.integer(); records > 0 && s.err == nil; records-- {
		s.integer()
		s.integer()
	}
	const sum, footer = 4, 12
	s.skip((start-s.at)&3 + sum + footer)
	for s.at < s.size && s.err == nil {
		if padding := s.bytes(4); padding[0] != 0 {
			s.at -= 4
			return
		}
	}
}

// integer reads an integer of 7 bits a byte, lowest first.
func (s *xzScan) integer() (x uint64) {
	at := s.at
	for shift := 0; shift < 63; shift += 7 {
		b := s.bytes(1)[0]
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
	}
	s.fail(at, []byte{0xff})
	return 0
}
