package report

import (
	"math/bits"
	"slices"

	"harmonium/dataset"
)

// Neighbour is the training row that differs from a sample in the fewest columns.
type Neighbour struct {
	Row      int // number of the training row, from 0
	Distance int // columns that differ
}

// pack returns the columns of a row above one half, as bits.
func pack(row []float32) []uint64 {
	words := make([]uint64, (len(row)+63)/64)
	for i, v := range row {
		if v > 0.5 {
			words[i/64] |= 1 << (i % 64)
		}
	}
	return words
}

// nearest returns the neighbour of each sample (n,V) among all rows. Values above one half count
// as 1. Of rows at the same distance it takes the first.
func nearest(samples []float32, rows *dataset.Rows) []Neighbour {
	n := len(samples) / rows.V
	found, packed := make([]Neighbour, n), make([][]uint64, n)
	for k := range n {
		found[k] = Neighbour{-1, rows.V + 1}
		packed[k] = pack(samples[k*rows.V : (k+1)*rows.V])
	}
	row := make([]float32, rows.V)
	for r := range rows.N {
		rows.Row(row, r)
		words := pack(row)
		for k, sample := range packed {
			distance := 0
			for i, w := range words {
				distance += bits.OnesCount64(w ^ sample[i])
			}
			if distance < found[k].Distance {
				found[k] = Neighbour{r, distance}
			}
		}
	}
	return found
}

// medianDistance returns the median of the distances.
func medianDistance(list []Neighbour) int {
	distances := make([]int, len(list))
	for k, n := range list {
		distances[k] = n.Distance
	}
	slices.Sort(distances)
	return distances[len(distances)/2]
}
