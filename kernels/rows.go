package kernels

// Binarization is how the values of a data set become states.
type Binarization int

const (
	AsIs      Binarization = iota // the values themselves
	Threshold                     // 1 where the value is above the threshold
	Static                        // one draw per row of the data set, the same in every epoch
	Dynamic                       // a new draw in every epoch
)

// Batch describes rows taken from a data set of values in [0,1]. A value is the bit of a unit, or
// the probability that the bit is 1.
type Batch struct {
	Bytes   []uint8   // the data set (.., Columns); a byte b stands for b/255
	Floats  []float32 // the data set as floats; exactly one of Bytes and Floats is set
	Rows    []int32   // the numbers of the rows in the data set
	Columns int
	Units   Units // the kinds of the columns, which define the worth of the values

	Binarize  Binarization
	Threshold float32
	Draw      Draw // Row is 0; Update is the epoch for Dynamic, else 0
}

// Draws reports whether the states of the rows are drawn. If so, they go to the States alone.
func (b *Batch) Draws() bool { return b.Binarize == Static || b.Binarize == Dynamic }

// Gather is [Set.Gather] of the definition.
func Gather(x []float32, s States, b *Batch, lo, hi int) int {
	return Definition.Gather(x, s, b, lo, hi)
}

// Gather takes the rows lo ≤ n < hi of a batch from its data set. It is
//
//	for n := lo; n < hi; n++ {
//		for j := range columns {
//			value := data[rows[n],j]
//			AsIs              x[n,j] = low_j + (high_j-low_j)*value
//			Threshold         x[n,j] = high_j if value > threshold, else low_j
//			Static, Dynamic   s[n,j] = 1 if u(d,rows[n],j) < value, else 0
//		}
//	}
//
// with x and s (len(rows), columns), low_j and high_j the worth of the bits of unit j, and u the
// uniform number in [0,1) of [Draw]. A row of the data set has the same random numbers wherever
// it is in the batch.
//
// AsIs and Threshold also write s, which holds the rows if all values are 0 or 1. Static and
// Dynamic do not write x. Every implementation returns the same bits. Gather returns the number
// of ones in s. It panics if a slice is shorter than its shape.
func (k *Set) Gather(x []float32, s States, b *Batch, lo, hi int) int {
	b.check(lo, hi)
	switch {
	case !b.Draws():
		return b.copyRows(x, s, lo, hi)
	case b.Bytes != nil:
		return k.Binarize(s, b.Bytes, b.Rows, b.Draw, lo, hi, b.Columns)
	}
	ones := 0
	for n := lo; n < hi; n++ {
		index, d := int(b.Rows[n]), b.Draw
		d.Row += uint32(index)
		means := ByRows(b.Floats[index*b.Columns:(index+1)*b.Columns], b.Columns)
		ones += k.Activate(Activation{Rows: 1, Columns: b.Columns, Mean: means, States: s.From(n), Draw: d}, 0, b.Columns)
	}
	return ones
}

// copyRows is Gather for rows that are not drawn.
func (b *Batch) copyRows(x []float32, s States, lo, hi int) int {
	if len(x) < hi*b.Columns {
		panic("kernels: gather: the result is shorter than its shape")
	}
	s.check(hi, b.Columns)
	s.Units = b.Units
	ones := 0
	for n := lo; n < hi; n++ {
		row := x[n*b.Columns : (n+1)*b.Columns]
		from, to := int(b.Rows[n])*b.Columns, (int(b.Rows[n])+1)*b.Columns
		if b.Bytes != nil {
			for j, v := range b.Bytes[from:to] {
				row[j] = b.value(byteValue(v))
			}
		} else {
			for j, v := range b.Floats[from:to] {
				row[j] = b.value(v)
			}
		}
		b.Units.worth(row)
		s.From(n).Pack(row, 1)
		ones += s.From(n).Count(1)
	}
	return ones
}

func (b *Batch) check(lo, hi int) {
	b.Units.check(b.Columns)
	if len(b.Rows) < hi {
		panic("kernels: gather: the batch is shorter than its shape")
	}
	for _, index := range b.Rows[lo:hi] {
		if index < 0 || max(len(b.Bytes), len(b.Floats)) < (int(index)+1)*b.Columns {
			panic("kernels: gather: a row number of the batch is outside of the data")
		}
	}
}

// value applies the threshold, if there is one, to a value of the data set.
func (b *Batch) value(x float32) float32 {
	if b.Binarize != Threshold {
		return x
	}
	if x > b.Threshold {
		return 1
	}
	return 0
}
