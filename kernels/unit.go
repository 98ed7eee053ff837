package kernels

import "math/bits"

// Temper changes the field of a unit type along a path of distributions: with
// inverse temperature Beta and the field Base of the base model, the mean is
// σ(Beta·z + (1-Beta)·Base). A nil Base is zero. The zero Temper is not the
// identity: the model itself is Beta 1 (see [Model]).
type Temper struct {
	Beta  float32
	Betas []float32 // (rows), one for each row instead of Beta; or nil
	Base  []float32 // (columns) or nil
}

// Model is the [Temper] of the model itself.
var Model = Temper{Beta: 1}

// Mean writes the mean activation of Bernoulli units given their field. It is
//
//	for n := range rows {
//		for j := range columns {
//			t := beta*z[n,j] + (1-beta)*base[j]
//			p[n,j] = σ(t)
//		}
//	}
//
// with p and z (rows, columns); p may be z. Where base is nil, t is beta*z[n,j]. Every
// implementation returns the same bits for the same z. Mean panics if a slice is shorter
// than its shape.
func Mean(p, z []float32, t Temper, rows, columns int) {
	Activate(Activation{
		Rows: rows, Columns: columns, Field: ByRows(z, columns), Temper: t, Mean: ByRows(p, columns),
	}, 0, rows*columns)
}

// row writes the means of row n in the columns from j on, given their fields.
func (t Temper) row(p, z []float32, n, j int) {
	beta := t.Beta
	if t.Betas != nil {
		beta = t.Betas[n]
	}
	if t.Base == nil {
		for i, v := range z {
			p[i] = Sigmoid(float32(beta * v))
		}
		return
	}
	rest := 1 - beta
	for i, v := range z {
		p[i] = Sigmoid(float32(beta*v) + float32(rest*t.Base[j+i]))
	}
}

// Sample draws states with given means. It is
//
//	for n := range rows {
//		for j := range columns {
//			s[n,j] = 1 if u(d,n,j) < p[n,j], else 0
//		}
//	}
//
// with s and p (rows, columns) and u the uniform number in [0,1) of [Draw]. A NaN draws 0.
// Every implementation returns the same bits for the same p. Sample panics if a slice is
// shorter than its shape.
func Sample(s States, p []float32, d Draw, rows, columns int) {
	Activate(Activation{Rows: rows, Columns: columns, Mean: ByRows(p, columns), States: s, Draw: d}, 0, rows*columns)
}

// draw returns the states of row n in the columns from j on, at most 64 of them, given their
// means.
func (d Draw) draw(p []float32, n, j int) uint64 {
	var u [columnsPerGroup]float32
	d.group(&u, n, j/columnsPerGroup)
	var word uint64
	for i, mean := range p {
		if u[i] < mean {
			word |= 1 << i
		}
	}
	return word
}

// Binarize draws the states of some rows of a batch of a data set that is held as bytes.
// It is
//
//	for n := lo; n < hi; n++ {
//		for j := range columns {
//			s[n,j] = 1 if u(d,batch[n],j) < data[batch[n],j]/255, else 0
//		}
//	}
//
// with s (len(batch), columns), data (rows of the data set, columns), and u the uniform number
// in [0,1) of [Draw]: a row of the data set has its own numbers wherever it is in the batch.
// Every implementation draws the same states. Binarize returns the number of ones. It panics if
// a slice is shorter than its shape.
func Binarize(s States, data []byte, batch []int32, d Draw, lo, hi, columns int) int {
	checkBinarize(s, data, batch, lo, hi, columns)
	ones := 0
	for n := lo; n < hi; n++ {
		index := int(batch[n])
		row := data[index*columns : (index+1)*columns]
		for first := 0; first < columns; first += columnsPerGroup {
			var means [columnsPerGroup]float32
			some := row[first:min(first+columnsPerGroup, columns)]
			for i, b := range some {
				means[i] = byteValue(b)
			}
			word := d.draw(means[:len(some)], index, first)
			*s.word(n, first) = word
			ones += bits.OnesCount64(word)
		}
	}
	return ones
}

// byteValue is the value in [0,1] that a byte of a data set stands for.
func byteValue(b byte) float32 { return float32(b) / 255 }

func checkBinarize(s States, data []byte, batch []int32, lo, hi, columns int) {
	if len(batch) < hi {
		panic("kernels: binarize: the batch is shorter than its shape")
	}
	for _, index := range batch[lo:hi] {
		if index < 0 || len(data) < (int(index)+1)*columns {
			panic("kernels: binarize: a row of the batch is none of the data")
		}
	}
	s.check(hi, columns)
}
