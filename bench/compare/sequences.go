package main

import (
	"math/rand/v2"

	"harmonium/dataset"
)

// The sizes of the model of sequences and of its rows, all chosen: 53 sites with an alphabet of 21 letters are about the
// size of an alignment of a small protein. Each site of a row has one letter of the alphabet.
const (
	sites            = 53
	sequenceHidden   = 100
	sequenceRows     = 20_000
	sequenceFamilies = 10
)

// sequencesOf returns rows (sequenceRows, sites·alphabet) of one-hot sites. Each row is a copy of the random sequence of
// one of ten families, in which each letter is drawn anew with a probability of 0.3 (chosen). Every call returns the same
// rows.
func sequencesOf(alphabet int) *dataset.Rows {
	r := rand.New(rand.NewPCG(1, uint64(alphabet)))
	var families [sequenceFamilies][sites]int
	for f := range families {
		for i := range sites {
			families[f][i] = r.IntN(alphabet)
		}
	}
	rows := &dataset.Rows{N: sequenceRows, V: sites * alphabet, Bytes: make([]uint8, sequenceRows*sites*alphabet)}
	for n := range rows.N {
		family := families[r.IntN(sequenceFamilies)]
		for i, letter := range family {
			if r.Float64() < 0.3 {
				letter = r.IntN(alphabet)
			}
			rows.Bytes[n*rows.V+i*alphabet+letter] = 255
		}
	}
	return rows
}
