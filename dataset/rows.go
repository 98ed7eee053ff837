package dataset

import "slices"

// Rows is a matrix of N rows and V columns. Values are in [0,1], except in columns of real numbers, which hold
// any finite numbers. Exactly one of Bytes and Floats holds the values, row after row; neither does for rows that
// stay in their file, see Stored.
type Rows struct {
	N, V    int
	Bytes   []uint8   // (N, V), value b/255
	Floats  []float32 // (N, V)
	Real    []bool    // (V), true for columns of real numbers; nil if there are none
	Missing []uint8   // (N, V), 255 where a cell is missing and its value means nothing, else 0; nil if none is missing
	Labels  []string  // (N), the class of each row; nil if there are none
	Weights []float32 // (N), how much each row counts, at least 0; nil if all count alike
	Origin  *Origin   // where the rows are from; nil for rows in memory

	stored *stored // where the values are read from; nil if they are in memory
}

// isReal reports whether a column holds real numbers.
func (r *Rows) isReal(j int) bool { return r.Real != nil && r.Real[j] }

// Binary reports whether every value is 0 or 1.
func (r *Rows) Binary() bool {
	if s := r.stored; s != nil {
		return s.known().binary
	}
	for _, b := range r.Bytes {
		if b != 0 && b != 255 {
			return false
		}
	}
	for _, x := range r.Floats {
		if x != 0 && x != 1 {
			return false
		}
	}
	return true
}

// Means returns the mean of the known cells of each column, (V). For Bytes the sums are integers
// and therefore exact.
func (r *Rows) Means() []float64 {
	if r.Missing != nil {
		return r.knownMeans(func(int) float64 { return 1 })
	}
	if s := r.stored; s != nil {
		return slices.Clone(s.known().means)
	}
	means, sums := make([]float64, r.V), make([]uint64, r.V)
	r.addTo(means, sums)
	return meansOf(means, sums, r.N, r.Bytes != nil)
}

// addTo adds the values of each column to floats (V), or to sums (V) if they are bytes.
func (r *Rows) addTo(floats []float64, sums []uint64) {
	for n := range r.N {
		if r.Floats != nil {
			for i, x := range r.Floats[n*r.V : (n+1)*r.V] {
				floats[i] += float64(x)
			}
			continue
		}
		for i, b := range r.Bytes[n*r.V : (n+1)*r.V] {
			sums[i] += uint64(b)
		}
	}
}

// meansOf returns the means of n rows from the sums of addTo.
func meansOf(floats []float64, sums []uint64, n int, bytes bool) []float64 {
	if !bytes {
		return divided(floats, float64(n))
	}
	for i, sum := range sums {
		floats[i] = float64(sum)
	}
	return divided(floats, 255*float64(n))
}

// Extremes returns the least and the greatest value.
func (r *Rows) Extremes() (low, high float32) {
	switch {
	case r.stored != nil:
		a := r.stored.known()
		return a.low, a.high
	case r.Bytes != nil:
		return float32(slices.Min(r.Bytes)) / 255, float32(slices.Max(r.Bytes)) / 255
	}
	return slices.Min(r.Floats), slices.Max(r.Floats)
}

// divided returns x after dividing it by a number in place.
func divided(x []float64, divisor float64) []float64 {
	for i := range x {
		x[i] /= divisor
	}
	return x
}

// Row writes row n to dst, (V). It panics if dst is shorter or n out of range. A row that cannot be read
// from its file is all 0, and Err returns the error.
func (r *Rows) Row(dst []float32, n int) {
	dst = dst[:r.V]
	if r.stored != nil {
		r.stored.row(dst, n)
		return
	}
	if r.Floats != nil {
		copy(dst, r.Floats[n*r.V:(n+1)*r.V])
		return
	}
	for i, b := range r.Bytes[n*r.V : (n+1)*r.V] {
		dst[i] = float32(b) / 255
	}
}

// value returns the value of a cell of rows in memory.
func (r *Rows) value(n, j int) float64 {
	if r.Floats != nil {
		return float64(r.Floats[n*r.V+j])
	}
	return float64(r.Bytes[n*r.V+j]) / 255
}

// Slice returns rows from, from+1, …, to-1, which share the memory of r.
func (r *Rows) Slice(from, to int) *Rows {
	if r.stored != nil {
		list := allOf(to - from)
		for i := range list {
			list[i] += from
		}
		return r.Select(list)
	}
	part := &Rows{N: to - from, V: r.V, Real: r.Real, Origin: r.Origin}
	if r.Floats != nil {
		part.Floats = r.Floats[from*r.V : to*r.V]
	} else {
		part.Bytes = r.Bytes[from*r.V : to*r.V]
	}
	if r.Missing != nil {
		part.Missing = marked(r.Missing[from*r.V : to*r.V])
	}
	if r.Labels != nil {
		part.Labels = r.Labels[from:to]
	}
	if r.Weights != nil {
		part.Weights = r.Weights[from:to]
	}
	return part
}

// Select returns a copy of the rows whose numbers are given, in that order. Rows that stay in their file
// still do.
func (r *Rows) Select(rows []int) *Rows {
	if r.stored != nil {
		part := &Rows{N: len(rows), V: r.V, Real: r.Real, Labels: gather(r.Labels, 1, rows), Origin: r.Origin,
			stored: r.stored.chosen(rows)}
		part.Weights = part.stored.weights
		return part
	}
	return &Rows{
		N:       len(rows),
		V:       r.V,
		Real:    r.Real,
		Bytes:   gather(r.Bytes, r.V, rows),
		Floats:  gather(r.Floats, r.V, rows),
		Missing: marked(gather(r.Missing, r.V, rows)),
		Labels:  gather(r.Labels, 1, rows),
		Weights: gather(r.Weights, 1, rows),
		Origin:  r.Origin,
	}
}

// gather returns a copy of the given rows of data (n, width), or nil if data is nil.
func gather[T any](data []T, width int, rows []int) []T {
	if data == nil {
		return nil
	}
	out := make([]T, 0, len(rows)*width)
	for _, n := range rows {
		out = append(out, data[n*width:(n+1)*width]...)
	}
	return out
}

// packed moves values that are all 0 or 1 from Floats to Bytes, and returns r.
func (r *Rows) packed(room *rooms) *Rows {
	if r.Floats == nil || !r.Binary() {
		return r
	}
	r.Bytes = room.takeBytes(len(r.Floats))
	for i, x := range r.Floats {
		r.Bytes[i] = uint8(255 * x)
	}
	r.Floats = nil
	return r
}
