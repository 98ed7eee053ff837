//go:build gpu

package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// halves reports whether the factors of reduced fields and of gradients are copies in bfloat16, the
// halves of their buffers.
func (d *cuda) halves() bool { return d.precision >= kernels.BFloat16 }

// terms returns the number of terms of a copy: with two, the second has the rest that the rounding of
// the first leaves.
func (d *cuda) terms() int64 {
	if d.precision == kernels.TwoBFloat16 {
		return 2
	}
	return 1
}

// tracks reports whether a tensor may hold states, which a copy in bfloat16 holds exactly.
func tracks(b *cudaBuffer) bool {
	return len(b.shape) == 2 && (b.of == tensor.Float32 || b.of == tensor.Uint8)
}

// halve says whether the copy has the values of the tensor from now on.
func (b *cudaBuffer) halve(valid bool) {
	b.halved = valid
	if r := b.device.recording; r != nil {
		r.changed[b] = true
	}
}

// exact returns the copy, without the second term if the tensor holds states, whose second term is 0.
func (b *cudaBuffer) exact() kernels.Half {
	half := b.half
	if b.states {
		half.Low = 0
	}
	return half
}

// half returns the copy of a matrix in bfloat16, which it makes if there is none. From then on launches
// that write the matrix write the copy as well, where they can.
func (d *cuda) half(b *cudaBuffer) (kernels.Half, error) {
	if err := d.halfRoom(b); err != nil {
		return kernels.Half{}, err
	}
	half := b.exact()
	if b.halved {
		d.relies(b)
		return half, nil
	}
	b.halve(true)
	return half, d.gpu.ToHalf(half, at(b), b.rows(), b.width())
}

// halfRoom makes the room of a matrix's copy. Where the rows of another matrix follow or precede the
// matrix, the same holds for the rows of the copies.
func (d *cuda) halfRoom(b *cudaBuffer) error {
	if b.half.High != 0 {
		return nil
	}
	if d.recording != nil {
		return fmt.Errorf("no room for the bfloat16 copy of %s %v", b.name, b.shape)
	}
	first := b // of the two matrices, or b alone
	if b.ahead != nil {
		first = b.ahead
	}
	term := first.halfBytes() // bytes of a term of all copies
	if first.behind != nil {
		term += first.behind.halfBytes()
	}
	copies, err := d.gpu.Alloc(d.terms() * term)
	if err != nil {
		return b.failed(adviseLess(err))
	}
	from := copies.Address
	for _, b := range []*cudaBuffer{first, first.behind} {
		if b == nil {
			break
		}
		b.copies, b.half.High = copies, from
		if d.terms() > 1 {
			b.half.Low = from + kernels.Address(term)
		}
		from += kernels.Address(b.halfBytes())
	}
	return nil
}

// halfBytes returns the number of bytes of a term of the copy.
func (b *cudaBuffer) halfBytes() int64 {
	return 2 * int64(b.rows()) * int64(kernels.HalfWidth(b.width()))
}

// copyTarget returns the room for the copy of a matrix that is about to be written, or none if no product
// has needed a copy so far. The launch must write the copy.
func (d *cuda) copyTarget(b Buffer) kernels.Half {
	x := b.(*cudaBuffer)
	if !d.halves() || x.half.High == 0 {
		return kernels.Half{}
	}
	x.halve(true)
	return x.half
}

// drawTarget prepares a buffer for a draw. It returns the address for the states, and the address for
// their bfloat16 copy if a launch has needed one before, or none.
func (d *cuda) drawTarget(b *cudaBuffer) (state, half kernels.Address) {
	b.written()
	b.states = true
	if b.half.High != 0 {
		b.halve(true)
	}
	return at(b), b.half.High
}

// statesHalf returns the address of the bfloat16 copy of a matrix of states, which takes half the
// time to read, or none if there is no copy now. It makes no copy, since launches on another branch
// may read it. It makes room for one, so that later draws of the states write it.
func (d *cuda) statesHalf(b Buffer) (kernels.Address, error) {
	x := b.(*cudaBuffer)
	switch {
	case !x.states:
		return 0, nil
	case x.halved:
		half, err := d.half(x)
		return half.High, err
	case d.recording != nil:
		return 0, nil
	}
	return 0, d.halfRoom(x)
}
