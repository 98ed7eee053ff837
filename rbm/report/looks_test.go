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

// TestPlane: rows on a plane in five dimensions, with variances 9 and 1 along known axes.
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
		// The axes of 400 rows are off by about √(9/(8²·400)) = 0.02; four times that is allowed.
		if along := math.Abs(dot(p.axes[k], want)); along < math.Cos(0.08) {
			t.Errorf("axis %d is %v, want %v up to the sign", k, p.axes[k], want)
		}
	}
	// The rows leave the plane by rounding to float32 alone, far below the tolerances that follow.
	if sum := p.shares[0] + p.shares[1]; math.Abs(sum-1) > 1e-5 || p.shares[0] < 0.8 {
		t.Errorf("shares %v, want about 0.9 and 0.1 that add to 1", p.shares)
	}
	x, y := p.of(rows)
	var mean, product float64
	for i := range x {
		mean, product = mean+x[i]/400, product+x[i]*y[i]/400
	}
	if math.Abs(mean) > 1e-4 || math.Abs(product) > 0.01 {
		t.Errorf("coordinates have the mean %v and the covariance %v, want 0", mean, product)
	}
	if constant := planeOf(make([]float32, 10), 5); constant.shares != [axes]float64{} {
		t.Errorf("constant rows: shares %v, want 0", constant.shares)
	}
}

// TestYardstick: the training rows that samples are measured by stand for the whole set, also where the
// set is sorted: its upper half is all 1.
func TestYardstick(t *testing.T) {
	const n, chains, columns = 400, 100, 4
	rows := &dataset.Rows{N: n, V: columns, Bytes: slices.Concat(make([]uint8, n/2*columns), slices.Repeat([]uint8{255}, n/2*columns))}
	m, err := rbm.NewModel(columns, 2)
	if err != nil {
		t.Fatal(err)
	}
	still := make([]float32, chains*columns)
	l, err := Look(context.Background(), m, hostDevice(t), LookConfig{Set: &dataset.Set{Train: rows}, Samples: &Samples{chains, still, still}})
	if err != nil {
		t.Fatal(err)
	}
	// Four standard errors of 100 fair bits; by chance it is more in 6 of 100,000 seeds.
	if got := l.yardstick.Marginal; got > 0.2 {
		t.Errorf("the means of %d rows differ from the set's means by %v, want at most 0.2", chains, got)
	}
	// A mean of n rows in float64 is within n·2⁻⁵² of the exact one.
	if got := l.likeness.Marginal; math.Abs(got-0.5) > n*0x1p-52 {
		t.Errorf("the means of samples that are all 0 differ by %v, want 0.5", got)
	}
	rows.Weights = make([]float32, n)
	if _, err := Look(context.Background(), m, hostDevice(t), LookConfig{Set: &dataset.Set{Train: rows}, Samples: &Samples{chains, still, still}}); err == nil {
		t.Error("rows with weights: got no error")
	}
}

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
	wide := &dataset.Rows{N: 2, V: 130, Bytes: make([]uint8, 260)}
	wide.Bytes[130+129] = 255
	sample := make([]float32, 130)
	sample[129] = 1
	wide.Bytes[0] = 127
	if got := nearest(sample, wide, 0.5, 1); got[0] != (Neighbour{1, 0}) {
		t.Errorf("wide rows: got %v, want row 1 at distance 0", got)
	}
	if got := nearest(make([]float32, 130), wide, 0.25, 1); got[0] != (Neighbour{0, 1}) {
		t.Errorf("grey value 127 and threshold 0.25: got %v, want row 0 at distance 1", got)
	}
}

// TestPictureLike: bars are pictures; independent columns, and groups of equal columns in an
// order that is no picture's, are not.
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
			k := i % 4
			if lying {
				k = i / 4
			}
			bars = append(bars, line[k])
			noise = append(noise, float32(r.IntN(2)))
			groups = append(groups, line[i*7%16/8])
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

// TestDead: a unit with short weights, one that is always on and one that is always off are dead.
func TestDead(t *testing.T) {
	l := &Looks{Hidden: 5, norms: []float64{1, 0.01, 2, 1, 1}, activities: []float64{0.5, 0.5, 0.999, 0.001, 0.02}}
	if got := l.dead(); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v, want 1, 2 and 3", got)
	}
	if got := SpreadByNorm(l.norms, 2); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("spread by norm: got %v, want 2 and 3", got)
	}
}
