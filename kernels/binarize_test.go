package kernels

import (
	"fmt"
	"strings"
	"testing"
)

// TestBinarize: a batch takes rows of a data set in any order, rows 3 and 6 of them twice and row 4 not at all. It is
// drawn in three calls, the first and the last of one row each. Every third group of 64 columns is zero.
func TestBinarize(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		batch := []int32{6, 0, 3, 3, 5, 1, 6, 2}
		rows, dataRows := len(batch), 7
		for _, columns := range []int{0, 1, 15, 16, 63, 64, 65, 129, 500, 784} {
			data := make([]byte, dataRows*columns)
			for j := range data {
				if j%columns/64%3 != 1 {
					data[j] = byte(min(max(r.IntN(400)-70, 0), 255))
				}
			}
			d := Draw{Seed: 5, Stream: 200, Update: 77, Row: 1000}
			drawn, want, ones := newStates(t, rows, columns), make([]float32, rows*columns), 0
			for n, index := range batch {
				for j := range columns {
					want[n*columns+j] = state(uniformAt(d, int(index), j) < float32(data[int(index)*columns+j])/255)
				}
			}
			for _, part := range [][2]int{{0, 1}, {1, rows - 1}, {rows - 1, rows}} {
				ones += s.Binarize(drawn, data, batch, d, part[0], part[1], columns)
			}
			wantStates(t, fmt.Sprintf("%d columns", columns), drawn, want, rows, columns)
			wantCount(t, fmt.Sprintf("%d columns", columns), ones, want)
		}
	})
}

// TestBinarizeOfNoRowPanics: an index before the first row of the data or after the last panics with a message.
func TestBinarizeOfNoRowPanics(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		for _, index := range []int32{-1, 2} {
			func() {
				defer func() {
					if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "kernels: binarize: ") {
						t.Errorf("row %d of 2: got %q, want a panic with a message of kernels: binarize", index, text)
					}
				}()
				s.Binarize(NewStates(1, 10), make([]byte, 20), []int32{index}, Draw{}, 0, 1, 10)
			}()
		}
	})
}

// TestBinarizeOfEveryByte: every value of a byte, against one random number for each of 200 seeds (chosen).
func TestBinarizeOfEveryByte(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		data := make([]byte, 256)
		for j := range data {
			data[j] = byte(j)
		}
		x, drawn := make([]float32, 256), NewStates(1, 256)
		for seed := range uint64(200) {
			d := Draw{Seed: seed}
			s.Binarize(drawn, data, []int32{0}, d, 0, 1, 256)
			drawn.Unpack(x, 1)
			for j := range x {
				if want := state(float64(uniformAt(d, 0, j)) < float64(float32(j)/255)); x[j] != want {
					t.Fatalf("seed %d, byte %d: got %v, want %v", seed, j, x[j], want)
				}
			}
		}
	})
}
