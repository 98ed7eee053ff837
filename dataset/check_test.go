package dataset

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	nan := float32(math.NaN())
	good := &Rows{N: 2, V: 3, Bytes: make([]uint8, 6)}
	for _, c := range []struct {
		set  *Set
		want string // part of the error; empty for none
	}{
		{&Set{Train: good}, ""},
		{&Set{Train: good, Valid: good, Test: &Rows{N: 1, V: 3, Floats: []float32{0, 0.5, 1}, Labels: []string{"a"},
			Weights: []float32{2}}}, ""},
		{nil, "dataset: no data set: nil"},
		{&Set{}, "training rows: dataset: no rows: nil"},
		{&Set{Train: &Rows{V: 3}}, "training rows: dataset: 0 rows of 3 columns, want"},
		{&Set{Train: &Rows{N: 2, V: 3}}, "training rows: dataset: want the values of rows either"},
		{&Set{Train: &Rows{N: 2, V: 3, Bytes: good.Bytes, Floats: make([]float32, 6)}}, "either in Bytes or in Floats"},
		{&Set{Train: &Rows{N: 2, V: 3, Bytes: make([]uint8, 5)}}, "5 values, want 6 for 2 rows of 3 columns"},
		{&Set{Train: good, Valid: &Rows{N: 1, V: 2, Bytes: make([]uint8, 2)}}, "validation rows: dataset: 2 columns, want 3"},
		{&Set{Train: good, Test: &Rows{N: 1, V: 3, Floats: []float32{0, nan, 1}}},
			"test rows: dataset: row 1, column 2: NaN, want a value in [0,1]"},
		{&Set{Train: &Rows{N: 1, V: 1, Floats: []float32{-1}}}, "row 1, column 1: -1, want"},
		{&Set{Train: &Rows{N: 1, V: 1, Floats: []float32{1.5}}}, "row 1, column 1: 1.5, want"},
		{&Set{Train: &Rows{N: 2, V: 3, Bytes: good.Bytes, Labels: []string{"a"}}}, "1 labels for 2 rows"},
		{&Set{Train: &Rows{N: 2, V: 3, Bytes: good.Bytes, Weights: []float32{1}}}, "1 weights for 2 rows"},
	} {
		err := c.set.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.set, err, c.want)
		}
	}
}
