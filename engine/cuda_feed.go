//go:build gpu

package engine

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"harmonium/kernels"
)

// feed copies the rows of a data set on the host to the GPU, in the order in which batches take
// them. It copies chunks of whole batches (see the device's chunk). The ring has room for two: while
// launches read one chunk, the next one is copied.
type feed struct {
	ring  *kernels.Ring
	data  *cudaBuffer
	order *cudaBuffer
	batch int // number of rows in a batch
	chunk int // number of rows in a chunk, a multiple of batch, or all rows of the order
	parts []part
	taken int // version of the order that the chunks follow
	room  readRoom
}

// part describes one part of the ring. It has room for a chunk.
type part struct {
	chunk int  // number of the chunk that it holds, counted along the order; or -1
	used  bool // launches already wait for the copy of this chunk
}

// feed returns the feed for batches of the given number of rows, taken in the given order.
func (d *cuda) feed(data, order *cudaBuffer, batch int) (*feed, error) {
	for _, f := range data.feeds {
		if f.order == order && f.batch == batch {
			return f, nil
		}
	}
	row, rows := data.rowBytes(), order.size()
	f := &feed{data: data, order: order, batch: batch, taken: -1}
	f.chunk = max(int(d.chunk)/(row*batch), 1) * batch
	f.parts = make([]part, min(2, (rows+f.chunk-1)/f.chunk))
	if len(f.parts) == 1 {
		f.chunk = rows
	}
	var err error
	if f.ring, err = d.gpu.NewRing(len(f.parts), f.chunk*row); err != nil {
		return nil, fmt.Errorf("chunks of %d rows of the data set %v: %w", f.chunk, data.shape, adviseLess(err))
	}
	data.feeds = append(data.feeds, f)
	return f, nil
}

// bring makes the following launches find the first size rows of the batch at the clock's position. It
// also starts to copy the next chunk.
func (f *feed) bring(clock *cudaBuffer, size int) error {
	if clock.ints == nil || f.order.ints == nil {
		return errors.New("the rows of a data set on the host need a clock and an order that no launch computes")
	}
	start := int(clock.ints[ClockPosition]) * f.batch
	if rows := len(f.order.ints); start < 0 || start+size > rows {
		return fmt.Errorf("rows %d to %d of an order of %d", start, start+size-1, rows)
	}
	if f.taken != f.order.version {
		f.taken = f.order.version
		for i := range f.parts {
			f.parts[i].chunk = -1
		}
	}
	now := start / f.chunk // the chunk with this batch
	if err := f.send(now); err != nil {
		return err
	}
	if i := now % len(f.parts); !f.parts[i].used {
		f.parts[i].used = true
		if err := f.ring.Use(i); err != nil {
			return err
		}
	}
	return f.send(now + 1)
}

// send starts to copy a chunk of the order, unless it is past the end or already copied.
func (f *feed) send(chunk int) error {
	i, from := chunk%len(f.parts), chunk*f.chunk
	if f.parts[i].chunk == chunk || from >= len(f.order.ints) {
		return nil
	}
	room, err := f.ring.Room(i)
	if err != nil {
		return err
	}
	order := f.order.ints[from:min(from+f.chunk, len(f.order.ints))]
	if err := f.gather(room, order); err != nil {
		return err
	}
	f.parts[i] = part{chunk: chunk}
	return f.ring.Send(i, len(order)*f.data.rowBytes())
}

// gather copies rows of the data set to dst.
func (f *feed) gather(dst []byte, order []int32) error {
	set := f.data.host
	if set.reader == nil {
		gather(dst, set.bytes(), order, f.data.rowBytes())
		return nil
	}
	bytes, floats, err := f.room.read(set.reader, order, f.data.width())
	if bytes == nil {
		bytes = kernels.Bytes(floats)
	}
	copy(dst, bytes)
	return err
}

// gather copies rows of `row` bytes, with all processors, since one alone is slower than the bus.
func gather(dst, src []byte, order []int32, row int) {
	var all sync.WaitGroup
	share := (len(order) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	for first := 0; first < len(order); first += share {
		all.Go(func() {
			for i := first; i < min(first+share, len(order)); i++ {
				index := int(order[i])
				copy(dst[i*row:(i+1)*row], src[index*row:(index+1)*row])
			}
		})
	}
	all.Wait()
}

// rowBytes returns the number of bytes in a row.
func (b *cudaBuffer) rowBytes() int { return int(sizes[b.of]) * b.width() }
