package engine

import (
	"slices"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// counted counts the exchanges of a rank.
type counted struct {
	ranks.Transport
	exchanges int
}

func (c *counted) Exchange(peer int, send, received []float32) error {
	c.exchanges++
	return c.Transport.Exchange(peer, send, received)
}

// TestGradientsTravelInBlocks: the total of a gradient has the same bits on ranks of one machine, which exchange it
// whole, and on ranks of several machines, which exchange it in three blocks, or whole if it has another reader.
func TestGradientsTravelInBlocks(t *testing.T) {
	const visible, hidden = 70, 1100 // blocks of 30, 30 and 10 rows
	for _, size := range []int{2, 4} {
		want := gradientTotals(t, rankstest.New(size), visible, hidden, false)
		for _, read := range []bool{false, true} {
			got := gradientTotals(t, rankstest.Apart(size), visible, hidden, read)
			for rank := range size {
				if !slices.Equal(got[rank].total, want[0].total) {
					t.Errorf("%d ranks, another reader %v: rank %d has another total apart", size, read, rank)
				}
				times := 1
				if !read {
					times = 3
				}
				if got[rank].exchanges != times*want[rank].exchanges {
					t.Errorf("%d ranks, another reader %v: %d exchanges, want %d times %d", size, read, got[rank].exchanges, times, want[rank].exchanges)
				}
			}
		}
	}
}

type gradientOfRank struct {
	total     []float32
	exchanges int
}

// gradientTotals computes the total of a gradient, which each rank has of other rows, twice on each rank.
func gradientTotals(t *testing.T, group []ranks.Transport, visible, hidden int, read bool) []gradientOfRank {
	t.Helper()
	results, errs := make([]gradientOfRank, len(group)), make([]error, len(group))
	var all sync.WaitGroup
	for rank, r := range group {
		all.Go(func() {
			c := &counted{Transport: r}
			results[rank].total, errs[rank] = gradientTotalOf(c, visible, hidden, read)
			results[rank].exchanges = c.exchanges
			if errs[rank] != nil {
				r.Abort(1)
			}
		})
	}
	all.Wait()
	for rank, err := range errs {
		if err != nil {
			t.Fatalf("rank %d: %v", rank, err)
		}
	}
	return results
}

func gradientTotalOf(r ranks.Transport, visible, hidden int, read bool) ([]float32, error) {
	d, err := OpenWith(Options{Device: "cpu", Threads: 2, Ranks: r})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	s, g := NewState(d), gorgonia.NewGraph()
	matrix := func(name string, rows, columns int, states bool) *gorgonia.Node {
		values := make([]float32, rows*columns)
		for i := range values {
			values[i] = float32((i*7919+31*r.Rank()+len(name))%1009) / 1009
			if states {
				values[i] = float32(int(2 * values[i]))
			}
		}
		if err == nil {
			err = s.Define(name, values, rows, columns)
		}
		return gorgonia.NewTensor(g, gorgonia.Float32, 2, gorgonia.WithShape(rows, columns), gorgonia.WithName(name))
	}
	gradient := NewGradient(matrix("v", 5, visible, true), matrix("p", 5, hidden, false), matrix("chains", 3, visible, true), matrix("pm", 3, hidden, false), Gradient{})
	kept := []*gorgonia.Node{NewTotal(gradient)}
	if read {
		kept = append(kept, gradient)
	}
	if err != nil {
		return nil, err
	}
	plan, err := Compile(g, s, kept...)
	for range 2 {
		if err == nil {
			err = plan.Run()
		}
	}
	total := make([]float32, visible*hidden)
	if err == nil {
		err = plan.Read(kept[0], total)
	}
	return total, err
}
