package store

import (
	"errors"
	"fmt"
	"io"

	"harmonium/memory"
)

// stream reads pieces of known size and counts the bytes.
type stream struct {
	r      io.Reader
	offset int // bytes read so far
	known  int // number of bytes that are certain to be there, from the start; 0 if unknown
}

// left returns how many bytes are certain to follow.
func (s *stream) left() int { return max(0, s.known-s.offset) }

// take returns the next n bytes. Since n comes from a header that may lie, it allocates for bytes that are
// certain to follow, else 1 MiB and then, as bytes arrive, at most twice their number.
func (s *stream) take(n int) ([]byte, error) {
	room := min(n, max(1<<20, s.left()))
	if err := memory.Check("its array", float64(room)); err != nil {
		return nil, err
	}
	buf := make([]byte, 0, room)
	end := s.offset + n
	for len(buf) < n {
		if len(buf) == cap(buf) {
			if err := memory.Check("its array", float64(min(n, 2*cap(buf)))); err != nil {
				return nil, err
			}
			buf = append(make([]byte, 0, min(n, 2*cap(buf))), buf...)
		}
		part := buf[len(buf):cap(buf)]
		if err := s.fill(part, end); err != nil {
			return nil, err
		}
		buf = buf[:cap(buf)]
	}
	return buf, nil
}

// fill reads len(part) bytes. They belong to a piece that ends before byte `end` of the stream, which the
// error for a stream that is too short names.
func (s *stream) fill(part []byte, end int) error {
	n, err := io.ReadFull(s.r, part)
	s.offset += n
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("ends at byte %d, want %d bytes", s.offset, end)
	}
	return err
}

// end returns an error unless the stream ends here. A compressed stream checks its sum here.
func (s *stream) end() error {
	_, err := io.ReadFull(s.r, make([]byte, 1))
	if err == nil {
		return fmt.Errorf("goes on after byte %d, want the end of the file", s.offset)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// readAll reads a stream to its end. From a stream of more than limit bytes it reads limit+1 bytes, by which
// the caller detects it. It allocates at most twice the bytes that have arrived.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	r = io.LimitReader(r, limit+1)
	buf := make([]byte, 0, 1<<16)
	for {
		if len(buf) == cap(buf) {
			if err := memory.Check("the content", 2*float64(cap(buf))); err != nil {
				return nil, err
			}
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
