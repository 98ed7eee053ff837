//go:build gpu

package engine

import (
	"fmt"
	"time"

	"harmonium/kernels"
	"harmonium/ranks"
)

// cudaExchange is what the totals of a GPU need. NCCL sends numbers from GPU to GPU. Without it they go to the host
// through pinned memory, and from there by the transport of the ranks.
type cudaExchange struct {
	ranks ranks.Transport
	nccl  *ranks.NCCL        // or nil
	why   string             // why there is no NCCL
	room  *kernels.Piece     // with NCCL: the numbers of an exchange, and the numbers of a peer
	host  *kernels.Pinned    // without NCCL: the same
	size  int                // numbers that an exchange may have: half of the numbers in room or host
	spent time.Duration      // in exchanges without NCCL
	watch *kernels.Stopwatch // of exchanges by NCCL, or nil
}

func (d *cuda) transport() ranks.Transport { return d.exchange.ranks }

func (d *cuda) exchanged() time.Duration {
	e := &d.exchange
	if e.watch == nil {
		return e.spent
	}
	spent, err := e.watch.Total()
	if err != nil {
		return 0 // the next wait returns the error
	}
	return spent
}

// alone opens the same GPU in a context of its own.
func (d *cuda) alone(int) (Device, error) {
	return openCUDA(Options{Precision: precisionNames[d.precision], Ranks: seat{d.exchange.ranks}})
}

// seat is the transport of one rank alone that keeps the place of a rank on its machine, and so its GPU.
type seat struct{ ranks.Transport }

func (seat) Size() int { return 1 }

func (d *cuda) connect() error {
	with := func(f func() error) error { return d.gpu.With(func(uintptr) error { return f() }) }
	e := &d.exchange
	var err error
	if e.nccl, e.why, err = ranks.OpenNCCL(e.ranks, d.gpu.ID, with); err != nil {
		return err
	}
	if e.nccl != nil {
		e.watch, err = d.gpu.NewStopwatch()
	}
	return err
}

// describe says how numbers go to other ranks.
func (e *cudaExchange) describe() string {
	if e.nccl != nil {
		return fmt.Sprintf("%d ranks by NCCL %s and %s", e.ranks.Size(), e.nccl.Version(), e.ranks.Name())
	}
	text := fmt.Sprintf("%d ranks through pinned memory and %s", e.ranks.Size(), e.ranks.Name())
	if e.why != "" {
		text += ", as NCCL cannot connect them: " + e.why
	}
	return text
}

// failure returns the error of an exchange that has ended without a result.
func (e *cudaExchange) failure() error {
	if e.nccl == nil {
		return nil
	}
	return e.nccl.Failure()
}

func (e *cudaExchange) close() {
	if e.nccl != nil {
		e.nccl.Close()
	}
}

// total adds up one tensor, in the buffer of the result.
func (d *cuda) total(out, x Buffer) error {
	e, b := &d.exchange, out.(*cudaBuffer)
	if out != x {
		if err := d.gpu.Copy(target(out), at(x), floatBytes*b.size()); err != nil {
			return err
		}
	}
	if e.ranks.Size() == 1 {
		return nil
	}
	b.written()
	if err := d.makeRoom(b.size()); err != nil {
		return err
	}
	if e.nccl == nil {
		return d.sumOnHost([]launch{{out: out, in: []Buffer{out}}}, b.size())
	}
	return d.sumByNCCL(at(out), e.room.Address, b.size())
}

// addUp makes several totals in one exchange. All operands are copied before a result is written, since a result may
// take the place of the operand of another.
func (d *cuda) addUp(all totals) error {
	e, size := &d.exchange, 0
	for _, l := range all {
		size += l.out.Shape().TotalSize()
		l.out.(*cudaBuffer).written()
	}
	if err := d.makeRoom(size); err != nil {
		return err
	}
	if e.nccl == nil {
		return d.sumOnHost(all, size)
	}
	numbers := e.room.Address
	err := eachOf(all, func(l launch, first, size int) error {
		return d.gpu.Copy(numbers+bytesOfFloats(first), at(l.in[0]), floatBytes*size)
	})
	if err == nil {
		err = d.sumByNCCL(numbers, numbers+bytesOfFloats(e.size), size)
	}
	if err != nil {
		return err
	}
	return eachOf(all, func(l launch, first, size int) error {
		return d.gpu.Copy(target(l.out), numbers+bytesOfFloats(first), floatBytes*size)
	})
}

// eachOf calls f with each total, and with the place and count of its numbers among the numbers of all.
func eachOf(all totals, f func(l launch, first, size int) error) error {
	first := 0
	for _, l := range all {
		size := l.out.Shape().TotalSize()
		if err := f(l, first, size); err != nil {
			return err
		}
		first += size
	}
	return nil
}

func bytesOfFloats(n int) kernels.Address { return kernels.Address(floatBytes * n) }

// makeRoom makes room for an exchange of size numbers: for these, and for the numbers of a peer.
func (d *cuda) makeRoom(size int) error {
	e := &d.exchange
	if size <= e.size {
		return nil
	}
	var err error
	if e.nccl != nil {
		e.room, err = d.gpu.Alloc(2 * floatBytes * int64(size))
	} else {
		if e.host != nil {
			if err := e.host.Free(); err != nil {
				return err
			}
		}
		e.host, err = d.gpu.NewPinned(2 * floatBytes * size)
	}
	if err != nil {
		return fmt.Errorf("room for a sum of %d numbers over %d ranks: %w", size, e.ranks.Size(), adviseLess(err))
	}
	e.size = size
	return nil
}

// sumByNCCL adds up numbers in the memory of the GPUs along the tree of [ranks.Sum], with the lower rank on the left
// of each sum.
func (d *cuda) sumByNCCL(x, room kernels.Address, n int) error {
	e := &d.exchange
	steps, err := ranks.SumSteps(e.ranks.Rank(), e.ranks.Size(), n)
	if err != nil {
		return err
	}
	if err := e.watch.Start(); err != nil {
		return err
	}
	for _, s := range steps {
		received, some := x+bytesOfFloats(s.Received.From), s.Received.To-s.Received.From
		to := received
		if s.Adds {
			to = room
		}
		err := d.gpu.With(func(stream uintptr) error {
			return e.nccl.Exchange(s.Peer, uint64(x+bytesOfFloats(s.Sent.From)), s.Sent.To-s.Sent.From, uint64(to), some, stream)
		})
		if err == nil && s.Adds {
			left, right := received, room
			if s.Peer < e.ranks.Rank() {
				left, right = right, left
			}
			err = d.gpu.Plus(received, left, right, some)
		}
		if err != nil {
			return err
		}
	}
	return e.watch.Stop()
}

// sumOnHost adds up the operands of totals on the host.
func (d *cuda) sumOnHost(all totals, size int) error {
	e := &d.exchange
	if err := d.gpu.Sync(); err != nil {
		return d.late(err)
	}
	defer func(start time.Time) { e.spent += time.Since(start) }(time.Now())
	err := eachOf(all, func(l launch, first, size int) error {
		return e.host.Fetch(floatBytes*first, at(l.in[0]), floatBytes*size)
	})
	if err == nil {
		err = d.gpu.Sync()
	}
	if err == nil {
		numbers := e.host.Floats()
		err = ranks.Sum(e.ranks, numbers[:size], numbers[size:2*size])
	}
	if err != nil {
		return err
	}
	return eachOf(all, func(l launch, first, size int) error {
		return e.host.Give(target(l.out), floatBytes*first, floatBytes*size)
	})
}

// link measures the link between GPUs, as [ranks.Measure] does between hosts.
func (d *cuda) link() (ranks.Link, error) {
	e := &d.exchange
	room, err := d.gpu.Alloc(2 * floatBytes * ranks.MeasuredMost)
	if err != nil {
		return ranks.Link{}, adviseLess(err)
	}
	if err := d.makeRoom(ranks.MeasuredMost); err != nil {
		return ranks.Link{}, err
	}
	x, y := room.Address, room.Address+bytesOfFloats(ranks.MeasuredMost)
	return ranks.MeasureBy(e.ranks, func(peer, n int) error {
		if e.nccl != nil {
			err := d.gpu.With(func(stream uintptr) error { return e.nccl.Exchange(peer, uint64(x), n, uint64(y), n, stream) })
			if err == nil {
				err = d.gpu.Plus(x, x, y, n)
			}
			if err != nil {
				return err
			}
			return d.Sync()
		}
		numbers := e.host.Floats()
		if err := e.host.Fetch(0, x, floatBytes*n); err != nil {
			return err
		}
		if err := d.gpu.Sync(); err != nil {
			return err
		}
		if err := e.ranks.Exchange(peer, numbers[:n], numbers[e.size:e.size+n]); err != nil {
			return err
		}
		if err := e.host.Give(x, 0, floatBytes*n); err != nil {
			return err
		}
		return d.gpu.Sync()
	})
}
