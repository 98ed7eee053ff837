package kernels

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// The benchmarks run the kernels that take most of the time of a training, of every implementation. Unless a benchmark
// says otherwise, a call is the share of one of two threads: 250 rows, of a layer of 784 units and one of 500.
// In MNIST a share of 0.13 of the pixels is 1; the other densities are of hidden units, or chosen.
const benchRows, benchVisible, benchHidden = 250, 784, 500

// benchEach runs a benchmark of every implementation. name is empty or ends with a slash. work is the number of
// additions, elements or bytes of one call. The figure is in 1e9 of them per second.
func benchEach(b *testing.B, name, unit string, work float64, call func(s *Set) func()) {
	for _, s := range Implementations() {
		b.Run(fmt.Sprintf("%skernels=%s", name, s.Name), func(b *testing.B) {
			run := call(s)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, unit)
		})
	}
}

func benchNormals(n int) []float32 {
	r, x := newRand(), make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func benchPanels(rows, columns int) Panels {
	p := NewPanels(rows, columns)
	Pack(p, benchNormals(rows*columns), 0, rows)
	return p
}

func benchStates(n int, density float64) []float32 {
	r, x := rand.New(rand.NewPCG(3, 4)), make([]float32, n)
	for i := range x {
		x[i] = state(r.Float64() < density)
	}
	return x
}

func benchPacked(rows, columns int, density float64) (s States, total int) {
	s = NewStates(rows, columns)
	s.Pack(benchStates(rows*columns, density), rows)
	return s, s.Count(rows)
}

// The figure counts the additions for the ones. The last cases have a small batch, one row, and weights that no
// second-level cache holds.
func BenchmarkFieldOfStates(b *testing.B) {
	for _, c := range []struct {
		rows, in, out int
		density       float64
	}{
		{benchRows, benchVisible, benchHidden, 0.13},
		{benchRows, benchHidden, benchVisible, 0.25},
		{benchRows, benchHidden, benchVisible, 0.35},
		{benchRows, benchHidden, benchVisible, 0.5},
		{50, benchVisible, benchHidden, 0.13},
		{1, benchVisible, benchHidden, 0.13},
		{benchRows, 4096, 4096, 0.2},
	} {
		x, total := benchPacked(c.rows, c.in, c.density)
		z, w, bias := make([]float32, c.rows*c.out), benchPanels(c.in, c.out), benchNormals(c.out)
		name := fmt.Sprintf("B=%d/I=%d/J=%d/density=%v/", c.rows, c.in, c.out, c.density)
		benchEach(b, name, "Gadd/s", float64(total*c.out), func(s *Set) func() {
			a := Activation{Rows: c.rows, Columns: c.out, Field: ByRows(z, c.out), Input: Input{
				Weights: w, Bias: bias, States: x, Room: make([]int32, RoomFor(c.rows, c.in)),
			}}
			return func() { s.Activate(a, 0, c.rows*c.out) }
		})
	}
}

// The figure counts the additions and subtractions for the changes. Every case has few enough of them to follow the
// earlier field.
func BenchmarkFollowingField(b *testing.B) {
	for _, c := range []struct {
		in, out          int
		density, changes float64
	}{
		{benchVisible, benchHidden, 0.13, 0.04},
		{benchHidden, benchVisible, 0.5, 0.16},
		{benchHidden, benchVisible, 0.5, 0.3},
	} {
		was := benchStates(benchRows*c.in, c.density)
		x, flips := slices.Clone(was), benchStates(benchRows*c.in, c.changes)
		total := 0
		for i, f := range flips {
			if f == 1 {
				x[i] = 1 - x[i]
				total++
			}
		}
		from, to := NewStates(benchRows, c.in), NewStates(benchRows, c.in)
		from.Pack(was, benchRows)
		to.Pack(x, benchRows)
		z, w, bias := make([]float32, benchRows*c.out), benchPanels(c.in, c.out), benchNormals(c.out)
		name := fmt.Sprintf("B=%d/I=%d/J=%d/changes=%v/", benchRows, c.in, c.out, c.changes)
		benchEach(b, name, "Gadd/s", float64(total*c.out), func(s *Set) func() {
			a := Activation{Rows: benchRows, Columns: c.out, Field: ByRows(z, c.out), Input: Input{
				Weights: w, Bias: bias, States: to, Was: from, Before: ByRows(z, c.out),
				Room: make([]int32, RoomFor(benchRows, c.in)),
			}}
			return func() { s.Activate(a, 0, benchRows*c.out) }
		})
	}
}

// BenchmarkMean is of means alone, given the fields.
func BenchmarkMean(b *testing.B) {
	z := benchNormals(benchRows * benchHidden)
	p := make([]float32, len(z))
	benchEach(b, "", "Gelem/s", float64(len(z)), func(s *Set) func() {
		a := Activation{
			Rows: benchRows, Columns: benchHidden,
			Field: ByRows(z, benchHidden), Path: Model, Mean: ByRows(p, benchHidden),
		}
		return func() { s.Activate(a, 0, len(p)) }
	})
}

// BenchmarkSample is of draws alone, given the probability, which is the density of ones.
func BenchmarkSample(b *testing.B) {
	for _, density := range []float32{0.13, 0.35} {
		p := make([]float32, benchRows*benchHidden)
		for i := range p {
			p[i] = density
		}
		drawn := NewStates(benchRows, benchHidden)
		benchEach(b, fmt.Sprintf("density=%v/", density), "Gelem/s", float64(len(p)), func(s *Set) func() {
			a := Activation{Rows: benchRows, Columns: benchHidden, Mean: ByRows(p, benchHidden), States: drawn, Draw: Draw{Seed: 1}}
			return func() { s.Activate(a, 0, len(p)) }
		})
	}
}

// The data set is larger than the caches, and a third of each row is blank, as in MNIST.
func BenchmarkBinarize(b *testing.B) {
	const dataRows = 50000
	data := make([]byte, dataRows*benchVisible)
	for j := range data {
		if column := j % benchVisible; column > 130 && column < 650 {
			data[j] = byte(j) * byte(state(j%3 == 0))
		}
	}
	drawn, batch, next := NewStates(benchRows, benchVisible), make([]int32, benchRows), uint32(1)
	benchEach(b, "", "Gelem/s", benchRows*benchVisible, func(s *Set) func() {
		return func() {
			for n := range batch {
				next = next*1664525 + 1013904223 // a random row, by a linear congruential generator
				batch[n] = int32(next >> 8 % dataRows)
			}
			s.Binarize(drawn, data, batch, Draw{Seed: 1}, 0, benchRows, benchVisible)
		}
	})
}

// The fields of real values, of whole batches.
func BenchmarkField(b *testing.B) {
	for _, c := range [][3]int{{500, 784, 500}, {500, 500, 784}, {1000, 784, 1000}} {
		rows, in, out := c[0], c[1], c[2]
		z, x, w, bias := make([]float32, rows*out), benchNormals(rows*in), benchPanels(in, out), benchNormals(out)
		name := fmt.Sprintf("B=%d/I=%d/J=%d/", rows, in, out)
		benchEach(b, name, "GFLOP/s", 2*float64(rows*in*out), func(s *Set) func() {
			a := Activation{Rows: rows, Columns: out, Input: Input{Weights: w, Bias: bias, Values: x}, Field: ByRows(z, out)}
			return func() { s.Activate(a, 0, rows*out) }
		})
	}
}

// The share of one of two threads is half of the visible units, with a batch of 500 and 500
// chains.
func BenchmarkGradient(b *testing.B) {
	const rows = 500
	v, p, g := benchStates(rows*benchVisible, 0.13), benchPanels(rows, benchHidden), make([]float32, benchVisible*benchHidden)
	drawn := NewStates(rows, benchVisible)
	drawn.Pack(v, rows)
	total := 0
	for n := range rows {
		for _, x := range v[n*benchVisible:][:benchVisible/2] {
			total += int(x)
		}
	}
	data := Phase{Rows: rows, States: drawn, Room: make([]int32, RoomForPhase(benchVisible, rows)), Hidden: p}
	chains := data
	chains.Room = make([]int32, RoomForPhase(benchVisible, rows))
	benchEach(b, "states/", "Gadd/s", float64(2*total*benchHidden), func(s *Set) func() {
		return func() { s.Gradient(g, data, chains, 0, benchVisible/2, benchVisible, benchHidden) }
	})
	dense := Phase{Rows: rows, Visible: benchNormals(rows * benchVisible), Hidden: p}
	benchEach(b, "dense/", "GFLOP/s", 2*float64(rows*benchVisible*benchHidden), func(s *Set) func() {
		return func() { s.Gradient(g, dense, dense, 0, benchVisible/2, benchVisible, benchHidden) }
	})
}

// The figure counts the four arrays that an update reads and writes.
func BenchmarkAscend(b *testing.B) {
	const size = benchVisible * benchHidden
	a := Ascent{
		Keep: benchNormals(size), Scale: 0.9, Weights: benchNormals(size), Gradient: benchNormals(size),
		Rate: 1e-3, L2: 1e-4, Next: make([]float32, size),
		Center: Center{
			VisibleOffset: benchNormals(benchVisible), HiddenOffset: benchNormals(benchHidden),
			VisibleDifference: benchNormals(benchVisible), HiddenDifference: benchNormals(benchHidden),
		},
	}
	benchEach(b, "", "GB/s", 16*size, func(s *Set) func() {
		return func() { s.Ascend(a, 0, benchVisible, benchHidden) }
	})
}

func BenchmarkAdd(b *testing.B) {
	const size = benchVisible * benchHidden
	x, z := benchNormals(size), make([]float32, size)
	benchEach(b, "", "GB/s", 12*size, func(s *Set) func() {
		return func() { s.Add(z, z, x, 0, size) }
	})
}

func BenchmarkPack(b *testing.B) {
	const size = benchVisible * benchHidden
	src, dst, turned := benchNormals(size), NewPanels(benchVisible, benchHidden), NewPanels(benchHidden, benchVisible)
	benchEach(b, "", "GB/s", 8*size, func(s *Set) func() {
		return func() { s.Pack(dst, src, 0, benchVisible) }
	})
	benchEach(b, "transposed/", "GB/s", 8*size, func(s *Set) func() {
		return func() { s.PackTransposed(turned, src, 0, benchVisible) }
	})
}

func BenchmarkCumulantSum(b *testing.B) {
	z, f := benchNormals(benchRows*benchHidden), make([]float64, benchRows)
	benchEach(b, "", "Gelem/s", float64(len(z)), func(s *Set) func() {
		return func() { s.CumulantSum(f, ByRows(z, benchHidden), nil, 1, benchRows, benchHidden) }
	})
}

func BenchmarkColumnMeans(b *testing.B) {
	x, s := benchNormals(benchRows*benchHidden), benchNormals(benchRows)
	mean, weighted := make([]float32, benchHidden), make([]float32, benchHidden)
	benchEach(b, "", "GB/s", 4*float64(len(x)), func(set *Set) func() {
		return func() { set.ColumnMeans(mean, weighted, ByRows(x, benchHidden), s, 0, benchHidden, benchRows) }
	})
}

func BenchmarkRowDot(b *testing.B) {
	x, c, f := benchNormals(benchRows*benchVisible), benchNormals(benchVisible), make([]float64, benchRows)
	benchEach(b, "", "GB/s", 4*float64(len(x)), func(s *Set) func() {
		return func() { s.RowDot(f, ByRows(x, benchVisible), c, benchRows, benchVisible) }
	})
}

func BenchmarkColumnMeansStates(b *testing.B) {
	o, _ := benchPacked(benchRows, benchVisible, 0.13)
	s, mean, weighted := benchNormals(benchRows), make([]float32, benchVisible), make([]float32, benchVisible)
	benchEach(b, "", "Gelem/s", benchRows*benchVisible, func(set *Set) func() {
		return func() { set.ColumnMeansStates(mean, weighted, o, s, 0, benchVisible, benchRows) }
	})
}
