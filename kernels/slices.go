package kernels

// The order of a sum over rows in [ColumnMeans] and over chains in [Tally]. A slice is 64 rows, added up in rising
// order. The sum of slice i joins part i%16 of sixteen parts, in rising order, which are added up in halves.
// So no chain of additions is longer than a slice and the parts, and a device can sum the slices
// at the same time. A sum over at most 64 rows is plainly in rising order.
const (
	sliceRows  = 64
	sliceParts = 16
)

// sumRows sets sum to the sum of one vector per row, where add(n) adds the vector of row n to sum.
// sum has at most PanelWidth elements.
func sumRows(sum []float32, rows int, add func(n int)) {
	var part [sliceParts][PanelWidth]float32
	for first := 0; first < rows; first += sliceRows {
		clear(sum)
		for n := first; n < min(first+sliceRows, rows); n++ {
			add(n)
		}
		addRow(part[first/sliceRows%sliceParts][:len(sum)], sum)
	}
	for half := sliceParts / 2; half > 0; half /= 2 {
		for l := range half {
			addRow(part[l][:len(sum)], part[l+half][:])
		}
	}
	copy(sum, part[0][:])
}

// sumTerms returns start plus the sum of one term per row. The first slice begins with start.
func sumTerms(start float32, rows int, term func(n int) float32) float32 {
	part := [sliceParts]float32{start} // the result without rows
	for first := 0; first < rows; first += sliceRows {
		var sum float32
		if first == 0 {
			sum, part[0] = start, 0
		}
		for n := first; n < min(first+sliceRows, rows); n++ {
			sum += term(n)
		}
		part[first/sliceRows%sliceParts] += sum
	}
	for half := sliceParts / 2; half > 0; half /= 2 {
		for l := range half {
			part[l] += part[l+half]
		}
	}
	return part[0]
}
