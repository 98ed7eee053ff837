package train

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm/internal/graph"
)

const (
	// A trial makes updates of a run with fewer rows and hidden units, so that it takes less than a second: of
	// about trialWork multiplications for each product, and at most trialWeights weights.
	trialWork    = 1 << 28
	trialWeights = 1 << 20
	trialUpdates = 4   // updates of a trial; the fastest counts
	trialRows    = 256 // rows of the data of a trial, unless a batch has more
	leastRows    = 16  // least rows of a second, smaller batch, see trial
)

// Forecast predicts the time of an update on several ranks.
type Forecast struct {
	Ranks           int
	Visible, Hidden int
	Rows            int           // of a batch
	Compute         time.Duration // of the rows of the slowest rank
	Exchange        time.Duration // of the sums over the ranks, beside computing
	Link            ranks.Link    // that was measured

	overlaps bool    // blocks of the gradient travel while the next ones are computed
	gradient float64 // share of Compute in which the gradient is computed
}

// Share returns the share of the time of an update in which ranks exchange sums.
func (f Forecast) Share() float64 {
	if f.Exchange == 0 {
		return 0
	}
	return float64(f.Exchange) / float64(f.Compute+f.Exchange)
}

// Speedup returns how many times as fast all ranks together are as one rank that computes all rows.
func (f Forecast) Speedup() float64 {
	return float64(f.Ranks) * (1 - f.Share())
}

// RowsFor returns the least number of rows of a batch with which the ranks have the given speedup, a number below
// Ranks. The time that a rank computes is in proportion to its rows, and the time of the sums does not depend on them.
func (f Forecast) RowsFor(speedup float64) float64 {
	row := float64(f.Compute) * float64(f.Ranks) / float64(f.Rows) // the time that one rank needs for a row
	return float64(f.Exchange) / row / (1/speedup - 1/float64(f.Ranks))
}

// Resized returns the forecast for a model of another size without couplings that is trained along the centered
// gradient.
func (f Forecast) Resized(visible, hidden int) Forecast {
	weights := float64(visible) * float64(hidden)
	f.Compute = time.Duration(float64(f.Compute) * weights / (float64(f.Visible) * float64(f.Hidden)))
	f.Visible, f.Hidden = visible, hidden
	f.Exchange = f.exchange(centeredMeans*float64(visible+hidden), weights)
	return f
}

// exchange predicts the time of the two sums over the ranks in an update, beside computing, given the numbers of means
// and of elements of gradients. Blocks of a gradient that travel while the next ones are computed take the time of the
// last block at least.
func (f Forecast) exchange(means, gradients float64) time.Duration {
	ofMeans := f.Link.SumTime(means, f.Ranks)
	if !f.overlaps {
		return ofMeans + f.Link.SumTime(gradients, f.Ranks)
	}
	size := engine.RowsOfBlock(f.Visible, f.Hidden)
	blocks := time.Duration((f.Visible + size - 1) / size)
	block := f.Link.SumTime(gradients/float64(blocks), f.Ranks)
	computed := time.Duration(f.gradient*float64(f.Compute)) / blocks
	return ofMeans + max(blocks*block-(blocks-1)*computed, block)
}

// Forecast predicts the time of the updates of a run. It measures the links between the ranks, and the time
// of some updates of a smaller run in each of them, on a device with the given number of threads. All ranks
// must call it. It changes nothing in the run.
func (t *Trainer) Forecast(ctx context.Context, threads int) (Forecast, error) {
	f := Forecast{Ranks: t.ranks().Size(), Visible: t.visible.Len, Hidden: t.hidden.Len, Rows: t.batch}
	var err error
	if f.Link, err = engine.MeasureLink(t.state.Device()); err != nil {
		return f, err
	}
	own, gradient, err := t.trial(ctx, threads)
	if err := ranks.Conclude(t.ranks(), err); err != nil {
		return f, err
	}
	all, err := ranks.Join(t.ranks(), []float64{own.Seconds()})
	if err != nil {
		return f, err
	}
	f.Compute = seconds(slices.Max(all))
	f.gradient = gradient
	f.overlaps = engine.Overlaps(t.state.Device()) && t.config.shards() == f.Ranks && !t.config.Lateral
	f.Exchange = f.exchange(t.sums())
	return f, nil
}

// Exchanged returns the share of the time of the updates that this process has made in which it exchanged sums
// with other ranks.
func (t *Trainer) Exchanged() float64 {
	return min(engine.Exchanged(t.state.Device()).Seconds()/(t.trained-t.resumed.trained).Seconds(), 1)
}

// centeredMeans is the number of means of a unit in the centered gradient: two over data and two over chains (see layer).
const centeredMeans = 4

// sums returns the numbers of means of the layers and of elements of gradients that are summed over the ranks in an
// update.
func (t *Trainer) sums() (means, gradients float64) {
	visible, hidden := float64(t.visible.Len), float64(t.hidden.Len)
	means, gradients = visible+hidden, visible*hidden
	if t.config.Center {
		means *= centeredMeans
	}
	if t.config.Lateral {
		gradients += visible * visible
	}
	return means, gradients
}

// trial predicts the time that this rank needs to compute an update, from updates of runs of its own with
// fewer rows and hidden units. The time is a linear function of the rows with a constant part, for the parameters;
// batches of two sizes give both. trial also returns the share of the time in which the gradient is computed, 0 in a
// run with couplings.
func (t *Trainer) trial(ctx context.Context, threads int) (whole time.Duration, gradient float64, err error) {
	rows := t.cut().rows(t.batch).Size
	c, large, scale := t.trialConfig(rows)
	d, err := engine.OpenAlone(t.state.Device(), threads)
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	trial, took, err := t.trialOf(ctx, c, large, d)
	if err == nil && !c.Lateral && engine.Overlaps(t.state.Device()) {
		if gradient, err = trial.gradientTime(); gradient > 0 {
			gradient = min(gradient/took, 1)
		}
	}
	if small := large / 4; err == nil && large < rows && small >= leastRows {
		var less float64
		_, less, err = t.trialOf(ctx, c, small, d)
		took = atRows(float64(rows), float64(small), less, float64(large), took)
	}
	return seconds(scale * took), gradient, err
}

// gradientTime returns the seconds that the gradient of a batch takes: the difference between a positive phase with
// a gradient and one without.
func (t *Trainer) gradientTime() (float64, error) {
	var times [2]float64
	for i := range times {
		b := builder{t.newBuilder(t.config.Seed)}
		b.Reduced = true
		p := b.PositivePhase(t.source())
		result := p.Means
		if i == 1 {
			result = engine.NewGradient(p.Visible, p.Means, p.Visible, p.Means, engine.Gradient{Units: b.VisibleUnits})
		}
		plan, err := engine.Compile(b.Graph, t.state, result)
		if err != nil {
			return 0, err
		}
		if times[i], err = fastest(plan.Run); err != nil {
			return 0, err
		}
	}
	return max(times[1]-times[0], 0), nil
}

// fastest returns the seconds of the fastest of trialUpdates calls: the first one allocates memory, and others may
// wait for other programs.
func fastest(call func() error) (float64, error) {
	least := math.Inf(1)
	for range trialUpdates {
		start := time.Now()
		if err := call(); err != nil {
			return 0, err
		}
		least = min(least, time.Since(start).Seconds())
	}
	return least, nil
}

// atRows returns the value at x of the line through the second point with the slope of the line through both
// points, but at least 0 and at most the slope of the line through the origin.
func atRows(x, x1, y1, x2, y2 float64) float64 {
	slope := min(max((y2-y1)/(x2-x1), 0), y2/x2)
	return y2 + slope*(x-x2)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// trialOf makes updates of a run with batches of the given size, and returns the run and the seconds of an update.
func (t *Trainer) trialOf(ctx context.Context, c Config, batch int, d engine.Device) (*Trainer, float64, error) {
	if chains := t.chains(); chains > 0 {
		c.Chains = max(int(math.Round(float64(batch)/float64(t.batch)*float64(chains))), 1)
	}
	c.BatchSize = batch
	rows := batch * max(1, min(trialRows, t.data.Train.N)/batch) // in whole batches
	set := &dataset.Set{Name: t.data.Name, Train: trialRowsOf(t.data.Train, rows)}
	small, err := New(c, set, d)
	if err != nil {
		return nil, 0, err
	}
	least, err := fastest(func() error { return cmp.Or(small.Train(ctx, 1), d.Sync()) })
	return small, least, err
}

// trialRowsOf returns n rows, evenly spread over r, that a run accepts where it accepts all rows: few of them may have no
// weight, or a larger deviation. The values of weights and of real numbers do not change the time.
func trialRowsOf(r *dataset.Rows, n int) *dataset.Rows {
	rows := selected(r, graph.Spread(n, r.N))
	if rows.Weights != nil {
		rows.Weights = slices.Repeat([]float32{1}, n)
	}
	if rows.Real != nil {
		for i, x := range rows.Floats {
			if rows.Real[i%rows.V] {
				rows.Floats[i] = min(max(x, -MostDeviation), MostDeviation)
			}
		}
	}
	return rows
}

// trialConfig returns the configuration of a trial, the size of its batches, which is `rows` at most, and the ratio
// of the time of an update with all hidden units to its time.
func (t *Trainer) trialConfig(rows int) (c Config, batch int, scale float64) {
	c = t.config
	visible, hidden := t.visible.Len, t.hidden.Len
	if most := max(trialWeights/visible, 1); hidden > most {
		c.Hidden, c.HiddenUnits = most, "" // groups of units would not fit
		if !t.visible.Units.Several() {
			c.Gauge = "" // which the units that are left do not have
		}
	}
	weights := visible * c.Hidden
	if c.Lateral {
		weights += visible * visible
	}
	c.Shards, c.BlockRows, c.Guard = 1, 0, "off"
	c.Epochs, c.Updates = 0, trialUpdates
	return c, min(rows, max(trialWork/weights, 1)), float64(max(hidden, 1)) / float64(max(c.Hidden, 1))
}
