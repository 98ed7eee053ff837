package ranks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"harmonium/ranks"
)

// TestJoin: parts of 0 to 7 numbers, on 1 to 5 ranks, make up the whole on all ranks, as do messages.
func TestJoin(t *testing.T) {
	for size := 1; size <= 5; size++ {
		for n := range 8 {
			floats, doubles := make([]float32, n), make([]float64, n)
			for i := range n {
				floats[i], doubles[i] = float32(i)+0.5, 1/float64(i+1)
			}
			var messages []string
			for rank := range size {
				messages = append(messages, fmt.Sprint("rank ", rank))
			}
			errs := together(size, func(r ranks.Transport) error {
				if err := checkJoin(r, floats); err != nil {
					return err
				}
				if err := checkJoin(r, doubles); err != nil {
					return err
				}
				got, err := ranks.JoinBytes(r, []byte(messages[r.Rank()]))
				if err != nil {
					return err
				}
				if !slices.EqualFunc(got, messages, func(a []byte, b string) bool { return string(a) == b }) {
					return fmt.Errorf("got messages %q, want %q", got, messages)
				}
				return ranks.Conclude(r, nil)
			})
			for rank, err := range errs {
				if err != nil {
					t.Errorf("%d numbers on %d ranks: rank %d: %v", n, size, rank, err)
				}
			}
		}
	}
}

// checkJoin returns an error unless the parts of whole that the ranks have make up whole.
func checkJoin[T float32 | float64](r ranks.Transport, whole []T) error {
	first, size := ranks.Part(r, len(whole))
	got, err := ranks.Join(r, whole[first:first+size])
	if err == nil && !slices.Equal(got, whole) {
		err = fmt.Errorf("got %v, want %v", got, whole)
	}
	return err
}

// TestFailuresReachAllRanks: where a rank fails between two joins, or leaves out a join, all ranks end with a
// [ranks.Failed] of the first such rank. That rank has its own error, and the others have its text.
func TestFailuresReachAllRanks(t *testing.T) {
	broken := errors.New("the disk is full")
	for name, tc := range map[string]struct {
		failing map[int]error // by rank, after the first join
		omits   int           // rank that leaves out the third join, or 0 for none
		first   int           // rank of the error
		want    string        // error of the other ranks
		is      error         // that their error wraps, or nil
	}{
		"rank 0 fails": {
			failing: map[int]error{0: broken}, first: 0, want: "rank 0 on here: the disk is full"},
		"rank 2 fails": {
			failing: map[int]error{2: broken}, first: 2, want: "rank 2 on here: the disk is full"},
		"ranks 1 and 2 fail": {
			failing: map[int]error{2: context.Canceled, 1: broken}, first: 1, want: "rank 1 on here: the disk is full"},
		"all ranks fail": {
			failing: map[int]error{0: broken, 1: broken, 2: broken}, first: 0, want: "rank 0 on here: the disk is full"},
		"rank 1 is canceled": {
			failing: map[int]error{1: fmt.Errorf("row 5: %w", context.Canceled)}, first: 1,
			want: "context canceled", is: context.Canceled},
		"rank 2 omits a join": {
			omits: 2, first: 2, want: "rank 2 has more or less to do than rank 0"},
	} {
		for rank, err := range together(3, func(r ranks.Transport) error {
			return ranks.Conclude(r, threeJoins(r, tc.failing[r.Rank()], tc.omits > 0 && r.Rank() == tc.omits))
		}) {
			var failed *ranks.Failed
			if !errors.As(err, &failed) {
				t.Errorf("%s: rank %d: got error %v, want a Failed", name, rank, err)
				continue
			}
			if failed.Rank != tc.first {
				t.Errorf("%s: rank %d: got an error of rank %d, want %d", name, rank, failed.Rank, tc.first)
			}
			if own := tc.failing[rank]; own != nil && rank == tc.first {
				if !errors.Is(err, own) {
					t.Errorf("%s: rank %d: got error %v, want its own, %v", name, rank, err, own)
				}
				continue
			}
			if got := failed.Error(); got != tc.want {
				t.Errorf("%s: rank %d: got error %q, want %q", name, rank, got, tc.want)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%s: rank %d: got error %q, which does not wrap %q", name, rank, err, tc.is)
			}
		}
	}
}

// threeJoins makes three joins, but returns failure after the first if it is an error, and leaves out the last if omits.
func threeJoins(r ranks.Transport, failure error, omits bool) error {
	for step := range 3 {
		if step == 1 && failure != nil {
			return failure
		}
		if step == 2 && omits {
			return nil
		}
		if _, err := ranks.Join(r, []float32{1}); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}
