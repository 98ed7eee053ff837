package store

import (
	"encoding/binary"
	"fmt"
	"math"

	"harmonium/memory"
)

// element is a type of the elements of an array: their size in bytes, and what one is as a number.
// The value of uint8 and bool is nil: they stay bytes.
type element struct {
	size  int
	value func([]byte) float64
}

// elementOf returns a type: kind b (bool), u (unsigned), i (signed) or f (IEEE 754), and bytes.
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

// typeName names a type as NumPy does: uint8, float32.
func typeName(kind byte, size int) string {
	if kind == 'b' {
		return "bool"
	}
	return fmt.Sprintf("%s%d", map[byte]string{'u': "uint", 'i': "int", 'f': "float"}[kind], 8*size)
}

// half returns the value of a number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction.
func half(bits uint16) float64 {
	sign := 1 - 2*float64(bits>>15)
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	switch {
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// table reads n elements of a type into the bytes or the numbers of a table. It takes the memory of another
// table if this one has room for all.
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

// floats reads n elements as float32, into room if it holds all.
func (e element) floats(s *stream, n int, room []float32) ([]float32, error) {
	out, err := room[:0], error(nil)
	if cap(room) < n || room == nil {
		out, err = roomFor[float32](nil, min(n, max(1<<18, s.left()/e.size)))
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

// indices reads n integers from 0 to 2³¹-1.
func (e element) indices(s *stream, n int) ([]int32, error) {
	out, err := roomFor[int32](nil, min(n, max(1<<18, s.left()/e.size)))
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

// roomFor returns x with room for another element of n in all, at most twice the room it has, or all
// if x is nil.
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

// each calls f with n elements, which it reads in blocks.
func (e element) each(s *stream, n int, f func(x float64) error) error {
	const block = 1 << 14
	value := e.value
	if value == nil {
		value = func(b []byte) float64 { return float64(b[0]) }
	}
	raw := make([]byte, e.size*min(block, n))
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
