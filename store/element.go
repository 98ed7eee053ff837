package store

import (
	"encoding/binary"
	"fmt"
	"math"

	"harmonium/memory"
)

// element is a type of the elements of an array.
type element struct {
	size  int                  // bytes of one element
	value func([]byte) float64 // number that the first size bytes stand for; nil for uint8 and bool, which stay bytes
}

// elementOf returns the element of a kind, b (bool), u (unsigned integer), i (signed integer) or f
// (IEEE 754), of a size in bytes and of a byte order. ok is false if there is no such element.
func elementOf(kind byte, size int, order binary.ByteOrder) (e element, ok bool) {
	value := map[string]func(b []byte) float64{
		"b1": nil,
		"u1": nil,
		"i1": func(b []byte) float64 { return float64(int8(b[0])) },
		"u2": func(b []byte) float64 { return float64(order.Uint16(b)) },
		"i2": func(b []byte) float64 { return float64(int16(order.Uint16(b))) },
		"u4": func(b []byte) float64 { return float64(order.Uint32(b)) },
		"i4": func(b []byte) float64 { return float64(int32(order.Uint32(b))) },
		"u8": func(b []byte) float64 { return float64(order.Uint64(b)) },
		"i8": func(b []byte) float64 { return float64(int64(order.Uint64(b))) },
		"f2": func(b []byte) float64 { return half(order.Uint16(b)) },
		"f4": func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) },
		"f8": func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) },
	}
	e.size = size
	e.value, ok = value[fmt.Sprintf("%c%d", kind, size)]
	return e, ok
}

// typeName names the element of a kind and a size (see elementOf) as NumPy does: uint8, float32.
func typeName(kind byte, size int) string {
	if kind == 'b' {
		return "bool"
	}
	return fmt.Sprintf("%s%d", map[byte]string{'u': "uint", 'i': "int", 'f': "float"}[kind], 8*size)
}

// half returns the value of a binary16 of IEEE 754: 1 bit of sign, 5 of exponent with the bias 15, and 10
// of fraction.
func half(bits uint16) float64 {
	sign := 1 - 2*float64(bits>>15)
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	switch {
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0: // subnormal: fraction/1024 · 2⁻¹⁴
		return sign * math.Ldexp(fraction, -24)
	}
	// (1 + fraction/1024) · 2^(exponent-15)
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// table returns a table of the given shape with the next n elements of s: in Bytes if they stay bytes, else
// in Floats. It reads them into the memory of room, a table that the caller no longer needs, if n elements
// fit there, and allocates otherwise.
func (e element) table(s *stream, shape []int, n int, room Table) (t Table, err error) {
	t.Shape = shape
	if e.value == nil {
		if cap(room.Bytes) >= n {
			t.Bytes = room.Bytes[:n]
			return t, s.fill(t.Bytes, s.offset+n)
		}
		t.Bytes, err = s.take(n)
		return t, err
	}
	t.Floats, err = e.floats(s, n, room.Floats)
	return t, err
}

// floats reads n elements as float32, into the memory of room if n elements fit there. The result is
// never nil. A finite number that float32 rounds to an infinity is an error.
func (e element) floats(s *stream, n int, room []float32) ([]float32, error) {
	out, err := room[:0], error(nil)
	if cap(room) < n || room == nil {
		out, err = roomFor[float32](nil, e.firstRoom(s, n))
	}
	if err != nil {
		return nil, err
	}
	err = e.each(s, n, func(x float64) error {
		if out, err = roomFor(out, n); err != nil {
			return err
		}
		if math.Abs(x) > math.MaxFloat32 && !math.IsInf(x, 0) && math.IsInf(float64(float32(x)), 0) {
			return fmt.Errorf("element %d: %v, want a float32", len(out)+1, x)
		}
		out = append(out, float32(x))
		return nil
	})
	return out, err
}

// indices reads n elements that are integers from 0 to 2³¹-1. It allocates as floats does.
func (e element) indices(s *stream, n int) ([]int32, error) {
	out, err := roomFor[int32](nil, e.firstRoom(s, n))
	if err != nil {
		return nil, err
	}
	err = e.each(s, n, func(x float64) error {
		if out, err = roomFor(out, n); err != nil {
			return err
		}
		if !(x >= 0 && x <= math.MaxInt32) || x != math.Trunc(x) {
			return fmt.Errorf("element %d: %v, want an integer from 0 to %d", len(out)+1, x, math.MaxInt32)
		}
		out = append(out, int32(x))
		return nil
	})
	return out, err
}

// firstRoom returns the number of elements to allocate for at first, of n that a header claims. Without bytes that are
// certain to follow it is at most 1<<18, which is 1 MiB; roomFor grows the room as elements arrive.
func (e element) firstRoom(s *stream, n int) int { return min(n, max(1<<18, s.left()/e.size)) }

// roomFor returns x, or a copy with a larger capacity, so that one more element can be appended. x grows
// to n elements in the end. A nil x gets capacity n at once, and a full x twice its capacity plus one, but
// at most n. roomFor returns an error if the memory for that is not free.
func roomFor[T float32 | int32](x []T, n int) ([]T, error) {
	if x != nil && len(x) < cap(x) {
		return x, nil
	}
	room := n
	if x != nil {
		room = min(n, 2*cap(x)+1)
	}
	if err := memory.Check("its array", 4*float64(room)); err != nil {
		return nil, err
	}
	return append(make([]T, 0, room), x...), nil
}

// elementBlock is the number of elements that are read or written at a time: at most 128 KiB. Chosen: the
// buffer stays small, and the cost of a call is shared by many elements.
const elementBlock = 1 << 14

// each calls f with each of the next n elements of s as a number, until f returns an error.
func (e element) each(s *stream, n int, f func(x float64) error) error {
	value := e.value
	if value == nil { // uint8 or bool
		value = func(b []byte) float64 { return float64(b[0]) }
	}
	raw := make([]byte, e.size*min(elementBlock, n))
	end := s.offset + n*e.size
	for left := n; left > 0; {
		part := raw[:min(len(raw), e.size*left)]
		if err := s.fill(part, end); err != nil {
			return err
		}
		left -= len(part) / e.size
		for ; len(part) > 0; part = part[e.size:] {
			if err := f(value(part)); err != nil {
				return err
			}
		}
	}
	return nil
}
