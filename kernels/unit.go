package kernels

// Temper changes the field of a unit type along a path of distributions: with
// inverse temperature Beta and the field Base of the base model, the mean is
// σ(Beta·z + (1-Beta)·Base). A nil Base is zero. The zero Temper is not the
// identity: the model itself is Beta 1 (see [Model]).
type Temper struct {
	Beta float32
	Base []float32 // (columns) or nil
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
// with p and z (rows, columns); p may be z. Where beta is 1 and base is nil, t
// is z[n,j] itself. Every implementation returns the same bits for the same z.
// Mean panics if a slice is shorter than its shape.
func Mean(p, z []float32, t Temper, rows, columns int) {
	checkMean(p, z, t, rows, columns)
	if t.Base == nil {
		for i, v := range z[:rows*columns] {
			p[i] = Sigmoid(float32(t.Beta * v))
		}
		return
	}
	rest := 1 - t.Beta
	for n := range rows {
		for j := range columns {
			i := n*columns + j
			p[i] = Sigmoid(float32(t.Beta*z[i]) + float32(rest*t.Base[j]))
		}
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
// and lists the ones of s in ones, with s and p (rows, columns) and u the uniform
// number in [0,1) of [Draw]. A NaN draws 0. s may be p, or nil if the lists are all
// that is wanted. Every implementation returns the same bits for the same p. Sample
// panics if a slice is shorter than its shape.
func Sample(s []float32, ones Ones, p []float32, d Draw, rows, columns int) {
	checkSample(s, ones, p, rows, columns)
	for n := range rows {
		mean := p[n*columns : (n+1)*columns]
		drawRow(ones, n, d, n, func(j int) float32 { return mean[j] })
		if s != nil {
			ones.From(n).Expand(s[n*columns:], 1)
		}
	}
}

// drawRow draws row n of ones with the numbers of row `row` of d and the means of its
// columns.
func drawRow(ones Ones, n int, d Draw, row int, mean func(j int) float32) {
	var u [columnsPerGroup]float32
	index, bits, count := ones.Index[n*ones.Columns:], ones.bits(n), 0
	clear(bits)
	for start := 0; start < ones.Columns; start += columnsPerGroup {
		d.group(&u, row, start/columnsPerGroup)
		for j := start; j < min(start+columnsPerGroup, ones.Columns); j++ {
			if u[j-start] < mean(j) {
				index[count] = int32(j)
				bits[j/64] |= 1 << (j % 64)
				count++
			}
		}
	}
	ones.Count[n] = int32(count)
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
// and lists the ones of these rows of s in ones, with s (len(batch), columns), data
// (rows of the data set, columns), and u the uniform number in [0,1) of [Draw]: a row of the
// data set has its own numbers wherever it is in the batch. s may be nil if the lists are
// all that is wanted. Every implementation returns the same bits. Binarize panics if a slice
// is shorter than its shape.
func Binarize(s []float32, ones Ones, data []byte, batch []int32, d Draw, lo, hi, columns int) {
	checkBinarize(s, ones, data, batch, lo, hi, columns)
	for n := lo; n < hi; n++ {
		index := int(batch[n])
		row := data[index*columns : (index+1)*columns]
		drawRow(ones, n, d, index, func(j int) float32 { return byteValue(row[j]) })
		if s != nil {
			ones.From(n).Expand(s[n*columns:], 1)
		}
	}
}

// byteValue is the value in [0,1] that a byte of a data set stands for.
func byteValue(b byte) float32 { return float32(b) / 255 }

func state(on bool) float32 {
	if on {
		return 1
	}
	return 0
}

func checkMean(p, z []float32, t Temper, rows, columns int) {
	if len(p) < rows*columns || len(z) < rows*columns || t.Base != nil && len(t.Base) < columns {
		panic("kernels: mean: a slice is shorter than its shape")
	}
}

func checkSample(s []float32, ones Ones, p []float32, rows, columns int) {
	if s != nil && len(s) < rows*columns || len(p) < rows*columns {
		panic("kernels: sample: s or p is shorter than its shape")
	}
	checkBits(ones, rows, columns)
}

func checkBinarize(s []float32, ones Ones, data []byte, batch []int32, lo, hi, columns int) {
	if s != nil && len(s) < hi*columns || len(batch) < hi {
		panic("kernels: binarize: s or batch is shorter than its shape")
	}
	for _, index := range batch[lo:hi] {
		if index < 0 || len(data) < (int(index)+1)*columns {
			panic("kernels: binarize: a row of the batch is none of the data")
		}
	}
	checkBits(ones, hi, columns)
}

func checkOnes(ones Ones, rows, columns int) {
	if ones.Columns != columns || len(ones.Count) < rows || len(ones.Index) < rows*columns {
		panic("kernels: the lists are shorter than their shape")
	}
}

// checkBits is checkOnes of lists with bits.
func checkBits(ones Ones, rows, columns int) {
	checkOnes(ones, rows, columns)
	if len(ones.Bits) < rows*wordsOf(columns) {
		panic("kernels: the bits are fewer than their shape")
	}
}
