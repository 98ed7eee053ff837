package engine

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// Paper is a device that computes nothing: it lists the launches that a GPU would make, with the work
// of each. Its tensors have shapes and no values. A dimension d of a tensor stands for Sizes[d], if
// that is not 0, so that a small model gives the launches of a large one. Precision is as in Options.
type Paper struct {
	Sizes     map[int]int
	Precision string
	Works     []Work // of all launches so far

	forks  int  // branches of the run so far
	now    int  // the branch under way, or 0
	beside bool // launches are beside this branch and not of it
	copies map[Buffer]*paperCopy
}

// Work is what one launch on a GPU has to do.
type Work struct {
	Name string

	// The launches of a branch, and the launches beside it, have the number of the branch, from 1; all
	// other launches have 0.
	Branch int
	Beside bool // the launch is beside the branch and not of it

	// The size of a product; else 0. Its operations are 2·Rows·Inner·Columns.
	Rows, Inner, Columns int

	Bytes      float64 // of the operands, each read once, and of the results
	Operations float64 // instructions of all threads, without the product
	Doubles    float64 // of these, in float64
	Blocks     int     // of threads

	// The longest chain of dependent steps of one thread.
	Trips      int // reads from memory
	Near       int // reads from the card's cache, of vectors that earlier launches have written
	Adds       int // additions in float32
	DoubleAdds int // additions in float64
}

// Instructions for one element, counted in the machine code of the kernels and rounded up.
const (
	drawnElement  = 80 // a mean or a chance, and a draw
	meanElement   = 50
	rowsElement   = 45 // of a batch, binarized by a draw
	reduceElement = 6  // a plain and a weighted sum
	dotElement    = 8
	dotDoubles    = 4 // two conversions, a product and an addition
	moveElement   = 14
	copyElement   = 8  // a term of a copy in bfloat16
	stepElement   = 60 // of a vector, in a small step
)

// unitChain stands for the dependent operations in float32 of a mean and a draw, as additions; an estimate.
const unitChain = 60

// The sizes of blocks in the kernels: activate.cu and rows.cu; ascend.cu and to_half of field.cu;
// layer_means and centered_dots of reduce.cu; steps.cu.
const (
	threadsOfBlock   = 256
	elementsOfThread = 16 // units and rows of a batch
	elementsOfMove   = 4  // of a thread in the update of a matrix or a copy in bfloat16

	layersOfMeans = 2   // layers in one launch
	columnsOfTile = 128 // of a block
	slicesOfBlock = 8   // slices of rows that a block adds up, one for each warp
	rowsOfSlice   = 64
	rowsAtOnce    = 16 // that are loaded at a time
	partsOfSum    = 16 // the slices are added up in parts, which are folded

	dotsOfLaunch  = 4                // centered dots in one launch
	rowsOfDots    = 15               // of a block; its other lanes compute c·c
	lanesOfDots   = 16               // of a row, whose sums are folded
	columnsOfDots = 16 * lanesOfDots // that are loaded at a time

	fold = 4 // dependent additions that fold sixteen parts or lanes

	threadsOfSteps = 512
)

type paperBuffer struct {
	of    tensor.Dtype
	shape tensor.Shape
}

func (b *paperBuffer) Dtype() tensor.Dtype { return b.of }
func (b *paperBuffer) Shape() tensor.Shape { return b.shape }

func (p *Paper) Name() string { return "paper (no values)" }

func (p *Paper) Alloc(of tensor.Dtype, shape tensor.Shape) (Buffer, error) {
	return &paperBuffer{of, shape.Clone()}, nil
}

func (p *Paper) Load(data any, shape tensor.Shape) (Buffer, error) {
	from, err := readerOf(data, shape)
	if from != nil {
		return &paperBuffer{typeOfReader(from), shape.Clone()}, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := newHostBuffer(data, shape)
	if err != nil {
		return nil, err
	}
	return &paperBuffer{b.Dtype(), shape.Clone()}, nil
}

func (p *Paper) Upload(Buffer, any) error   { return nil }
func (p *Paper) Download(any, Buffer) error { return nil }
func (p *Paper) Sync() error                { return nil }
func (p *Paper) Close() error               { return nil }

func (p *Paper) fuses() fusions { return fusions{activations: true, together: true} }

func (p *Paper) prepare(*launch) error { return nil }

func (p *Paper) allocBeside(of tensor.Dtype, first, second tensor.Shape) (Buffer, Buffer, error) {
	return &paperBuffer{of, first.Clone()}, &paperBuffer{of, second.Clone()}, nil
}

// launch lists the launches of an op.
func (p *Paper) launch(op any, out Buffer, in []Buffer) error {
	switch op := op.(type) {
	case *activation:
		if op.units.Several() {
			return errors.New("no work is known of units of several columns")
		}
		p.activation(op, op)
	case twoLayers:
		if op.data.units.Several() {
			return errors.New("no work is known of units of several columns")
		}
		if p.terms(op.data.x) == p.terms(op.chains.x) {
			p.activation(op.data, op.chains)
		} else { // as the GPU does, which needs factors of as many terms for one product
			p.activation(op.data, op.data)
			p.activation(op.chains, op.chains)
		}
	case rows:
		n := p.elements(out)
		bytes := p.written(out, op.Binarize != AsIs) // a GPU also finds the states in data that hold only 0 and 1
		p.add(Work{
			Name: "rows of the batch", Bytes: n*float64(in[0].Dtype().Size()) + bytes, Operations: n * rowsElement,
			Blocks: blocks(n, threadsOfBlock*elementsOfThread), Trips: 1, Near: 2, // the clock, and the order
		})
	case Gradient:
		data, chains := p.factors(in[0], in[1]), p.factors(in[2], in[3])
		p.written(out, false)
		p.products("gradient of the data", p.shape(in[0])[1], p.shape(in[0])[0], p.shape(in[1])[1], data, false)
		p.products("gradient of the chains", p.shape(in[2])[1], p.shape(in[2])[0], p.shape(in[3])[1], chains, true)
	case dots:
		p.dots(op)
	case CenteredDot:
		p.dots(dots{{op: op, out: out, in: in}})
	case layers:
		p.layers(op)
	case Means:
		p.layers(layers{{data: launch{op: op, out: out, in: in}}})
	case steps:
		p.steps(op)
	case Ascend:
		p.steps(steps{{op: op, out: out, in: in}})
	case Body:
		p.pass(op, out, in)
	default:
		return fmt.Errorf("no work of a %T", op)
	}
	return nil
}

// pass adds an op without a case of its own as one pass over its operands and result, with the instructions of a
// move. Its two trips to memory are a guess.
func (p *Paper) pass(op Body, out Buffer, in []Buffer) {
	n := p.elements(out)
	p.copyOf(out).valid, p.copyOf(out).states = false, false
	p.add(Work{
		Name: op.signature().name, Bytes: p.bytes(append([]Buffer{out}, in...)...), Operations: n * moveElement,
		Blocks: blocks(n, threadsOfBlock), Trips: 2,
	})
}

// add lists a launch of the branch under way.
func (p *Paper) add(w Work) {
	w.Branch, w.Beside = p.now, p.beside
	p.Works = append(p.Works, w)
}

// follow begins a run of a plan, whose branches are counted from 1.
func (p *Paper) follow(string) { p.forks = 0 }

func (p *Paper) fork() error {
	p.forks++
	p.now = p.forks
	return nil
}

func (p *Paper) back() { p.beside = true }

func (p *Paper) join() error {
	p.now, p.beside = 0, false
	return nil
}

// dots adds the launches of centered dots.
func (p *Paper) dots(all dots) {
	for some := range slices.Chunk(all, dotsOfLaunch) {
		w := Work{Name: "centered dots", Trips: 1}
		for _, l := range some {
			n, columns := p.elements(l.in[0]), p.shape(l.in[0])[1]
			w.Bytes += p.read(l.in[0]) + p.bytes(l.out)
			w.Operations += n * dotElement
			w.Doubles += n * dotDoubles
			w.Blocks += blocks(float64(p.shape(l.in[0])[0]), rowsOfDots)
			w.Trips = max(w.Trips, blocks(float64(columns), columnsOfDots))
			w.DoubleAdds = max(w.DoubleAdds, blocks(float64(columns), lanesOfDots)+fold)
		}
		p.add(w)
	}
}

// layers adds the launches of the means of layers, each of the data and, where there are some, of the chains.
func (p *Paper) layers(all layers) {
	for some := range slices.Chunk(all, layersOfMeans) {
		w := Work{Name: "means of layers"}
		for _, l := range some {
			count, columns := 0, p.shape(l.data.in[0])[1]
			for _, side := range []launch{l.data, l.chains} {
				if side.op == nil {
					continue
				}
				rows := p.shape(side.in[0])[0]
				slicesOfSide := blocks(float64(rows), rowsOfSlice)
				count += slicesOfSide
				// Plain and weighted sums, written and read; sides without weights are few, and counted as if they had them.
				w.Bytes += p.read(side.in[0]) + 2*2*4*float64(slicesOfSide*columns)
				w.Operations += p.elements(side.in[0]) * reduceElement
				w.Trips = max(w.Trips, blocks(float64(min(rows, rowsOfSlice)), rowsAtOnce))
				// Two to count the blocks of the tile that are done, and then the sums of all slices.
				w.Near = max(w.Near, 2+blocks(float64(slicesOfSide), partsOfSum))
				w.Adds = max(w.Adds, min(rows, rowsOfSlice)+blocks(float64(slicesOfSide), partsOfSum)+fold)
			}
			w.Blocks += blocks(float64(columns), columnsOfTile) * blocks(float64(count), slicesOfBlock)
		}
		p.add(w)
	}
}

// steps adds the small steps of an update in one launch, or the update of a matrix, or of a vector by itself.
func (p *Paper) steps(all steps) {
	if len(all) == 1 {
		out := all[0].out
		n := p.elements(out)
		p.add(Work{
			Name: "update of a parameter", Bytes: 2*p.bytes(out) + p.written(out, false), // reads it and its gradient
			Operations: n * moveElement,
			Blocks:     blocks(n, threadsOfBlock*elementsOfMove), Trips: 1,
			Near: 2, // the clock, and the row of rates that it selects
		})
		return
	}
	w := Work{Name: "small steps", Blocks: 1, Near: 2} // the table of steps, and the record of faults
	for _, l := range all {
		n := p.elements(l.out)
		w.Bytes += 5 * 4 * n // about four vectors of operands, and the result
		w.Operations += n * stepElement
		w.Near += blocks(n, threadsOfSteps)
		switch l.op.(type) {
		case BiasGradient:
			others := p.elements(l.in[4])
			w.Near += blocks(others, columnsOfDots)
			w.DoubleAdds += blocks(others, lanesOfDots) + fold
		case Ascend, Adam, Nesterov:
			w.Near += 2 // the clock, and the row of rates that it selects
		}
	}
	p.add(w)
}

// shape returns the shape that a tensor stands for (see Sizes). elements and bytes are its sizes.
func (p *Paper) shape(b Buffer) tensor.Shape {
	shape := b.Shape().Clone()
	for i, d := range shape {
		if size := p.Sizes[d]; size != 0 {
			shape[i] = size
		}
	}
	return shape
}

func (p *Paper) elements(b Buffer) float64 {
	n := 1.0
	for _, d := range p.shape(b) {
		n *= float64(d)
	}
	return n
}

func (p *Paper) bytes(all ...Buffer) float64 {
	var sum float64
	for _, b := range all {
		if b != nil {
			sum += p.elements(b) * float64(b.Dtype().Size())
		}
	}
	return sum
}

// blocks returns n/size, rounded up.
func blocks(n float64, size int) int { return (int(n) + size - 1) / size }
