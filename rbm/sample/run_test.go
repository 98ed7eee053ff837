package sample

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestChainsAreTheSameForAnyThreads, whether they run at once or step by step, and others
// for another seed.
func TestChainsAreTheSameForAnyThreads(t *testing.T) {
	m := rbmtest.RandomModel(t, 70, 40, 0.5, 1)
	start := RandomVisible(m, 7, 3)
	run := func(threads int, seed uint64, steps ...int) []float32 {
		c, err := NewChains(m, rbmtest.OpenDevice(t, threads), start, nil, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if err := c.Run(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
		v, err := c.Visible()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	want := run(1, 1, 5)
	for threads := 1; threads <= 3; threads++ {
		if !slices.Equal(run(threads, 1, 2, 3), want) {
			t.Errorf("%d threads reach other states", threads)
		}
	}
	if slices.Equal(run(1, 2, 5), want) {
		t.Error("another seed reaches the same states")
	}
	if !slices.Equal(run(1, 1), start) {
		t.Error("chains do not start at the given states")
	}
}

func TestNewChainsRefuses(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
	nan := float32(math.NaN())
	for _, tc := range []struct {
		visible, pattern []float32
		want             string
	}{
		{nil, nil, "sample: chains: 0 states and 0 clamped values, want rows of 3 for both"},
		{make([]float32, 4), nil, "sample: chains: 4 states and 0 clamped values, want rows of 3 for both"},
		{make([]float32, 6), make([]float32, 3), "sample: chains: 6 states and 3 clamped values, want rows of 3 for both"},
		{[]float32{0, 1, 0.5}, nil, "sample: chains: value 2 is 0.5, want 0 or 1"},
		{[]float32{0, nan, 1}, nil, "sample: chains: value 1 is NaN, want 0 or 1"},
		{[]float32{0, 1, 1}, []float32{nan, 1, -3}, "sample: chains: pattern: value 2 is -3, want 0 or 1"},
	} {
		if _, err := NewChains(m, rbmtest.OpenDevice(t, 1), tc.visible, tc.pattern, 1); err == nil || err.Error() != tc.want {
			t.Errorf("got error %v, want %q", err, tc.want)
		}
	}
}

func TestChainsRefuse(t *testing.T) {
	m, ctx := rbmtest.RandomModel(t, 3, 2, 1, 1), context.Background()
	c, err := NewChains(m, rbmtest.OpenDevice(t, 1), RandomVisible(m, 1, 1), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.MeanVisible(); err == nil {
		t.Error("there are means before the first step")
	}
	if err := c.Run(ctx, -1); err == nil {
		t.Error("-1 steps: no error")
	}
	if err := c.Run(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := c.MeanVisible(); err != nil {
		t.Errorf("after a step there are no means: %v", err)
	}
	if v := RandomVisible(m, 0, 1); len(v) != 0 {
		t.Errorf("no rows have %d values", len(v))
	}
}

func TestChainsAreCancelled(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
	c, err := NewChains(m, rbmtest.OpenDevice(t, 1), RandomVisible(m, 1, 1), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Run(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}
