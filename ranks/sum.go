package ranks

import (
	"fmt"
	"math/bits"
	"slices"
)

// scatteredFrom is the number of numbers from which on a sum over four ranks or more is scattered (chosen): fewer
// are sent whole, as each exchange costs its latency, and a scattered sum has twice the exchanges.
const scatteredFrom = 1 << 12

// Sum replaces x by the sum of the x of all ranks. The number of ranks R must be a power of two, and all
// ranks must call Sum with an x of the same length. The sum of eight ranks is the tree
//
//	((x_0 + x_1) + (x_2 + x_3)) + ((x_4 + x_5) + (x_6 + x_7))
//
// over the ranks, element by element. In step k each rank adds what its peer has, the rank whose
// number differs in bit k; IEEE addition is commutative, so that both have the same bits. room must be as
// long as x, and is overwritten.
//
// If x is short, a rank sends log2(R)·len(x) numbers. Else (see scatteredFrom) the sum is scattered, and a rank sends
// 2·(R-1)/R·len(x): in step k it keeps one half of what it has left, and adds up that half alone; at the end
// the ranks send each other their parts in the reverse order. The tree of an element is the same.
func Sum(t Transport, x, room []float32) error {
	steps, err := SumSteps(t.Rank(), t.Size(), len(x))
	if err != nil {
		return err
	}
	for _, s := range steps {
		sent, received := x[s.Sent.From:s.Sent.To], x[s.Received.From:s.Received.To]
		if s.Adds {
			err = exchangeAndAdd(t, s.Peer, sent, received, room[:len(received)])
		} else {
			err = t.Exchange(s.Peer, sent, received)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exchangeAndAdd sends numbers to a peer and adds to x what the peer sends. send may be x, whose numbers are sent as they
// were before. room is as long as x, and is overwritten.
func exchangeAndAdd(t Transport, peer int, send, x, room []float32) error {
	if a, ok := t.(adder); ok {
		return a.ExchangeAndAdd(peer, send, x, room)
	}
	if err := t.Exchange(peer, send, room); err != nil {
		return err
	}
	addNumbers(x, room)
	return nil
}

// adder is a transport that can add numbers while they arrive.
type adder interface {
	// ExchangeAndAdd sends numbers to a peer and adds to x what the peer sends, len(x) numbers. send may be x, whose
	// numbers must be sent as they were before. It may use room, of the same length.
	ExchangeAndAdd(peer int, send, x, room []float32) error
}

// Span is the numbers From ≤ i < To of a vector.
type Span struct{ From, To int }

// Step is a step of a sum over ranks: an exchange with a peer. The numbers of Received are received.
type Step struct {
	Peer           int
	Sent, Received Span
	Adds           bool // to the numbers at Received, instead of replacing them
}

// SumSteps returns the steps of [Sum] of n numbers for a rank.
func SumSteps(rank, size, n int) ([]Step, error) {
	if size&(size-1) != 0 {
		return nil, fmt.Errorf("ranks: a sum over %d ranks, want a power of two", size)
	}
	var steps []Step
	scattered := size >= 4 && n >= scatteredFrom
	part := Span{0, n} // what this rank goes on adding up
	for bit := 1; bit < size; bit *= 2 {
		s := Step{Peer: rank ^ bit, Sent: part, Received: part, Adds: true}
		if scattered {
			middle := part.From + (part.To-part.From)/2
			s.Received, s.Sent = Span{part.From, middle}, Span{middle, part.To}
			if rank&bit != 0 {
				s.Received, s.Sent = s.Sent, s.Received
			}
			part = s.Received
		}
		steps = append(steps, s)
	}
	if scattered {
		for _, s := range slices.Backward(slices.Clone(steps)) {
			steps = append(steps, Step{Peer: s.Peer, Sent: s.Received, Received: s.Sent})
		}
	}
	return steps, nil
}

// Gather returns the messages of all ranks, in their order, on rank 0, and nil on the others.
func Gather(t Transport, message []byte) ([][]byte, error) {
	if t.Rank() > 0 {
		return nil, t.Send(0, message)
	}
	all := [][]byte{message}
	for rank := 1; rank < t.Size(); rank++ {
		m, err := t.Receive(rank)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// Broadcast returns the message of rank 0 on all ranks. Rank r receives it from the rank whose number is r without its
// highest bit, so that no rank sends more than log2(R) times, rounded up.
func Broadcast(t Transport, message []byte) ([]byte, error) {
	above := 1 << bits.Len(uint(t.Rank())) // the lowest power of two above the rank
	if t.Rank() > 0 {
		var err error
		if message, err = t.Receive(t.Rank() - above/2); err != nil {
			return nil, err
		}
	}
	for bit := above; t.Rank()+bit < t.Size(); bit *= 2 {
		if err := t.Send(t.Rank()+bit, message); err != nil {
			return nil, err
		}
	}
	return message, nil
}
