package kernels

import "math/bits"

// Binarize draws the states of the rows lo ≤ n < hi of a batch from a data set of bytes. It is
//
//	for n := lo; n < hi; n++ {
//		for j := range columns {
//			s[n,j] = 1 if u(d,batch[n],j) < data[batch[n],j]/255, else 0
//		}
//	}
//
// with s (len(batch), columns), data (rows of the data set, columns), and u the uniform number in
// [0,1) of [Draw]. A row of the data set has the same random numbers wherever it is in the batch.
// Every implementation draws the same states. Binarize returns the number of ones. It panics if a
// slice is shorter than its shape.
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
			word := d.states(means[:len(some)], index, first)
			*s.word(n, first) = word
			ones += bits.OnesCount64(word)
		}
	}
	return ones
}

// byteValue returns the value in [0,1] of a byte of a data set.
func byteValue(b byte) float32 { return float32(b) / 255 }

func checkBinarize(s States, data []byte, batch []int32, lo, hi, columns int) {
	if len(batch) < hi {
		panic("kernels: binarize: the batch is shorter than its shape")
	}
	for _, index := range batch[lo:hi] {
		if index < 0 || len(data) < (int(index)+1)*columns {
			panic("kernels: binarize: a row number of the batch is outside of the data")
		}
	}
	s.check(hi, columns)
}
