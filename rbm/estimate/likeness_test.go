package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// rowsOf draws rows of bits. Column j of a row equals the row's first bit, a fair coin, but for a flip of probability
// flip·j/columns.
func rowsOf(r *rand.Rand, n, columns int, flip float64) []float32 {
	x := make([]float32, n*columns)
	for i := range n {
		first := float32(r.IntN(2))
		for j := range columns {
			x[i*columns+j] = first
			if j > 0 && r.Float64() < flip*float64(j)/float64(columns) {
				x[i*columns+j] = 1 - first
			}
		}
	}
	return x
}

// TestLikeness by hand: covariances of (0,0,1), (1,1,0) and (1,0,1) are, for the pairs (1,0), (2,0)
// and (2,1), 1/9, -1/9 and -2/9, and the complement has the same. Small fractions round within 9u = 1e-15, and a
// correlation of three of them within 90u = 1e-14.
func TestLikeness(t *testing.T) {
	x := []float32{0, 0, 1, 1, 1, 0, 1, 0, 1}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = 1 - v
	}
	for i, want := range []float64{1. / 9, -1. / 9, -2. / 9} {
		if math.Abs(MomentsOf(x, 3).covariances[i]-want) > 1e-15 {
			t.Errorf("covariance %d is %v, want %v", i, MomentsOf(x, 3).covariances[i], want)
		}
	}
	if got := likeness(x, y, 3); math.Abs(got.Correlation-1) > 1e-14 || math.Abs(got.Marginal-1./3) > 1e-15 || got.Residual > 1e-15 {
		t.Errorf("got %+v, want the correlation 1 and the marginal 1/3", got)
	}
	if got := likeness(x, []float32{1, 1, 1, 1, 1, 1}, 3); got.Correlation != 0 || math.Abs(got.Marginal-2./3) > 1e-15 {
		t.Errorf("beside constant rows: got %+v, want 0 and 2/3", got)
	}
}

// TestLikenessDiffers: rows of the same distribution do not differ, and rows of independent columns, of columns that are
// all alike, and of one state do. The seed is fixed, and its rate of false alarms not derived.
func TestLikenessDiffers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, columns = 500, 400
	rows, same := rowsOf(r, n, columns, 0.5), rowsOf(r, n, columns, 0.5)
	yardstick := likeness(rowsOf(r, n, columns, 0.5), rows, columns)
	if l := likeness(same, rows, columns); l.Differs(yardstick) {
		t.Errorf("%+v differs from %+v", l, yardstick)
	}
	for name, other := range map[string][]float32{
		"columns alike": rowsOf(r, n, columns, columns), // all but the first are flipped in every row
		"independent":   rowsOf(r, n*columns, 1, 0),     // fair coins
		"one mode":      make([]float32, n*columns),
	} {
		if l := likeness(other, rows, columns); !l.Differs(yardstick) {
			t.Errorf("%s: %+v does not differ from %+v", name, l, yardstick)
		}
	}
}

// TestLikenessOfTwoPatterns: 200 rows that are 0000 or 1111 by the toss of a coin do not differ from
// 100 rows of each. Each of the thousand draws differs with a probability of 6e-5, the probability of a
// normal number beyond four standard errors, so that more than two of them do in about one of 24,000
// tests.
func TestLikenessOfTwoPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	draw := func(pattern func(row int) float32) []float32 {
		var rows []float32
		for row := range 200 {
			p := pattern(row)
			rows = append(rows, p, p, p, p)
		}
		return rows
	}
	coin := func(int) float32 { return float32(r.IntN(2)) }
	held := draw(func(row int) float32 { return float32(row % 2) })
	differ := 0
	for range 1000 {
		if likeness(draw(coin), held, 4).Differs(likeness(draw(coin), held, 4)) {
			differ++
		}
	}
	if differ > 2 {
		t.Errorf("%d of 1000 differ, want at most 2", differ)
	}
	if one := likeness(make([]float32, 800), held, 4); !one.Differs(likeness(held, held, 4)) {
		t.Error("rows of one pattern alone do not differ")
	}
}

func likeness(x, y []float32, columns int) Likeness {
	return MomentsOf(x, columns).Likeness(MomentsOf(y, columns))
}
