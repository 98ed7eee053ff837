//go:build gpu

package kernels

import (
	"math"
	"testing"
)

// halfRoom returns room for both terms of a copy in bfloat16 of a matrix, with numbers that are not zero.
func (p parity) halfRoom(rows, columns int) Half {
	size := rows * HalfWidth(columns) / 2 // two share a word
	return Half{p.room(size), p.room(size)}
}

// copied returns a copy of a matrix of the host with one or two terms.
func (p parity) copied(x []float32, rows, columns, terms int) Half {
	p.Helper()
	half := p.halfRoom(rows, columns)
	if terms == 1 {
		half.Low = 0
	}
	p.done(p.gpu.ToHalf(half, p.put(x), rows, columns))
	return half
}

// bfloat16 returns a finite x rounded to nearest, ties to even.
func bfloat16(x float32) float32 {
	bits := math.Float32bits(x)
	return math.Float32frombits((bits + 0x7FFF + bits>>16&1) &^ 0xFFFF)
}

// wantHalves checks a matrix in bfloat16. What lies behind the columns of a row is not checked: products do not read it.
func (p parity) wantHalves(what string, from Address, want []float32, columns int) {
	p.Helper()
	width := HalfWidth(columns)
	got := make([]byte, 2*len(want)/columns*width)
	p.done(p.gpu.Download(got, from))
	for i, w := range want {
		at := 2 * (i/columns*width + i%columns)
		if bits := uint32(got[at])<<16 | uint32(got[at+1])<<24; math.Float32frombits(bits) != w {
			p.Fatalf("%s in bfloat16, element %d: got %v, want %v", what, i, math.Float32frombits(bits), w)
		}
	}
}

// wantCopy checks both terms of a copy of x.
func (p parity) wantCopy(what string, half Half, x []float32, columns int) {
	p.Helper()
	high, low := make([]float32, len(x)), make([]float32, len(x))
	for i := range x {
		high[i] = bfloat16(x[i])
		low[i] = bfloat16(x[i] - high[i])
	}
	p.wantHalves(what, half.High, high, columns)
	p.wantHalves("rest of "+what, half.Low, low, columns)
}

// halfOnGPU returns a copy of a matrix on the GPU with one or two terms.
func halfOnGPU(t testing.TB, g *GPU, x Address, rows, columns, terms int) Half {
	t.Helper()
	room := func() Address { return onGPU(t, g, make([]float32, rows*HalfWidth(columns)/2)) }
	half := Half{High: room()}
	if terms > 1 {
		half.Low = room()
	}
	if err := g.ToHalf(half, x, rows, columns); err != nil {
		t.Fatal(err)
	}
	return half
}

// TestToHalfParity: both terms of a copy are the rounded numbers and the rounded rests, in every row.
func TestToHalfParity(t *testing.T) {
	forParity(t, func(p parity) {
		x := normals(p.T, p.random, p.visible*p.hidden)
		p.wantCopy("a matrix", p.copied(x, p.visible, p.hidden, 2), x, p.hidden)
	})
}

// TestToHalf: numbers round to nearest, ties to even, and above the largest number to infinity. Infinities and NaN
// stay, also the NaN 0x7F800001, whose high half alone would be infinite.
func TestToHalf(t *testing.T) {
	g := openGPU(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct{ x, want float32 }{
		{0, 0}, {1, 1}, {-1, -1}, {inf, inf}, {-inf, -inf}, {nan, nan}, {math.Float32frombits(0x7F800001), nan},
		{1 + 1./256, 1}, {1 + 3./256, 1 + 1./64}, // ties round to even
		{1 + 1./256 + 1./65536, 1 + 1./128},
		{math.MaxFloat32, inf},
	} {
		half, got := halfOnGPU(t, g, onGPU(t, g, []float32{test.x}), 1, 1, 1), make([]byte, 2)
		if err := g.Download(got, half.High); err != nil {
			t.Fatal(err)
		}
		x := math.Float32frombits(uint32(got[0])<<16 | uint32(got[1])<<24)
		if x != test.want && !(x != x && test.want != test.want) {
			t.Errorf("%v: got %v, want %v", test.x, x, test.want)
		}
	}
}

// tensorUnit bounds the relative error of an addition in float32 on tensor cores, which may cut a sum off instead of
// rounding it (Fasi, Higham, Mikaitis and Pranesh, Numerical behavior of NVIDIA tensor cores, 2021).
const tensorUnit = 0x1p-23

// TestProductsOfCopies: one term leaves a share of at most u = 2⁻⁸ of a factor, and two terms u², as each of them
// leaves u. So the factors that one term stands for change a product by a share of at most 2u + u², and two terms by
// 2u² + u⁴, and by u² more, since the product of both rests is left out.
//
// In float32, products of two numbers in bfloat16 are exact. A sum of `inner` of them has as many additions, and the
// sums of the second and third product are added to the first. The sizes of the terms are at most 1+u and u of
// a factor, and of their products (1+u)² and 2u(1+u). In float64 the first addition is exact.
func TestProductsOfCopies(t *testing.T) {
	forParity(t, func(p parity) {
		rows, inner, columns := p.rows, p.visible, p.hidden
		x, y := normals(p.T, p.random, rows*inner), normals(p.T, p.random, inner*columns)
		for terms := 1; terms <= 2; terms++ {
			const u = 0x1p-8
			share, largest := 2*u+u*u, (1+u)*(1+u) // of the sum of the sizes of exact products
			if terms == 2 {
				share, largest = 3*u*u+u*u*u*u, largest+2*u*(1+u)
			}
			z := p.room(rows * columns)
			p.done(p.gpu.HalfProduct(z, p.copied(x, rows, inner, terms), p.copied(y, inner, columns, terms), rows, inner, columns, false))
			got := fromGPU(p, p.gpu, make([]float32, rows*columns), z)
			for n := range rows {
				for j := range columns {
					var sum, size float64
					for i := range inner {
						term := float64(x[n*inner+i]) * float64(y[i*columns+j])
						sum, size = sum+term, size+math.Abs(term)
					}
					bound := size * (share + largest*gamma(inner+2*(terms-1), tensorUnit) + gamma(inner-1, 0x1p-53))
					if diff := math.Abs(float64(got[n*columns+j]) - sum); diff > bound {
						p.Fatalf("%d terms, element [%d,%d]: got %v, want %v ± %.3g", terms, n, j, got[n*columns+j], sum, bound)
					}
				}
			}
		}
	})
}

// TestGradientOfCopies: the gradient of copies with one term is the gradient of the rounded means, and with two terms of
// the means, but for the share 2⁻¹⁶ of them that the terms leave. An average over n rows has n additions, 2
// roundings of the reciprocal and of the product with it, and is added to at most 2·terms-1 other averages: with
// two terms there are four, of the rounded means and of the rests of both phases, whose sizes are up to 1+2u times
// the mean, with u = 2⁻⁸. In float64 an average has n roundings, and the difference one.
func TestGradientOfCopies(t *testing.T) {
	forParity(t, func(p parity) {
		visible, hidden := p.visible, p.hidden
		rows := [2]int{p.rows, (p.rows + 1) / 2}
		for terms := 1; terms <= 2; terms++ {
			var v, means [2][]float32
			var onV, onP [2]Half
			for side, n := range rows {
				v[side] = states(p.T, p.random, n*visible, 0.5)
				means[side] = input(p.T, n*hidden, func(int) float32 { return p.random.Float32() })
				onV[side], onP[side] = p.copied(v[side], n, visible, 1), p.copied(means[side], n, hidden, terms)
			}
			g := p.room(visible * hidden)
			p.done(p.gpu.HalfGradient(g, onV[0], onP[0], onV[1], onP[1], rows[0], rows[1], visible, hidden, 0, 0))
			for at, got := range fromGPU(p, p.gpu, make([]float32, visible*hidden), g) {
				i, j := at/hidden, at%hidden
				var want, bound float64
				for side, n := range rows {
					var sum float64
					for row := range n {
						mean := means[side][row*hidden+j]
						if terms == 1 {
							mean = bfloat16(mean)
						}
						sum += float64(v[side][row*visible+i]) * float64(mean)
					}
					sum /= float64(n)
					want += sum * float64(1-2*side)
					bound += sum * gamma(n+1, 0x1p-53)
					if terms == 1 {
						bound += sum * gamma(n+3, tensorUnit)
					} else {
						bound += sum * (0x1p-16 + (1+0x1p-7)*gamma(n+5, tensorUnit))
					}
				}
				if diff := math.Abs(float64(got) - want); diff > bound {
					p.Fatalf("%d terms, element [%d,%d]: got %v, want %v ± %.3g", terms, i, j, got, want, bound)
				}
			}
		}
	})
}
