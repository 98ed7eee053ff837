package dataset

// rooms is memory that is used again for each chunk of rows. A nil *rooms allocates each time.
type rooms struct {
	bytes  []uint8
	floats []float32
}

// takeBytes returns n bytes, which are not cleared.
func (r *rooms) takeBytes(n int) []uint8 {
	if r == nil {
		return make([]uint8, n)
	}
	r.bytes = sized(r.bytes, n)
	return r.bytes
}

// takeFloats returns n numbers, which are not cleared.
func (r *rooms) takeFloats(n int) []float32 {
	if r == nil {
		return make([]float32, n)
	}
	r.floats = sized(r.floats, n)
	return r.floats
}

// sized returns a slice of the given length, in the memory of x if its capacity suffices.
func sized[T any](x []T, size int) []T {
	if cap(x) < size {
		return make([]T, size)
	}
	return x[:size]
}
