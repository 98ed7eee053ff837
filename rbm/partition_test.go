package rbm_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestLogPartitionSmall holds log Z to the sum over all states of both layers, and the sums over
// either layer with the other summed out too.
func TestLogPartitionSmall(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		want, tolerance := rbmtest.BruteLogPartition(m), rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m)
		rbmtest.Near(t, name, rbmtest.LogPartition(t, m), want, tolerance)
		rbmtest.Near(t, name+": visible enumerated", logSum(m.EnumerateVisible(0)), want, tolerance)
		rbmtest.Near(t, name+": hidden enumerated", logSum(m.EnumerateHidden(0)), want, tolerance)
	}
}

// logSum returns the log of the sum of e^x over the second values.
func logSum(states iter.Seq2[[]float32, float64]) float64 {
	var logs []float64
	for _, logP := range states {
		logs = append(logs, logP)
	}
	return estimate.LogSumExp(logs)
}

// TestLogPartitionOfZeroModel: without parameters every state has the weight 1, so that Z is the number of states.
func TestLogPartitionOfZeroModel(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {5, 12}, {12, 5}, {40, 11}} {
		for name, m := range rbmtest.OfAllUnits(t, shape[0], shape[1], 0, 0) {
			want := (m.Visible.Bits() + m.Hidden.Bits()) * math.Ln2
			rbmtest.Near(t, name, rbmtest.LogPartition(t, m), want, rbmtest.PartitionBound(m))
		}
	}
}

// TestLogPartitionOfAllUnitsOverBlocks enumerates either layer, which is two blocks where its 11 units have two states,
// with fields on both sides of the safe field.
func TestLogPartitionOfAllUnitsOverBlocks(t *testing.T) {
	for _, shape := range [][2]int{{14, 11}, {11, 14}} {
		for name, m := range rbmtest.OfAllUnits(t, shape[0], shape[1], 3, 100) {
			tame, wild := rbm.TameAndWild(m)
			if several := m.Visible.Units.Several() || m.Hidden.Units.Several(); !several && (tame == 0 || wild == 0) {
				t.Errorf("%s: %d tame and %d wild units, want some of both", name, tame, wild)
			}
			want := logSum(m.EnumerateVisible(0))
			rbmtest.Near(t, name, rbmtest.LogPartition(t, m), want, rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
		}
	}
}

// TestLogPartitionOverBlocks enumerates several blocks, with tame units, wild units and both, against the free energies
// of all states of the same layer.
func TestLogPartitionOverBlocks(t *testing.T) {
	for name, test := range map[string]struct {
		m          *rbm.Model
		tame, wild int
	}{
		"tame":         {rbmtest.RandomModel(t, 37, 12, 1, 2), 37, 0},
		"wild":         {rbmtest.RandomModel(t, 13, 12, 50, 300), 0, 13},
		"mixed":        {mixedModel(t), 17, 17},
		"mixed, tall":  {mixedModel(t).Transposed(), 17, 17},
		"narrow, tame": {rbmtest.RandomModel(t, 12, 33, 1, 2), 33, 0},
	} {
		if tame, wild := rbm.TameAndWild(test.m); tame != test.tame || wild != test.wild {
			t.Errorf("%s: %d tame and %d wild units, want %d and %d", name, tame, wild, test.tame, test.wild)
		}
		enumerate := test.m.EnumerateHidden
		if test.m.Visible.Len() < test.m.Hidden.Len() {
			enumerate = test.m.EnumerateVisible
		}
		tolerance := rbmtest.PartitionBound(test.m) + 2*rbmtest.LogBound(test.m)
		rbmtest.Near(t, name, rbmtest.LogPartition(t, test.m), logSum(enumerate(0)), tolerance)
	}
}

// mixedModel has weak weights, and biases of ±300 on every other visible unit.
func mixedModel(t *testing.T) *rbm.Model {
	m := rbmtest.RandomModel(t, 34, 12, 3, 1)
	for i := 0; i < len(m.Visible.Bias); i += 2 {
		m.Visible.Bias[i] = float32(300 - 300*(i&2))
	}
	return m
}

// TestLogPartitionAtTheSafeField puts every field at the largest size that is
// still tame, just beyond and far beyond, by the bias or by the weight of one hidden unit.
func TestLogPartitionAtTheSafeField(t *testing.T) {
	for _, test := range []struct{ bias, weight float32 }{
		{rbm.SafeField, 0}, {-rbm.SafeField, 0}, {rbm.SafeField + 1, 0}, {-rbm.SafeField - 1, 0},
		{rbm.SafeField, -2 * rbm.SafeField}, {-rbm.SafeField, 2 * rbm.SafeField}, {0, 1000}, {0, -1000}, {1000, -2000},
	} {
		m := rbmtest.RandomModel(t, 64, 2, 0, 0)
		for i := range m.Visible.Bias {
			m.Visible.Bias[i] = test.bias
			m.Weights[2*i] = test.weight
		}
		bias, weight := float64(test.bias), float64(test.weight)
		want := math.Ln2 + estimate.LogSumExp([]float64{64 * estimate.Softplus(bias), 64 * estimate.Softplus(bias+weight)})
		rbmtest.Near(t, fmt.Sprint(test), rbmtest.LogPartition(t, m), want, rbmtest.PartitionBound(m))
	}
}

func TestLogPartitionIsTheSameForAnyThreads(t *testing.T) {
	m := rbmtest.RandomModel(t, 20, 13, 2, 40)
	want := rbmtest.LogPartition(t, m)
	for _, threads := range []int{1, 2, 3, 100} {
		got, err := m.LogPartition(context.Background(), rbm.PartitionConfig{Threads: threads})
		if err != nil || got != want {
			t.Errorf("%d threads: got %v, %v, want %v", threads, got, err, want)
		}
	}
}

// TestLogPartitionIsDivided: ranks that divide the blocks of states, the last of them short, have the bits
// of one rank, and each reports its own states.
func TestLogPartitionIsDivided(t *testing.T) {
	models := rbmtest.OfAllUnits(t, 14, 12, 1, 1)
	for _, name := range []string{"bernoulli by bernoulli", "mixed by mixed"} {
		m := models["14x12, "+name+", weights to 1"]
		rbmtest.SameOnRanks(t, name, func(d engine.Device) (string, error) {
			var done, total int
			logZ, err := m.LogPartition(context.Background(), rbm.PartitionConfig{
				Threads: 1, Ranks: engine.Divided(d), Progress: func(n, of int) { done, total = n, of },
			})
			if done != total {
				t.Errorf("%s: %d of %d states were reported at the end", name, done, total)
			}
			return fmt.Sprint(logZ), err
		})
	}
}

func TestLogPartitionProgress(t *testing.T) {
	m := rbmtest.RandomModel(t, 14, 13, 1, 1)
	last, calls := 0, 0
	_, err := m.LogPartition(context.Background(), rbm.PartitionConfig{Progress: func(done, total int) {
		if done <= last || total != 1<<13 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last, calls = done, calls+1
	}})
	if err != nil || last != 1<<13 || calls != 1<<13/rbm.BlockStates {
		t.Errorf("%d calls up to %d, %v, want %d up to %d", calls, last, err, 1<<13/rbm.BlockStates, 1<<13)
	}
}

func TestLogPartitionIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := rbmtest.RandomModel(t, 20, 20, 1, 1).LogPartition(ctx, rbm.PartitionConfig{Threads: 1, Progress: func(int, int) {
		calls++
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%d blocks and error %v, want 1 and %v", calls, err, context.Canceled)
	}
}

func TestLogPartitionRefuses(t *testing.T) {
	small, large := rbmtest.RandomModel(t, 6, 5, 1, 1), rbmtest.RandomModel(t, 26, 30, 1, 1)
	nan := rbmtest.RandomModel(t, 3, 3, 1, 1)
	nan.Weights[4] = float32(math.NaN())
	infinite := rbmtest.RandomModel(t, 3, 3, 1, 1)
	infinite.Hidden.Bias[0] = float32(math.Inf(-1))
	for name, test := range map[string]struct {
		m      *rbm.Model
		config rbm.PartitionConfig
		want   string
	}{
		"too large":        {large, rbm.PartitionConfig{}, "2^26 states of the smaller layer, want at most 2^25"},
		"lower limit":      {small, rbm.PartitionConfig{MaxUnits: 4}, "2^5 states of the smaller layer, want at most 2^4"},
		"limit too high":   {small, rbm.PartitionConfig{MaxUnits: 31}, "MaxUnits: 31, want 0 to 30"},
		"negative limit":   {small, rbm.PartitionConfig{MaxUnits: -1}, "MaxUnits: -1, want 0 to 30"},
		"negative threads": {small, rbm.PartitionConfig{Threads: -2}, "Threads: -2, want 0 or more"},
		"NaN":              {nan, rbm.PartitionConfig{}, "sum to NaN, want all finite"},
		"infinite":         {infinite, rbm.PartitionConfig{}, "sum to +Inf, want all finite"},
	} {
		_, err := test.m.LogPartition(context.Background(), test.config)
		if err == nil || !strings.HasPrefix(err.Error(), "rbm: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

func BenchmarkLogPartition(b *testing.B) {
	for _, hidden := range []int{16, 20} {
		b.Run(fmt.Sprintf("V=784/H=%d/threads=1", hidden), func(b *testing.B) {
			m := rbmtest.RandomModel(b, 784, hidden, 0.5, 2)
			for b.Loop() {
				if _, err := m.LogPartition(context.Background(), rbm.PartitionConfig{Threads: 1}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*math.Ldexp(784, hidden)/1e9/b.Elapsed().Seconds(), "Gunits/s")
		})
	}
}

// TestLogPartitionOfCategoriesOverBlocks enumerates several blocks of a layer of categories, and of a
// layer beside one, with fields on both sides of the safe field.
func TestLogPartitionOfCategoriesOverBlocks(t *testing.T) {
	threes := engine.NewUnits(kindNamed("categorical/3"), 21)
	for _, scale := range []float32{1, 30} {
		for name, shape := range map[string]struct {
			visible, hidden int
			enumerate       func(m *rbm.Model) iter.Seq2[[]float32, float64]
		}{
			"enumerated": {21, 14, func(m *rbm.Model) iter.Seq2[[]float32, float64] { return m.EnumerateVisible(0) }},
			"summed out": {21, 11, func(m *rbm.Model) iter.Seq2[[]float32, float64] { return m.EnumerateHidden(0) }},
		} {
			m, err := rbm.NewModelOf(threes, nil, shape.visible, shape.hidden)
			if err != nil {
				t.Fatal(err)
			}
			random := rbmtest.RandomModel(t, shape.visible, shape.hidden, 1, 3)
			copy(m.Visible.Bias, random.Visible.Bias)
			copy(m.Hidden.Bias, random.Hidden.Bias)
			for i, w := range random.Weights {
				m.Weights[i] = scale * w
			}
			if states := min(m.Visible.CountStates(), m.Hidden.CountStates()); states < 2*rbm.BlockStates {
				t.Fatalf("%s: a layer has %d states, want two blocks of %d", name, states, rbm.BlockStates)
			}
			rbmtest.Near(t, name, rbmtest.LogPartition(t, m), logSum(shape.enumerate(m)), rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
		}
	}
}
