package store

import (
	"errors"
	"fmt"
	"io"
)

// stream reads pieces of known size and counts the bytes.
type stream struct {
	r      io.Reader
	offset int
}

// take returns the next n bytes. Since n comes from a header that may lie, it allocates as the
// bytes arrive, at most twice their number.
func (s *stream) take(n int) ([]byte, error) {
	buf := make([]byte, 0, min(n, 1<<20))
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(n, 2*cap(buf))), buf...)
		}
		k, err := io.ReadFull(s.r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+k]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, fmt.Errorf("ends at byte %d, want %d bytes", s.offset+len(buf), s.offset+n)
		}
		if err != nil {
			return nil, err
		}
	}
	s.offset += n
	return buf, nil
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
