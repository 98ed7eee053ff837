package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// counted is the transport of a rank, and counts its exchanges.
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
	const visible, hidden = 70, 1100 // 30 rows are the fewest with leastOfBlock numbers: blocks of 30, 30 and 10 rows
	for _, size := range []int{2, 4} {
		want := gradientTotals(t, rankstest.New(size), visible, hidden, false)
		for _, another := range []bool{false, true} {
			blocks := 3
			if another {
				blocks = 1
			}
			for rank, got := range gradientTotals(t, rankstest.Apart(size), visible, hidden, another) {
				name := fmt.Sprintf("rank %d of %d, on several machines, another reader %v", rank, size, another)
				if !slices.Equal(got.total, want[0].total) {
					t.Errorf("%s: the total differs from the total of ranks on one machine", name)
				}
				if exchanges := blocks * want[rank].exchanges; got.exchanges != exchanges {
					t.Errorf("%s: got %d exchanges, want %d", name, got.exchanges, exchanges)
				}
			}
		}
	}
}

// totalOfRank is the total of a gradient on one rank, and the number of exchanges of two runs.
type totalOfRank struct {
	total     []float32
	exchanges int
}

// gradientTotals returns the total of a gradient on each rank. The ranks have different rows. If another, the plan
// keeps the gradient too, as another reader of it.
func gradientTotals(t *testing.T, group []ranks.Transport, visible, hidden int, another bool) []totalOfRank {
	t.Helper()
	results, errs := make([]totalOfRank, len(group)), make([]error, len(group))
	var all sync.WaitGroup
	for rank, r := range group {
		all.Go(func() {
			c := &counted{Transport: r}
			results[rank].total, errs[rank] = gradientTotalOf(c, visible, hidden, another)
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

// gradientTotalOf runs gradient and total twice on one rank, so that the second run finds the room of the first.
func gradientTotalOf(r ranks.Transport, visible, hidden int, another bool) ([]float32, error) {
	d, err := OpenWith(Options{Device: "cpu", Threads: 2, Ranks: r})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	s, g := NewState(d), gorgonia.NewGraph()
	random := rand.New(rand.NewPCG(1, uint64(r.Rank())))
	matrix := func(name string, rows, columns int, states bool) *gorgonia.Node {
		values := make([]float32, rows*columns)
		for i := range values {
			values[i] = random.Float32()
			if states {
				values[i] = float32(random.IntN(2))
			}
		}
		if err == nil {
			err = s.Define(name, values, rows, columns)
		}
		return gorgonia.NewTensor(g, gorgonia.Float32, 2, gorgonia.WithShape(rows, columns), gorgonia.WithName(name))
	}
	v, p := matrix("v", 5, visible, true), matrix("p", 5, hidden, false)
	gradient := NewGradient(v, p, matrix("vm", 3, visible, true), matrix("pm", 3, hidden, false), Gradient{})
	nodes := []*gorgonia.Node{NewTotal(gradient)}
	if another {
		nodes = append(nodes, gradient)
	}
	if err != nil {
		return nil, err
	}
	plan, err := Compile(g, s, nodes...)
	for range 2 {
		if err == nil {
			err = plan.Run()
		}
	}
	total := make([]float32, visible*hidden)
	if err == nil {
		err = plan.Read(nodes[0], total)
	}
	return total, err
}
