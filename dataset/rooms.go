package dataset

// rooms is memory that chunks of rows are put into, one after another. A nil one is new memory for each.
type rooms struct {
	bytes  []uint8
	floats []float32
}

// takeBytes returns n bytes of any values.
func (r *rooms) takeBytes(n int) []uint8 {
	if r == nil {
		return make([]uint8, n)
	}
	r.bytes = sized(r.bytes, n)
	return r.bytes
}

// takeFloats returns n numbers of any values.
func (r *rooms) takeFloats(n int) []float32 {
	if r == nil {
		return make([]float32, n)
	}
	r.floats = sized(r.floats, n)
	return r.floats
}

// sized returns a slice of the given length, in the memory of x if it has room.
func sized[T any](x []T, size int) []T {
	if cap(x) < size {
		return make([]T, size)
	}
	return x[:size]
}
