package ranks

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Work that all ranks make together: each rank takes its [Part] of the rows, computes it, and [Join] puts the
// parts together on all ranks. All ranks make the same calls in the same order. A rank with an error makes
// no further Join, but ends the work by [Conclude], as ranks without an error do at the end. Its error then
// is the error of the Join that the other ranks wait in.

// Part returns the part of n things that a rank has: size of them from first on. The parts of the ranks
// follow each other, and their sizes differ by one at most.
func Part(t Transport, n int) (first, size int) {
	first = n * t.Rank() / t.Size()
	return first, n*(t.Rank()+1)/t.Size() - first
}

// A Failed error ends work that all ranks make together, on all of them.
type Failed struct {
	Rank int   // that had the error
	err  error // the error itself on that rank; on the others its text, or context.Canceled
}

func (e *Failed) Error() string { return e.err.Error() }
func (e *Failed) Unwrap() error { return e.err }

// The kinds of messages in work that all ranks make together. They are the first byte of a message.
const (
	joins    = iota // the part of a rank
	ends            // the rank has ended without an error
	fails           // the rank has ended with an error, whose text follows
	canceled        // the same, and the error wraps context.Canceled
)

// Join returns the numbers of all ranks, one rank after the other. All ranks must call it.
func Join[T float32 | float64](t Transport, own []T) ([]T, error) {
	if t.Size() == 1 {
		return own, nil
	}
	message, err := binary.Append(nil, binary.LittleEndian, own)
	if err != nil {
		return nil, err
	}
	all, err := meet(t, joins, message)
	if err != nil {
		return nil, err
	}
	var numbers []T
	for _, message := range all {
		part := make([]T, len(message)/binary.Size(T(0)))
		if _, err := binary.Decode(message, binary.LittleEndian, part); err != nil {
			return nil, err
		}
		numbers = append(numbers, part...)
	}
	return numbers, nil
}

// JoinBytes returns the messages of all ranks, in their order. All ranks must call it.
func JoinBytes(t Transport, own []byte) ([][]byte, error) {
	if t.Size() == 1 {
		return [][]byte{own}, nil
	}
	return meet(t, joins, own)
}

// Conclude ends work that all ranks make together, with the error of this rank or nil. It returns the error
// of the first rank that has one, on all ranks a [*Failed].
func Conclude(t Transport, err error) error {
	if t.Size() == 1 || errors.As(err, new(*Failed)) { // all ranks have a Failed error at the same time
		return err
	}
	kind, text := byte(ends), ""
	if err != nil {
		kind, text = fails, fmt.Sprintf("rank %d on %s: %v", t.Rank(), t.Host(), err)
		if errors.Is(err, context.Canceled) {
			kind = canceled
		}
	}
	_, ended := meet(t, kind, []byte(text))
	var failed *Failed
	if err != nil && errors.As(ended, &failed) && failed.Rank == t.Rank() {
		return &Failed{failed.Rank, err}
	}
	return ended
}

// meet returns the messages of all ranks. It returns a [*Failed] if a rank has ended with an error.
func meet(t Transport, kind byte, own []byte) ([][]byte, error) {
	all, err := Gather(t, append([]byte{kind}, own...))
	if err != nil {
		return nil, err
	}
	var verdict []byte
	if t.Rank() == 0 {
		verdict = verdictOf(all)
	}
	if verdict, err = Broadcast(t, verdict); err != nil {
		return nil, err
	}
	return readVerdict(t, verdict)
}

// verdictOf returns what rank 0 answers to the messages of all ranks. It is their kind, and then for each message its
// length and its bytes. If a rank has failed, or its kind differs from rank 0's, it is a failure.
func verdictOf(all [][]byte) []byte {
	verdict := []byte{all[0][0]}
	for rank, message := range all {
		switch kind, rest := message[0], message[1:]; {
		case kind == fails || kind == canceled:
			return failureOf(rank, kind, string(rest))
		case kind != all[0][0]:
			return failureOf(rank, fails, fmt.Sprintf("rank %d has more or less to do than rank 0", rank))
		default:
			verdict = binary.LittleEndian.AppendUint64(verdict, uint64(len(rest)))
			verdict = append(verdict, rest...)
		}
	}
	return verdict
}

// failureOf returns the verdict on a failed rank: the kind of its message, its number and the text of its error.
func failureOf(rank int, kind byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{kind}, uint32(rank)), text...)
}

// readVerdict returns the messages in a verdict of verdictOf, or the error of a failure.
func readVerdict(t Transport, verdict []byte) ([][]byte, error) {
	kind, rest := verdict[0], verdict[1:]
	if kind == fails || kind == canceled {
		rank := int(binary.LittleEndian.Uint32(rest))
		err := errors.New(string(rest[4:]))
		if kind == canceled {
			err = context.Canceled
		}
		return nil, &Failed{rank, err}
	}
	all := make([][]byte, t.Size())
	for rank := range all {
		size := binary.LittleEndian.Uint64(rest)
		all[rank], rest = rest[8:8+size], rest[8+size:]
	}
	return all, nil
}
