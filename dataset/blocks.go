package dataset

import (
	"fmt"
	"slices"

	"harmonium/memory"
)

// piecesOfBlock is the number of pieces that a block is made of. Chosen: with many pieces a block of a file sorted by
// class holds rows of many classes, and with few each is a long read of the file.
const piecesOfBlock = 64

// Blocks orders rows in blocks, and reads rows of a file one block at a time. The rows are cut into pieces
// of consecutive rows. A block is up to 64 pieces from any places in the file.
//
// Rows in memory can be ordered by Blocks as well, and then have the same order as rows of a file.
type Blocks struct {
	all    *Rows   // the rows that are ordered
	piece  int     // rows of a piece; the last one may have fewer
	pieces int     // number of all pieces
	block  int     // pieces of a block
	member []int32 // block of each piece
	place  []int32 // position of each piece in its block

	current int     // block in memory, of rows that stay in their file; -1 if none is
	numbers []int32 // room for the numbers of the rows of a piece
	bytes   []uint8 // values of the current block, or else in floats
	floats  []float32
}

// NewBlocks returns blocks of at most size rows. It returns a [*memory.Error] if a block of rows that stay in
// their file does not fit into memory.
func NewBlocks(of *Rows, size int) (*Blocks, error) {
	if size < 1 {
		return nil, fmt.Errorf("dataset: blocks of %d rows, want at least 1", size)
	}
	size = min(size, of.N)
	b := &Blocks{all: of, piece: (size + piecesOfBlock - 1) / piecesOfBlock, current: -1}
	b.pieces, b.block = (of.N+b.piece-1)/b.piece, size/b.piece
	if size == of.N { // with a short last piece too
		b.block = b.pieces
	}
	b.member, b.place = make([]int32, b.pieces), make([]int32, b.pieces)
	b.cut(span(0, b.pieces))
	if !of.Stored() {
		return b, nil
	}
	rows := b.block * b.piece
	bytes := 4 * float64(rows) * float64(of.V)
	if of.InBytes() {
		bytes /= 4
	}
	if err := memory.Check(fmt.Sprintf("a block of %d rows of %d columns", rows, of.V), bytes); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if of.InBytes() {
		b.bytes = make([]uint8, rows*of.V)
	} else {
		b.floats = make([]float32, rows*of.V)
	}
	b.numbers = make([]int32, 0, b.piece)
	return b, nil
}

// Pieces returns the number of pieces.
func (b *Blocks) Pieces() int { return b.pieces }

// Arrange makes new blocks of consecutive pieces in the list pieces, a permutation of the numbers of the pieces.
// It then sorts order, a permutation of the numbers of the rows, by block, and keeps the order within each block.
// With a single block it does nothing.
func (b *Blocks) Arrange(order, pieces []int32) {
	if b.block >= b.pieces {
		return
	}
	b.cut(pieces)
	b.current = -1
	// A counting sort: at[i] is where the next row of block i goes.
	at := make([]int, (b.pieces+b.block-1)/b.block+1)
	for _, n := range order {
		at[b.member[int(n)/b.piece]+1]++
	}
	for i := range at[1:] {
		at[i+1] += at[i]
	}
	for _, n := range slices.Clone(order) {
		i := b.member[int(n)/b.piece]
		order[at[i]] = n
		at[i]++
	}
}

// cut makes blocks of consecutive pieces in a list of all pieces.
func (b *Blocks) cut(pieces []int32) {
	for i, p := range pieces {
		b.member[p], b.place[p] = int32(i/b.block), int32(i%b.block)
	}
}

// InBytes reports whether the rows are bytes.
func (b *Blocks) InBytes() bool { return b.all.InBytes() }

// Binary reports whether every value is 0 or 1.
func (b *Blocks) Binary() bool { return b.all.Binary() }

// ReadRows is [Rows.ReadRows]. From a file it reads whole blocks and keeps the last: fast in the order of Arrange.
func (b *Blocks) ReadRows(bytes []uint8, floats []float32, numbers []int32) error {
	if !b.all.Stored() {
		return b.all.ReadRows(bytes, floats, numbers)
	}
	v := b.all.V
	for i, n := range numbers {
		p := int(n) / b.piece
		if err := b.readBlock(int(b.member[p])); err != nil {
			return err
		}
		from := (int(b.place[p])*b.piece + int(n)%b.piece) * v
		if bytes != nil {
			copy(bytes[i*v:(i+1)*v], b.bytes[from:])
		} else {
			copy(floats[i*v:(i+1)*v], b.floats[from:])
		}
	}
	return nil
}

// readBlock reads a block, unless it is in memory.
func (b *Blocks) readBlock(block int) error {
	if b.current == block {
		return nil
	}
	b.current = -1
	v := b.all.V
	for p, member := range b.member {
		if int(member) != block {
			continue
		}
		first := p * b.piece
		numbers := b.numbers[:0]
		for n := first; n < min(first+b.piece, b.all.N); n++ {
			numbers = append(numbers, int32(n))
		}
		from, to := int(b.place[p])*b.piece*v, (int(b.place[p])*b.piece+len(numbers))*v
		var err error
		if b.bytes != nil {
			err = b.all.ReadRows(b.bytes[from:to], nil, numbers)
		} else {
			err = b.all.ReadRows(nil, b.floats[from:to], numbers)
		}
		if err != nil {
			return err
		}
	}
	b.current = block
	return nil
}
