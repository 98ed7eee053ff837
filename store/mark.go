package store

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// withoutMark skips the byte order mark of a text that begins with head, and turns UTF-16 with a mark
// into UTF-8.
func withoutMark(r *bufio.Reader, head []byte) *bufio.Reader {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		r.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		high := int(head[0] & 1) // FF FE marks little-endian text
		r.Discard(2)
		return bufio.NewReaderSize(&utf16Reader{r: r, high: high}, bufferSize)
	}
	return r
}

// utf16Reader turns UTF-16 into UTF-8. What is no character becomes U+FFFD.
type utf16Reader struct {
	r    io.ByteReader
	high int    // index of the high byte in a pair: 1 in little-endian text
	out  []byte // not yet read
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	const most = 1 << 12 // bytes of UTF-8 that are made at a time; chosen
	for len(u.out) < min(len(p), most) {
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
