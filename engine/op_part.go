package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Part is the op that takes the same rows from each of several blocks of a matrix, or the same
// elements from each of several blocks of a vector. The blocks have equal numbers of rows. A ladder
// has a block for each replica (see op_ladder.go), and Part takes the chains of a shard from each.
type Part struct {
	pure
	From   int // first row of a block that is taken
	Size   int // rows taken from each block
	Blocks int // 1 or more
	rank   int
}

// NewPart returns the rows p.From ≤ n < p.From+p.Size of each block of x (p.Blocks·N,J), block after
// block. For a vector x (p.Blocks·N) it takes elements.
func NewPart(x *gorgonia.Node, p Part) *gorgonia.Node {
	p.rank = x.Dims()
	return apply(p, x)
}

func (p Part) signature() signature {
	of := operand{tensor.Float32, p.rank}
	return signature{"part", []operand{of}, of}
}

func (p Part) shape(in []tensor.Shape) (tensor.Shape, error) {
	if rows := in[0][0] / p.Blocks; in[0][0]%p.Blocks > 0 || p.From < 0 || p.Size < 1 || p.From+p.Size > rows {
		return nil, fmt.Errorf("rows %d to %d of %d blocks of a shape %v", p.From, p.From+p.Size-1, p.Blocks, in[0])
	}
	shape := in[0].Clone()
	shape[0] = p.Blocks * p.Size
	return shape, nil
}

func (p Part) define(out *tensor.Dense, in []*tensor.Dense) {
	to, from := float32s(out), float32s(in[0])
	width := rowWidth(out.Shape())
	p.eachBlock(in[0].Shape()[0], func(to0, from0 int) {
		copy(to[to0*width:(to0+p.Size)*width], from[from0*width:])
	})
}

// eachBlock calls f once for each block: with its first row in the result, and with the first row that
// it takes of x, which has the given number of rows.
func (p Part) eachBlock(rows int, f func(to, from int)) {
	for block := range p.Blocks {
		f(block*p.Size, block*(rows/p.Blocks)+p.From)
	}
}

// rowWidth returns the number of elements of a row; a vector has one in each row.
func rowWidth(s tensor.Shape) int {
	if len(s) == 1 {
		return 1
	}
	return s[1]
}

// Put is the op that replaces rows of a matrix, or elements of a vector, as [Part] takes them.
type Put struct {
	From   int // first row of a block that is replaced
	Blocks int // 1 or more
	parts  int
	rank   int
}

// NewPut returns x with the rows from p.From on of each block replaced by the rows of the parts, in
// their order. x is (p.Blocks·N,J) and a part (p.Blocks·n,J), with any n.
func NewPut(x *gorgonia.Node, parts []*gorgonia.Node, p Put) *gorgonia.Node {
	p.parts, p.rank = len(parts), x.Dims()
	return apply(p, append([]*gorgonia.Node{x}, parts...)...)
}

func (p Put) signature() signature {
	of := operand{tensor.Float32, p.rank}
	s := signature{"put", nil, of}
	for range p.parts + 1 {
		s.in = append(s.in, of)
	}
	return s
}

func (p Put) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := 0
	for _, part := range in[1:] {
		if part[0]%p.Blocks > 0 || rowWidth(part) != rowWidth(in[0]) {
			return nil, fmt.Errorf("a part has shape %v, want %d blocks of rows of a shape %v", part, p.Blocks, in[0])
		}
		rows += part[0] / p.Blocks
	}
	if in[0][0]%p.Blocks > 0 || p.From < 0 || p.From+rows > in[0][0]/p.Blocks {
		return nil, fmt.Errorf("rows %d to %d of %d blocks of a shape %v", p.From, p.From+rows-1, p.Blocks, in[0])
	}
	return in[0].Clone(), nil
}

func (p Put) define(out *tensor.Dense, in []*tensor.Dense) {
	to, width := float32s(out), rowWidth(out.Shape())
	copy(to, float32s(in[0]))
	at := p.From
	for _, part := range in[1:] {
		piece := p.partFrom(at, part.Shape())
		piece.eachBlock(out.Shape()[0], func(from, row int) {
			copy(to[row*width:(row+piece.Size)*width], float32s(part)[from*width:])
		})
		at += piece.Size
	}
}

// partFrom returns the Part that would take an operand of the given shape back from the result, where
// its rows begin at row `at` of each block.
func (p Put) partFrom(at int, shape tensor.Shape) Part {
	return Part{From: at, Size: shape[0] / p.Blocks, Blocks: p.Blocks}
}

// whole reports whether parts of the given shapes replace all rows of x.
func (p Put) whole(x tensor.Shape, parts []Buffer) bool {
	rows := 0
	for _, b := range parts {
		rows += b.Shape()[0]
	}
	return rows == x[0]
}

func (Put) inPlace(i int) bool { return i == 0 }
