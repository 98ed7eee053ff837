package ranks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"harmonium/ranks"
)

// TestJoin: parts of any number of things, on any number of ranks, make up the whole on all of them.
func TestJoin(t *testing.T) {
	for size := 1; size <= 5; size++ {
		for n := range 8 {
			whole, wide := make([]float32, n), make([]float64, n)
			for i := range whole {
				whole[i], wide[i] = float32(i)+0.5, 1/float64(i+1)
			}
			errs := together(size, func(r ranks.Transport) error {
				first, size := ranks.Part(r, n)
				got, err := ranks.Join(r, whole[first:first+size])
				if err != nil || !slices.Equal(got, whole) {
					return fmt.Errorf("got %v and %w, want %v", got, err, whole)
				}
				long, err := ranks.Join(r, wide[first:first+size])
				if err != nil || !slices.Equal(long, wide) {
					return fmt.Errorf("got %v and %w, want %v", long, err, wide)
				}
				texts, err := ranks.JoinBytes(r, fmt.Append(nil, "rank ", r.Rank()))
				if err != nil || len(texts) != r.Size() || string(texts[r.Size()-1]) != fmt.Sprint("rank ", r.Size()-1) {
					return fmt.Errorf("got texts %q and %w", texts, err)
				}
				return ranks.Conclude(r, nil)
			})
			for rank, err := range errs {
				if err != nil {
					t.Errorf("%d things on %d ranks: rank %d: %v", n, size, rank, err)
				}
			}
		}
	}
}

// TestFailuresReachAllRanks: where a rank fails between two joins, or does less than the others, all ranks
// end with the error of the first such rank.
func TestFailuresReachAllRanks(t *testing.T) {
	broken := errors.New("the disk is full")
	for name, tc := range map[string]struct {
		failing map[int]error
		fewer   int // rank that leaves out a join
		want    string
		is      error
	}{
		"rank 0":        {map[int]error{0: broken}, -1, "rank 0 on here: the disk is full", nil},
		"rank 2":        {map[int]error{2: broken}, -1, "rank 2 on here: the disk is full", nil},
		"ranks 1 and 2": {map[int]error{2: context.Canceled, 1: broken}, -1, "rank 1 on here: the disk is full", nil},
		"all":           {map[int]error{0: broken, 1: broken, 2: broken}, -1, "rank 0 on here: the disk is full", nil},
		"interrupted":   {map[int]error{1: fmt.Errorf("step 5: %w", context.Canceled)}, -1, "context canceled", context.Canceled},
		"fewer":         {nil, 2, "rank 2 has more or less to do than rank 0", nil},
	} {
		errs := together(3, func(r ranks.Transport) error {
			work := func() error {
				for step := range 3 {
					if err := tc.failing[r.Rank()]; step == 1 && err != nil {
						return err
					}
					if step == 2 && r.Rank() == tc.fewer {
						continue
					}
					if _, err := ranks.Join(r, []float32{1}); err != nil {
						return fmt.Errorf("step %d: %w", step, err)
					}
				}
				return nil
			}
			return ranks.Conclude(r, work())
		})
		for rank, err := range errs {
			var failed *ranks.Failed
			if !errors.As(err, &failed) {
				t.Errorf("%s: rank %d: got error %v, want one of all ranks", name, rank, err)
				continue
			}
			if own := tc.failing[rank]; own != nil && failed.Rank == rank {
				if !errors.Is(err, own) {
					t.Errorf("%s: rank %d: got error %v, want its own", name, rank, err)
				}
				continue
			}
			if got := failed.Error(); got != tc.want || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%s: rank %d: got error %q, want %q", name, rank, got, tc.want)
			}
		}
	}
}
