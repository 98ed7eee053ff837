package report

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
)

// TestPlane: the axes of 400 rows on a plane in five dimensions are the two along which the rows were drawn, with
// standard deviations of 3 and 1, and the coordinates along them are centered and uncorrelated.
func TestPlane(t *testing.T) {
	first, second := []float64{0.6, 0, 0.8, 0, 0}, []float64{0, 1, 0, 0, 0}
	r := rand.New(rand.NewPCG(1, 2))
	var rows []float32
	for range 400 {
		a, b := 3*r.NormFloat64(), r.NormFloat64()
		for i := range first {
			rows = append(rows, float32(2+a*first[i]+b*second[i]))
		}
	}
	p := planeOf(rows, 5)
	for k, want := range [][]float64{first, second} {
		// The standard error of the angle is √(9·1/n)/(9-1) = 0.019 for n = 400 rows. Four are allowed, which 6 of
		// 100,000 seeds exceed.
		if along := math.Abs(dot(p.axes[k], want)); along < math.Cos(0.08) {
			t.Errorf("axis %d is %v, want %v up to the sign", k, p.axes[k], want)
		}
	}
	// A share of 9/(9+1) has the standard error 0.9·0.1·√(4/n) = 0.009; four are allowed.
	if math.Abs(p.shares[0]-0.9) > 0.036 {
		t.Errorf("share of the first axis %v, want about 0.9", p.shares[0])
	}
	// Rounding to float32 moves the five values of a row, below 16, out of the plane by at most 2⁻²¹ each, or by
	// 5·2⁻⁴²/10 < 2⁻⁴² of the variance; sums of 2000 terms in float64 round by at most 2000·2⁻⁵³ < 2⁻⁴² of their terms'
	// sizes; and 15 steps turn the first axis to within 9⁻¹⁵ < 2⁻⁴⁷ of its place. In all that is below 2⁻³⁸.
	const rounding = 0x1p-38
	if sum := p.shares[0] + p.shares[1]; math.Abs(sum-1) > rounding {
		t.Errorf("shares %v, want a sum of 1", p.shares)
	}
	x, y := p.coordinates(rows)
	var mean, product float64
	for i := range x {
		mean, product = mean+x[i]/400, product+x[i]*y[i]/400
	}
	// Coordinates are a few times larger than the deviations that the bound is for, and the variance is 10.
	if math.Abs(mean) > 10*rounding {
		t.Errorf("coordinates have the mean %v, want 0", mean)
	}
	if math.Abs(product) > 10*rounding {
		t.Errorf("coordinates have the covariance %v, want 0", product)
	}
	if constant := planeOf(make([]float32, 10), 5); constant.shares != [planeAxes]float64{} {
		t.Errorf("constant rows: shares %v, want 0", constant.shares)
	}
}

// TestYardstick: the training rows that samples are measured by are drawn from the whole set, also where the set is
// sorted: here its first half is all 0 and its second half all 1. Weights that are all 0, by which no row can be drawn,
// are an error.
func TestYardstick(t *testing.T) {
	const n, chains, columns = 400, 100, 4
	rows := &dataset.Rows{N: n, V: columns, Bytes: slices.Concat(make([]uint8, n/2*columns), slices.Repeat([]uint8{255}, n/2*columns))}
	m, err := rbm.NewModel(columns, 2)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]float32, chains*columns)
	config := LookConfig{Set: &dataset.Set{Train: rows}, Samples: &Samples{chains, zeros, zeros}}
	l, err := Look(context.Background(), m, hostDevice(t), config)
	if err != nil {
		t.Fatal(err)
	}
	// Four standard errors √(¼/100) of the mean of 100 fair bits, the same in all columns; 6 of 100,000 seeds exceed them.
	if got := l.yardstick.Marginal; got > 0.2 {
		t.Errorf("the means of %d rows differ from the set's means by %v, want at most 0.2", chains, got)
	}
	// A mean of n rows in float64 is within n·2⁻⁵² of the exact one.
	if got := l.likeness.Marginal; math.Abs(got-0.5) > n*0x1p-52 {
		t.Errorf("the means of samples that are all 0 differ by %v, want 0.5", got)
	}
	rows.Weights = make([]float32, n)
	if _, err := Look(context.Background(), m, hostDevice(t), config); err == nil {
		t.Error("rows with weights of 0: got no error")
	}
}

// TestNearest: the nearest row differs in the fewest columns, once states above ½ and rows above the threshold count as
// 1. Of equally near rows the first is taken, and of many rows only every stride-th is searched.
func TestNearest(t *testing.T) {
	rows := &dataset.Rows{N: 4, V: 3, Floats: []float32{0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1}}
	got := nearest([]float32{1, 0.9, 1, 0, 0.4, 0, 0, 1, 0}, rows, 0.5, 1)
	if want := []Neighbour{{2, 0}, {0, 0}, {0, 1}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := nearest([]float32{1, 1, 1}, rows, 0.5, 3); got[0] != (Neighbour{3, 0}) {
		t.Errorf("every third row: got %v, want row 3", got)
	}
	for n, want := range map[int]int{1: 1, searchedRows: 1, searchedRows + 1: 2, 60 * searchedRows: 60} {
		if got := searchStride(n); got != want {
			t.Errorf("%d rows: every %d, want every %d", n, got, want)
		}
	}
	const columns = 130 // three words of bits, the last with two
	wide := &dataset.Rows{N: 2, V: columns, Bytes: make([]uint8, 2*columns)}
	wide.Bytes[0] = 127 // 0.498
	wide.Bytes[columns+columns-1] = 255
	sample := make([]float32, columns)
	sample[columns-1] = 1
	if got := nearest(sample, wide, 0.5, 1); got[0] != (Neighbour{1, 0}) {
		t.Errorf("wide rows: got %v, want row 1 at distance 0", got)
	}
	if got := nearest(make([]float32, columns), wide, 0.25, 1); got[0] != (Neighbour{0, 1}) {
		t.Errorf("grey value 127 and threshold 0.25: got %v, want row 0 at distance 1", got)
	}
}

// TestPictureLike: bars of 4 by 4 pixels are pictures; independent columns, and two groups of equal columns in an
// order that is no picture's, are not.
//
// Neighbours in bars, which lie or stand by chance, are equal half of the time and correlate by ½. So do the two fifths
// of all pairs that share a line or a column: with noise their mean size is 0.23, and 0.34 is required, 1.5 times as
// much. Independent columns correlate by 0, and 0.2 is required. In groups, neighbours across correlate by 2/12,
// neighbours down by 7/12 and all pairs by 7/15, and 0.7 is required. Over 3000 seeds the lesser correlation of
// neighbours minus the required one has the mean 0.13 with a deviation of 0.026 for bars, -0.21 with 0.014 for
// independent columns and -0.57 with 0.06 for groups: five deviations from 0 or more.
func TestPictureLike(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var bars, noise, groups []float32
	for range 300 {
		line := make([]float32, 16)
		for i := range line {
			line[i] = float32(r.IntN(2))
		}
		lying := r.IntN(2) == 0
		for i := range 16 {
			bar := i % 4
			if lying {
				bar = i / 4
			}
			bars = append(bars, line[bar])
			noise = append(noise, float32(r.IntN(2)))
			groups = append(groups, line[i*7%16/8]) // 7i mod 16 mixes the columns; its half is the group
		}
	}
	for name, c := range map[string]struct {
		rows []float32
		want bool
	}{"bars": {bars, true}, "noise": {noise, false}, "groups": {groups, false}, "constant": {make([]float32, 32), false}} {
		if got := pictureLike(c.rows, 4, 4); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// TestDead: unit 1 with short weights, unit 2 that is always on and unit 3 that is always off are dead.
func TestDead(t *testing.T) {
	l := &Looks{Hidden: 5, norms: []float64{1, 0.01, 2, 1, 1}, activities: []float64{0.5, 0.5, 0.999, 0.001, 0.02}}
	if got := l.dead(); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v, want 1, 2 and 3", got)
	}
}

// TestSpreadByNorm: of five units in the order 2, 0, 3, 4, 1 by their norms, two are the first and the third.
func TestSpreadByNorm(t *testing.T) {
	if got, want := SpreadByNorm([]float64{1, 0.01, 2, 1, 1}, 2), []int{2, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
