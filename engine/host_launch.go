package engine

import (
	"fmt"
	"sync/atomic"

	"harmonium/kernels"
)

func (h *host) fuses() fusions {
	return fusions{activations: true, changes: true, updates: true, totals: true, overlaps: h.exchange.apart()}
}

func (h *host) launch(op any, out Buffer, in []Buffer) error {
	if h.closed { // the threads have ended
		return errClosed
	}
	switch op := op.(type) {
	case *activation:
		return h.activate(op)
	case update:
		return h.update(out, in, op)
	case Field:
		return h.activate(&activation{field: op, x: in[0], w: in[1], b: in[2], z: out})
	case ChangedField:
		return h.activate(&activation{field: op.Field, before: in[0], was: in[1], x: in[2], w: in[3], b: in[4], z: out})
	case Mean:
		return h.activate(&activation{z: in[0], units: op.Units, place: op.Place, path: pathOf(in[1:]), mean: out})
	case Sample:
		return h.activate(&activation{
			z: in[0], units: op.Units, place: op.Place, path: pathOf(in[2:]), draw: op.Draw, clock: in[1], state: out,
		})
	case RealMean:
		return h.activateReals(out, in, op.Units, op.Place, op.Mixed, nil)
	case RealSample:
		return h.activateReals(out, in, op.Units, op.Place, op.Mixed, &op.Draw)
	case RealSum:
		return h.realSum(out, in, op)
	case RealWeight:
		return h.realWeight(out, in, op)
	case RealSlope:
		return h.realSlope(out, in, op)
	case Bound:
		return h.bound(out, in, op)
	case Toss:
		return h.toss(out, in, op)
	case Sweep:
		return h.sweep(out, in, op)
	case PairEnergy:
		return h.pairEnergy(out, in, op)
	case PairGradient:
		return h.pairMove(out, in, op.Units, false)
	case PairShift:
		return h.pairMove(out, in, nil, true)
	case rows:
		return h.rows(out, in, op.Rows)
	case assignment:
		return h.copy(out, in)
	case Tick:
		return h.tick(out, in)
	case Clamp:
		return h.clamp(out, in)
	case FreeEnergy:
		return h.freeEnergy(out, in, op)
	case LogWeight:
		return h.logWeight(out, in, op)
	case PseudoLikelihood:
		return h.pseudoLikelihood(out, in, op)
	case SquaredError:
		return h.squaredError(out, in)
	case Gradient:
		return h.gradient(out, in, op)
	case Means:
		return h.means(out, in, op)
	case CenteredDot:
		return h.centeredDot(out, in)
	case Difference:
		return h.difference(out, in)
	case BiasGradient:
		return h.biasGradient(out, in)
	case Sparsity:
		return h.sparsity(out, in, op)
	case SquaredL1:
		return h.squaredL1(out, in, op)
	case Shrink:
		return h.shrink(out, in, op)
	case ZeroSum:
		return h.zeroSum(out, in, op)
	case ZeroSumShift:
		return h.zeroSumShift(out, in, op)
	case ScaledRows:
		return h.scaledRows(out, in)
	case Blend:
		return h.blend(out, in, op)
	case Ascend:
		return h.ascend(out, in, op)
	case Add:
		return h.add(out, in)
	case Moment:
		return h.moment(out, in, op)
	case Adam:
		return h.moveParameter(moveByAdam, out, in)
	case Nesterov:
		return h.moveParameter(moveByNesterov, out, in)
	case Swap:
		return h.swap(out, in, op)
	case Coldest:
		return h.coldest(out, in, op)
	case Tally:
		return h.tally(out, in, op)
	case Trips:
		return h.trips(out, in, op)
	case Chance:
		return h.chance(out, in)
	case Select:
		return h.selectParts(out, in)
	case Part:
		return h.part(out, in, op)
	case Put:
		return h.put(out, in, op)
	case Total:
		return h.total(out, in)
	case totals:
		return h.addUp(op)
	case *gradientTotal:
		return h.gradientTotal(out, in, op)
	}
	return fmt.Errorf("the host has no launch of a %T", op)
}

func (h *host) tick(out Buffer, in []Buffer) error {
	kernels.Tick(out.(*hostBuffer).i32, in[0].(*hostBuffer).i32)
	return nil
}

// copy makes an assignment: in[0] is the variable, whose buffer is out, and in[1] the value.
func (h *host) copy(out Buffer, in []Buffer) error {
	to, from := out.(*hostBuffer), in[1].(*hostBuffer)
	to.written()
	if !from.bare {
		copyData(to.data, expanded(from).data)
	}
	if from.hasStates {
		states := to.roomForStates(from.states.Units)
		for n := range from.rows() {
			states.CopyRow(n, from.states, n)
		}
		to.hasStates, to.bare, to.ones = true, from.bare, from.ones
	}
	return nil
}

// rowsTask copies the rows of a batch from a data set, and binarizes them.
type rowsTask struct {
	kernels *kernels.Set
	batch   kernels.Batch
	binary  bool // all values of the data set are 0 or 1
	out     *hostBuffer
	ones    atomic.Int64

	// The rows come from a RowReader. Then the data of the batch, Bytes or Floats, are not the data set but
	// the rows of this batch alone, read into room in the order of the batch.
	fromReader bool
	room       readRoom
}

func (t *rowsTask) run(_, lo, hi int) {
	if !t.fromReader {
		t.ones.Add(int64(t.kernels.Gather(t.out.f32, t.out.states, &t.batch, lo, hi)))
		return
	}
	for n := lo; n < hi; n++ {
		one := t.row(n)
		t.ones.Add(int64(t.kernels.Gather(t.out.f32[n*one.Columns:], t.out.states.From(n), &one, 0, 1)))
	}
}

var firstRow = []int32{0}

// row returns the batch of row n alone, which is row 0 of its data. Draw.Row keeps the number of the
// row in the data set, which selects its random numbers.
func (t *rowsTask) row(n int) kernels.Batch {
	one := t.batch
	one.Rows = firstRow
	one.Draw.Row += uint32(t.batch.Rows[n])
	from, to := n*one.Columns, (n+1)*one.Columns
	if t.batch.Bytes != nil {
		one.Bytes = t.batch.Bytes[from:to]
	} else {
		one.Floats = t.batch.Floats[from:to]
	}
	return one
}

// rows starts the task that takes the batch at the clock's position from a data set.
func (h *host) rows(out Buffer, in []Buffer, r Rows) error {
	x, set := out.(*hostBuffer), expanded(in[0])
	t := h.tasks.rows.next()
	t.kernels, t.binary, t.out = h.kernels, set.binary, x
	t.batch = r.batch(in[1].(*hostBuffer).i32, in[2].(*hostBuffer).i32, x.width())
	t.batch.Bytes, t.batch.Floats, t.fromReader = set.u8, set.f32, set.reader != nil
	if t.fromReader {
		var err error
		if t.batch.Bytes, t.batch.Floats, err = t.room.read(set.reader, t.batch.Rows, x.width()); err != nil {
			return err
		}
	}
	t.ones.Store(0)
	x.roomForStates(r.Units)
	x.written()
	return h.startLoose(t, x.rows(), rowsOfLine)
}

// rowsOfLine is the number of rows that share a cache line of 64 bytes: of states, 64 columns of a row are a word of
// 8 bytes, and the word of the next row follows. No two threads should write the same line.
const rowsOfLine = 8

// done records in which forms the kernel has written the rows: as states alone if it drew them, else as numbers
// and, where a threshold has made states or the data set holds only 0 and 1, as states too.
func (t *rowsTask) done() error {
	if t.batch.Draws() {
		t.out.bareStates(int(t.ones.Load()))
	} else if t.batch.Binarize == Threshold || t.binary {
		t.out.hasStates, t.out.ones = true, int(t.ones.Load())
	}
	return nil
}

// packTask copies a matrix into panels.
type packTask struct {
	kernels          *kernels.Set
	b                *hostBuffer
	straight, turned kernels.Panels // room for the matrix and for its transpose; none if zero
}

func (t *packTask) run(_, lo, hi int) {
	if t.straight.Data != nil {
		t.kernels.Pack(t.straight, t.b.f32, lo, hi)
	}
	if t.turned.Data != nil {
		t.kernels.PackTransposed(t.turned, t.b.f32, lo, hi)
	}
}

// packed returns a matrix, or its transpose, in panels. The buffer keeps them until it is
// written. They are made at once, before the task of the launch that reads them is queued.
func (h *host) packed(b *hostBuffer, transposed bool) kernels.Panels {
	p, rows, columns := &b.panels, b.rows(), b.width()
	if transposed {
		p, rows, columns = &b.turnedPanels, columns, rows
	}
	if !p.fresh {
		if p.Data == nil {
			p.Panels = kernels.NewPanels(rows, columns)
		}
		h.tasks.pack = packTask{kernels: h.kernels, b: expanded(b)}
		if transposed {
			h.tasks.pack.turned = p.Panels
		} else {
			h.tasks.pack.straight = p.Panels
		}
		h.pool.run(&h.tasks.pack, b.rows(), square)
		p.fresh = true
	}
	return p.Panels
}

// square is the number of rows of a matrix that are transposed at a time: the 16 values of a column fill a cache
// line of the transpose, which no two threads should write.
const square = 16

func (h *host) clamp(out Buffer, in []Buffer) error {
	b := out.(*hostBuffer)
	kernels.Clamp(b.f32, expanded(in[0]).f32, expanded(in[1]).f32)
	b.written()
	return nil
}
