package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/ranks"
	"harmonium/ranks/rankstest"
)

// TestTotalsOfRanks: totals launched together are each the sum of their terms on all ranks, and a total
// can be computed in place of a variable, on every kind of device. The plans make three runs: a GPU makes the
// launches one by one, records all but the totals, and replays them.
func TestTotalsOfRanks(t *testing.T) {
	t.Setenv("CUDASIM_DEVICES", "4") // on the simulator, each rank has a GPU
	totalsOfRanks(t, "cpu")
	if HasCUDA {
		totalsOfRanks(t, "cuda")
	}
}

func totalsOfRanks(t *testing.T, device string) {
	const size = 4
	errs := make([]error, size)
	sums := make([][3][]float32, size)
	var all sync.WaitGroup
	for _, r := range rankstest.New(size) {
		all.Go(func() { sums[r.Rank()], errs[r.Rank()] = totalsOf(r, device) })
	}
	all.Wait()
	for rank, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		// x is 1, 2, 3 and 4 on the ranks at first. Its total is 10 after the first run, 4·10 after the second, and
		// 4·40 after the third, in which the total of 2x is 4·80.
		if want := slices.Repeat([]float32{160}, 5); !slices.Equal(sums[rank][0], want) {
			t.Errorf("rank %d: x is %v, want %v", rank, sums[rank][0], want)
		}
		if want := slices.Repeat([]float32{320}, 5); !slices.Equal(sums[rank][1], want) {
			t.Errorf("rank %d: the total of 2x is %v, want %v", rank, sums[rank][1], want)
		}
		if want := slices.Repeat([]float32{4}, 6); !slices.Equal(sums[rank][2], want) {
			t.Errorf("rank %d: the total of ones is %v, want %v", rank, sums[rank][2], want)
		}
	}
}

// totalsOf runs a graph of totals three times on one rank. It returns x, to which its total is assigned, the total of
// 2x and the total of ones.
func totalsOf(r ranks.Transport, device string) (sums [3][]float32, err error) {
	d, err := OpenWith(Options{Device: device, Threads: 1, Ranks: r})
	if err != nil {
		return sums, err
	}
	defer d.Close()
	s := NewState(d)
	g := gorgonia.NewGraph()
	variable := func(name string, value float32, shape ...int) *gorgonia.Node {
		n := gorgonia.NewTensor(g, gorgonia.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		if err == nil {
			err = s.Define(name, slices.Repeat([]float32{value}, n.Shape().TotalSize()), shape...)
		}
		return n
	}
	x, ones := variable("x", float32(r.Rank()+1), 5), variable("ones", 1, 2, 3)
	double, total := NewTotal(NewAdd(x, x)), NewTotal(ones)
	Assign(x, NewTotal(x))
	if err != nil {
		return sums, err
	}
	plan, err := Compile(g, s, double, total)
	for range runsToReplay {
		if err == nil {
			err = plan.Run()
		}
	}
	if err != nil {
		return sums, err
	}
	sums = [3][]float32{make([]float32, 5), make([]float32, 5), make([]float32, 6)}
	if err = s.Get("x", sums[0]); err == nil {
		err = plan.Read(double, sums[1])
	}
	if err == nil {
		err = plan.Read(total, sums[2])
	}
	return sums, err
}

// TestTotalOfALostRank: a total that waits for a rank which has aborted is an error that names the variable.
func TestTotalOfALostRank(t *testing.T) {
	group := rankstest.New(2)
	group[1].Abort(1)
	_, err := totalsOf(group[0], "cpu")
	start, end := "engine: x (5): ", rankstest.ErrAborted.Error()
	if err == nil || !strings.HasPrefix(err.Error(), start) || !strings.HasSuffix(err.Error(), end) {
		t.Errorf("got error %v, want %q and %q", err, start, end)
	}
}

// TestRanksShareTheProcessors: without a number of threads, a host has its part of the processors of the machine, on
// which all ranks are.
func TestRanksShareTheProcessors(t *testing.T) {
	d, err := OpenWith(Options{Device: "cpu", Ranks: rankstest.New(2)[1]})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	threads := max(1, Processors()/2)
	if want := fmt.Sprintf("2 ranks of %d thread", threads); !strings.Contains(d.Name(), want) {
		t.Errorf("the device is %s, want %s", d.Name(), want)
	}
	if got := Ranks(d).Rank(); got != 1 {
		t.Errorf("the device belongs to rank %d, want 1", got)
	}
}
