package dataset

import (
	"fmt"
	"math"
	"testing"
)

// TestBarsAndStripes: the first half of the pictures has constant rows, the second constant columns, and each picture
// occurs once, but for the empty and the full one, which are in both halves.
func TestBarsAndStripes(t *testing.T) {
	for side := 1; side <= 6; side++ {
		rows := barsAndStripes(side)
		if want := 2 << side; rows.N != want || rows.V != side*side || len(rows.Bytes) != want*side*side {
			t.Fatalf("side %d: got %d rows of %d in %d bytes, want %d of %d", side, rows.N, rows.V, len(rows.Bytes), want, side*side)
		}
		counts := map[string]int{}
		for n := range rows.N {
			picture := rows.Slice(n, n+1).Bytes
			counts[string(picture)]++
			for i, b := range picture {
				first := picture[i/side*side] // pixel of the row of pixel i
				if n >= rows.N/2 {
					first = picture[i%side] // pixel of the column of pixel i
				}
				if b != first || b != 0 && b != 255 {
					t.Fatalf("side %d: row %d: pixel %d: got %d, want %d, a state", side, n, i, b, first)
				}
			}
		}
		if want := 2<<side - 2; len(counts) != want {
			t.Errorf("side %d: got %d different pictures, want %d", side, len(counts), want)
		}
		for _, b := range []byte{0, 255} {
			constant := make([]byte, side*side)
			for i := range constant {
				constant[i] = b
			}
			if got := counts[string(constant)]; got != 2 {
				t.Errorf("side %d: got the picture of %d %d times, want 2", side, b, got)
			}
		}
	}
}

// The best log-likelihood a model can reach is minus the entropy of the rows:
// n = 2·2^side rows, two of them twice (all on, all off): -(ln n - (4/n) ln 2).
func TestBarsAndStripesEntropy(t *testing.T) {
	tests := []struct {
		side int
		want float64 // by this formula, to six decimals
	}{{2, -1.732868}, {3, -2.599302}, {4, -3.379093}}
	for _, test := range tests {
		rows := barsAndStripes(test.side)
		counts := map[string]int{}
		for n := range rows.N {
			counts[string(rows.Slice(n, n+1).Bytes)]++
		}
		got := 0.0
		for _, count := range counts {
			p := float64(count) / float64(rows.N)
			got += p * math.Log(p)
		}
		if math.Abs(got-test.want) > 0.5e-6 { // the rounding of want
			t.Errorf("side %d: got %.7f, want %.6f", test.side, got, test.want)
		}
	}
}

func TestOpenBars(t *testing.T) {
	set, err := Open("bars-and-stripes:3", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Name != "bars-and-stripes:3" || set.Width != 3 || set.Height != 3 || set.Test != set.Train || set.Valid != nil {
		t.Errorf("got %+v, want 3 x 3 pictures with the training rows as test rows", set)
	}
	for _, size := range []string{"", "0", "-1", "13", "x", "4 "} {
		want := fmt.Sprintf("dataset: bars-and-stripes:%s: size %q, want 1 to 12", size, size)
		if _, err := Open("bars-and-stripes:"+size, Options{}); err == nil || err.Error() != want {
			t.Errorf("size %q: got %v, want %s", size, err, want)
		}
	}
}
