package kernels

import (
	"fmt"
	"testing"
)

// TestGather takes batches with every binarization from bytes and from floats, in two parts and as a
// whole, which is a cut at either end, with every implementation. No byte b has b/255 = 0.3, the threshold.
func TestGather(t *testing.T) {
	forEach(t, func(t *testing.T, k *Set) {
		r := newRand()
		const set = 9
		for _, columns := range []int{1, 63, 64, 65, 130} {
			data := make([]uint8, set*columns)
			for i := range data {
				data[i] = uint8(r.IntN(256))
			}
			floats := input(t, len(data), func(i int) float32 { return float32(data[i]) / 255 })
			batch := Batch{Rows: []int32{8, 0, 3, 3, 7}, Columns: columns, Threshold: 0.3}
			rows := len(batch.Rows)
			for batch.Binarize = range Dynamic + 1 {
				batch.Draw = Draw{Seed: 11, Stream: 4, Update: uint32(batch.Binarize)}
				want := make([]float32, rows*columns)
				for i := range want {
					index, j := int(batch.Rows[i/columns]), i%columns
					want[i] = floats[index*columns+j]
					switch {
					case batch.Binarize == Threshold:
						want[i] = state(want[i] > 0.3)
					case batch.Draws():
						want[i] = state(uniformAt(batch.Draw, index, j) < want[i])
					}
				}
				for _, asBytes := range []bool{false, true} {
					batch.Bytes, batch.Floats = nil, floats
					if asBytes {
						batch.Bytes, batch.Floats = data, nil
					}
					for _, cut := range []int{0, 2, rows} {
						what := fmt.Sprintf("%d columns, binarization %d of bytes=%v, cut at %d", columns, batch.Binarize, asBytes, cut)
						x, s := buffer[float32](t, rows*columns), newStates(t, rows, columns)
						ones := k.Gather(x, s, &batch, 0, cut) + k.Gather(x, s, &batch, cut, rows)
						if !batch.Draws() {
							wantBits(t, what, x, want)
						}
						if batch.Binarize != AsIs {
							wantStates(t, what, s, want, rows, columns)
							wantCount(t, what, ones, want)
						}
					}
				}
			}
		}
	})
}

// TestGatherRefuses: rows, widths and results that do not fit each other panic.
func TestGatherRefuses(t *testing.T) {
	x, s := make([]float32, 20), NewStates(2, 10)
	for what, b := range map[string]Batch{
		"fewer rows":       {Floats: x, Rows: []int32{1}, Columns: 10},
		"another width":    {Floats: x, Rows: []int32{0, 0}, Columns: 9},
		"a row of no data": {Bytes: make([]uint8, 20), Rows: []int32{0, 2}, Columns: 10},
		"drawn, no data":   {Floats: x, Rows: []int32{0, 2}, Columns: 10, Binarize: Static},
	} {
		if !panics(func() { Gather(x, s, &b, 0, 2) }) {
			t.Errorf("%s: got no panic", what)
		}
	}
	if !panics(func() { Gather(x[1:], s, &Batch{Floats: x, Rows: []int32{0, 1}, Columns: 10}, 0, 2) }) {
		t.Error("a short result: got no panic")
	}
}
