package engine

import (
	"time"

	"harmonium/ranks"
)

// exchange is what the totals of a device need: the transport, and room for the numbers of all totals
// of one exchange, followed by room for the numbers of a peer.
type exchange struct {
	ranks ranks.Transport
	room  []float32
	spent time.Duration // in exchanges
}

func (h *host) total(out Buffer, in []Buffer) error {
	to, x := out.(*hostBuffer), expanded(in[0])
	if to != x {
		copy(to.f32, x.f32)
	}
	to.written()
	return h.exchange.sum(to.f32)
}

// addUp makes several totals. All operands are copied before a result is written, since a result may
// take the place of the operand of another.
func (h *host) addUp(all totals) error {
	size := 0
	for _, l := range all {
		size += len(l.out.(*hostBuffer).f32)
	}
	numbers := h.exchange.roomFor(2 * size)[:size]
	at := 0
	for _, l := range all {
		at += copy(numbers[at:], expanded(l.in[0]).f32)
	}
	if err := h.exchange.sum(numbers); err != nil {
		return err
	}
	for _, l := range all {
		to := l.out.(*hostBuffer)
		to.written()
		numbers = numbers[copy(to.f32, numbers):]
	}
	return nil
}

// roomFor returns room for size numbers. It keeps the numbers in it if it need not grow.
func (e *exchange) roomFor(size int) []float32 {
	if len(e.room) < size {
		e.room = make([]float32, size)
	}
	return e.room[:size]
}

// sum adds up x over the ranks. x may be the first half of roomFor(2*len(x)): a peer's numbers go to the
// second.
func (e *exchange) sum(x []float32) error {
	if e.ranks.Size() == 1 {
		return nil
	}
	defer e.spend(time.Now())
	return ranks.Sum(e.ranks, x, e.roomFor(2 * len(x))[len(x):])
}

// spend adds the time since a start to the time that exchanges have taken.
func (e *exchange) spend(start time.Time) { e.spent += time.Since(start) }

// apart reports whether the ranks are on several machines. Ranks on the same machine exchange numbers by copying them
// in memory, which takes a processor from a computing thread.
func (e *exchange) apart() bool {
	_, local := e.ranks.Local()
	return local < e.ranks.Size()
}

func (h *host) transport() ranks.Transport { return h.exchange.ranks }
func (h *host) exchanged() time.Duration   { return h.exchange.spent }
func (h *host) link() (ranks.Link, error)  { return ranks.Measure(h.exchange.ranks) }
func (h *host) connect() error             { return nil }

func (h *host) alone(threads int) (Device, error) { return Open("cpu", threads) }
