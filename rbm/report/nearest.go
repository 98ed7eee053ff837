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

// pack returns the columns of a row whose values are above a limit, as bits.
func pack[T float32 | uint8](words []uint64, row []T, above T) []uint64 {
	clear(words)
	for i, v := range row {
		if v > above {
			words[i/64] |= 1 << (i % 64)
		}
	}
	return words
}

// searchedRows is the number of training rows that are searched for neighbours, at most. It is chosen: the distances of
// 32 states from rows of 784 columns take 32·13 words a row, less than a tenth of a second in all.
const searchedRows = 100_000

// searchStride returns the distance between two searched rows.
func searchStride(rows int) int { return (rows-1)/searchedRows + 1 }

// nearest returns the neighbour of each state (n,V) among every stride-th row. Values of rows above the
// threshold, in [0,1], count as 1. Of rows at the same distance it takes the first.
func nearest(states []float32, rows *dataset.Rows, threshold float64, stride int) []Neighbour {
	n, width := len(states)/rows.V, (rows.V+63)/64
	found, packed := make([]Neighbour, n), make([][]uint64, n)
	for k := range n {
		found[k] = Neighbour{-1, rows.V + 1}
		packed[k] = pack(make([]uint64, width), states[k*rows.V:(k+1)*rows.V], 0.5)
	}
	words, values := make([]uint64, width), make([]float32, rows.V)
	for r := 0; r < rows.N; r += stride {
		switch {
		case rows.Stored():
			rows.Row(values, r)
			pack(words, values, float32(threshold))
		case rows.Bytes != nil:
			pack(words, rows.Bytes[r*rows.V:(r+1)*rows.V], uint8(255*threshold))
		default:
			pack(words, rows.Floats[r*rows.V:(r+1)*rows.V], float32(threshold))
		}
		for k, state := range packed {
			distance := 0
			for i, w := range words {
				distance += bits.OnesCount64(w ^ state[i])
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
