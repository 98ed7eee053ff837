package rbmtest

import (
	"sync"
	"testing"

	"harmonium/dataset"
)

const digitWidth = 28 // of a picture of MNIST

var openMNIST = sync.OnceValues(func() (*dataset.Set, error) { return dataset.Open("mnist", dataset.Options{}) })

// Digits returns training rows from to to of MNIST at half its resolution, 14x14, made of every
// other pixel of every other line. Tests of models with an exact log Z take a quarter of the time
// with them.
func Digits(t testing.TB, from, to int) *dataset.Rows {
	t.Helper()
	set, err := openMNIST()
	if err != nil {
		t.Fatal(err)
	}
	rows := set.Train.Slice(from, to)
	small := &dataset.Rows{N: rows.N, V: rows.V / 4}
	for i := range rows.N {
		picture := rows.Bytes[i*rows.V : (i+1)*rows.V]
		for line := 0; line < digitWidth; line += 2 {
			for column := 0; column < digitWidth; column += 2 {
				small.Bytes = append(small.Bytes, picture[line*digitWidth+column])
			}
		}
	}
	return small
}
