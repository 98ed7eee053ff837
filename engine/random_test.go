package engine

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestShuffleIsAPermutation(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 100, 4097} {
		order := make([]int32, size)
		Shuffle(order, 7, 2, 3)
		slices.Sort(order)
		for i, n := range order {
			if int(n) != i {
				t.Fatalf("size %d: number %d of the sorted order is %d", size, i, n)
			}
		}
	}
}

// TestShuffleDependsOnItsArguments: two shuffles have the same order only if seed, stream and epoch are the same. Two
// random orders of 50 rows are equal with probability 1/50!.
func TestShuffleDependsOnItsArguments(t *testing.T) {
	seen := map[string]string{}
	for _, c := range []struct {
		seed   uint64
		stream uint8
		epoch  int
	}{{1, 0, 0}, {2, 0, 0}, {1 << 40, 0, 0}, {1, 1, 0}, {1, 0, 1}} {
		order := make([]int32, 50)
		Shuffle(order, c.seed, c.stream, c.epoch)
		key, name := fmt.Sprint(order), fmt.Sprint(c)
		if before, ok := seen[key]; ok {
			t.Errorf("%s shuffles as %s does", name, before)
		}
		seen[key] = name
		again := make([]int32, 50)
		Shuffle(again, c.seed, c.stream, c.epoch)
		if !slices.Equal(order, again) {
			t.Errorf("%s: shuffled to %v, then to %v", name, order, again)
		}
	}
}

// TestShuffleIsUniform counts the 24 orders of four rows over epochs, 1000 of each on average. The limit is
// the 1-10⁻⁶ quantile of chi-square with 23 degrees of freedom, so that one seed in a million fails by chance.
func TestShuffleIsUniform(t *testing.T) {
	const epochs, limit = 24000, 70.55
	counts := map[[4]int32]float64{}
	for epoch := range epochs {
		var order [4]int32
		Shuffle(order[:], 1, 10, epoch)
		counts[order]++
	}
	var square float64
	for _, n := range counts {
		square += (n - epochs/24) * (n - epochs/24) / (epochs / 24)
	}
	square += float64(24-len(counts)) * epochs / 24
	if square > limit {
		t.Errorf("chi-square of the orders: got %v, want at most %v", square, limit)
	}
}

// oneInAMillion is the number of standard deviations by which a normal number misses its mean, on either side,
// with probability 10⁻⁶.
const oneInAMillion = 4.892

// TestNormals compares with N(0, 0.5²): mean, variance, the mean product of neighbours, and the
// largest distance between the two distribution functions. With the deviation taken out, the terms of the
// three means have variances of 1, 2 and 1. The limit of Kolmogorov and Smirnov, √(ln(2/α)/2N), bounds the
// distance. Each comparison fails by chance once in a million seeds.
func TestNormals(t *testing.T) {
	const size, deviation = 100001, 0.5 // the last block of four numbers is cut
	x := make([]float32, size)
	Normals(x, 3, 9, deviation)
	var sum, squares, neighbours float64
	for i, v := range x {
		z := float64(v) / deviation
		sum += z
		squares += z * z
		if i > 0 {
			neighbours += z * float64(x[i-1]) / deviation
		}
	}
	root := math.Sqrt(size)
	for _, tc := range []struct {
		name                 string
		got, want, deviation float64
	}{
		{"mean", sum / size, 0, 1 / root},
		{"variance", squares / size, 1, math.Sqrt2 / root},
		{"product of neighbours", neighbours / size, 0, 1 / root},
	} {
		if math.Abs(tc.got-tc.want) > oneInAMillion*tc.deviation {
			t.Errorf("%s: got %v, want %v ± %v", tc.name, tc.got, tc.want, oneInAMillion*tc.deviation)
		}
	}
	slices.Sort(x)
	var distance float64
	for i, v := range x {
		p := math.Erfc(-float64(v)/deviation/math.Sqrt2) / 2
		distance = max(distance, math.Abs(p-float64(i)/size), math.Abs(p-float64(i+1)/size))
	}
	if limit := math.Sqrt(math.Log(2e6)/2) / root; distance > limit {
		t.Errorf("distance of the distributions: got %v, want at most %v", distance, limit)
	}
}

// TestNormalsBegin: a longer slice begins with the numbers of a shorter one.
func TestNormalsBegin(t *testing.T) {
	long := make([]float32, 9)
	Normals(long, 1, 2, 1)
	for size := range long {
		short := make([]float32, size)
		Normals(short, 1, 2, 1)
		if !slices.Equal(short, long[:size]) {
			t.Errorf("size %d: got %v, want %v", size, short, long[:size])
		}
	}
}

// TestCoins: half of the coins are ones, within an error that one seed in a million exceeds by chance. The number
// of ones among N coins has the standard deviation √N/2.
func TestCoins(t *testing.T) {
	const rows, columns = 300, 70
	x := make([]float32, rows*columns)
	Coins(x, rows, nil, 5, 1)
	var ones float64
	for _, v := range x {
		if v != 0 && v != 1 {
			t.Fatalf("a coin shows %v", v)
		}
		ones += float64(v)
	}
	if limit := oneInAMillion * math.Sqrt(rows*columns) / 2; math.Abs(ones-rows*columns/2) > limit {
		t.Errorf("got %v ones of %d, want half ± %v", ones, rows*columns, limit)
	}
}
