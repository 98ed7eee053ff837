//go:build gpu

package kernels

import (
	"cmp"
	"errors"
)

// Half is a copy of a matrix (rows, columns) in bfloat16, as a factor of products. Its rows begin at
// multiples of [HalfWidth]. Low is none, or a second copy with the rest that High leaves: High has 8
// significant bits, and the sum of both terms 16.
type Half struct{ High, Low Address }

// HalfWidth returns the distance of the rows of a copy in elements: columns, rounded up to a multiple
// of 64, so that all rows are aligned as tensor cores need it.
func HalfWidth(columns int) int { return (columns + 63) / 64 * 64 }

// ToHalf launches the copy of x (rows, columns): the rounding to bfloat16, to nearest, ties to even,
// and, unless Low is none, the rounding of the rest.
func (g *GPU) ToHalf(half Half, x Address, rows, columns int) error {
	// A thread rounds four columns.
	return g.launch("to_half", rows*((columns+3)/4), half.High, half.Low, x, rows, columns)
}

// halfFactor is a factor of a product as it is stored, with columns columns. turned selects its
// transpose.
type halfFactor struct {
	Half
	columns int
	turned  bool
}

// term returns one of the two terms, High or Low, as a factor.
func (f halfFactor) term(address Address) matrix {
	return matrix{address, HalfWidth(f.columns), f.turned}
}

// halfProducts launches c = alpha·x·y + beta·c as the products of the terms of x and y, without the
// product of both rests, which is below the rounding of the others.
func (g *GPU) halfProducts(c Address, alpha float32, x, y halfFactor, beta float32, rows, inner, columns int) error {
	err := g.halfProduct(c, alpha, x.term(x.High), y.term(y.High), beta, rows, inner, columns)
	if y.Low != 0 {
		err = errors.Join(err, g.halfProduct(c, alpha, x.term(x.High), y.term(y.Low), 1, rows, inner, columns))
	}
	if x.Low != 0 {
		err = errors.Join(err, g.halfProduct(c, alpha, x.term(x.Low), y.term(y.High), 1, rows, inner, columns))
	}
	return err
}

// HalfProduct launches z = x·w or, if turned, z = x·wᵀ, as [GPU.Product] does, of copies in bfloat16.
func (g *GPU) HalfProduct(z Address, x, w Half, rows, in, out int, turned bool) error {
	factor := halfFactor{w, out, turned}
	if turned {
		factor.columns = in
	}
	return g.halfProducts(z, 1, halfFactor{x, in, false}, factor, 0, rows, in, out)
}

// HalfGradient launches [GPU.Gradient] of copies in bfloat16.
func (g *GPU) HalfGradient(gradient Address, vd, pd, vm, pm Half, data, chains, visible, hidden, ofData, ofChains int) error {
	side := func(alpha float32, v, p Half, beta float32, rows int) error {
		return g.halfProducts(gradient, alpha, halfFactor{v, visible, true}, halfFactor{p, hidden, false}, beta,
			visible, rows, hidden)
	}
	return errors.Join(
		side(1/float32(cmp.Or(ofData, data)), vd, pd, 0, data),
		side(-1/float32(cmp.Or(ofChains, chains)), vm, pm, 1, chains))
}
