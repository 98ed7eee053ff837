package train

import (
	"context"
	"math"
	"testing"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm/internal/rbmtest"
)

// TestForecastArithmetic: shares, speedups and the rows for a speedup, by numbers that are easy to check. The times are
// whole numbers of nanoseconds, so that only a few roundings in float64 remain.
func TestForecastArithmetic(t *testing.T) {
	f := Forecast{Ranks: 4, Visible: 100, Hidden: 10, Rows: 40, Compute: 30 * time.Millisecond, Exchange: 10 * time.Millisecond,
		Link: ranks.Link{Latency: time.Millisecond, BytesPerSecond: 4e6}}
	near := func(what string, got, want float64) {
		if tolerance := 10 * 0x1p-53 * want; math.Abs(got-want) > tolerance {
			t.Errorf("%s: got %v, want %v ± %.3g", what, got, want, tolerance)
		}
	}
	near("share", f.Share(), 0.25)
	near("speedup", f.Speedup(), 3)                      // one rank needs 120 ms, and four need 40
	near("rows for the speedup", f.RowsFor(3), 40)       // as it is
	near("rows for a speedup of 1", f.RowsFor(1), 40./9) // take 40/3 ms on one, and 10/3 + 10 ms on four
	r := f.Resized(200, 50)
	near("compute", r.Compute.Seconds(), 0.3)
	// 10,000 numbers in four exchanges, 3/2 of them in all; 4·(V+H) = 1,000 numbers in each of two exchanges.
	near("exchange", r.Exchange.Seconds(), 0.004+0.015+0.002+0.002)
	// 70x1100 weights travel in three blocks of a second and the latency. Each takes a third of 40 % of computing.
	f = Forecast{Ranks: 2, Visible: 70, Hidden: 1100, overlaps: true, gradient: 0.4,
		Link: ranks.Link{Latency: time.Millisecond, BytesPerSecond: 77000. * 4 / 3}}
	f.Compute = 300 * time.Millisecond
	near("exchange of blocks that take longer than computing", f.exchange(0, 77000).Seconds(), 0.001+3*1.001-2*0.04)
	f.Compute = 300 * time.Second
	near("exchange of blocks that take less", f.exchange(0, 77000).Seconds(), 0.001+1.001)
	if none := (Forecast{Ranks: 1}); none.Share() != 0 || none.Speedup() != 1 {
		t.Errorf("one rank: share %v and speedup %v, want 0 and 1", none.Share(), none.Speedup())
	}
}

// TestTrialIsSmall: a trial has the rows of a rank and the model of the run if these are small, else fewer of both,
// and a factor that makes up for the hidden units.
func TestTrialIsSmall(t *testing.T) {
	for _, tc := range []struct {
		visible, hidden, batch int
		wantHidden, wantRows   int
		scale                  float64
	}{
		{8, 6, 32, 6, 16, 1}, // small: all hidden units, and the rows of one of two ranks
		// A quarter of the hidden units gives trialWeights weights; 2^8 rows times these are trialWork.
		{1 << 10, 1 << 12, 1 << 11, 1 << 10, 1 << 8, 4},
	} {
		c := DefaultConfig()
		c.Hidden, c.BatchSize, c.Shards = tc.hidden, tc.batch, 2
		trainer := frame(c, &dataset.Set{Train: &dataset.Rows{N: tc.batch, V: tc.visible}}, nil)
		trainer.visible.Len, trainer.hidden.Len = tc.visible, tc.hidden
		got, rows, scale := trainer.trialConfig(tc.batch / 2)
		if got.Hidden != tc.wantHidden || rows != tc.wantRows || scale != tc.scale || got.Shards != 1 {
			t.Errorf("%+v: got %d hidden units, %d rows, a factor of %v and %d shards, want one shard",
				tc, got.Hidden, rows, scale, got.Shards)
		}
	}
}

// TestTrialWithoutAGauge: a run whose gauge is of its hidden units alone has a trial with fewer units, which have none.
func TestTrialWithoutAGauge(t *testing.T) {
	const visible = 100
	c := gaugeConfig()
	c.HiddenUnits, c.Hidden, c.Epochs, c.Updates = "categorical/3", 3*(trialWeights/visible/3+1), 0, 1
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(10, visible, false, true)}, 1)
	if took, _, err := trainer.trial(context.Background(), 1); err != nil || took <= 0 {
		t.Errorf("the trial says %v, error %v, want a time", took, err)
	}
}

// TestTrialOfFewRows: a trial makes updates even if the rows that it takes have no weight, or a larger deviation than a
// run accepts.
func TestTrialOfFewRows(t *testing.T) {
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Updates = 4, 10, 1
	weighted := rbmtest.RandomRows(10*trialRows, 9, true, true)
	weighted.Weights = make([]float32, weighted.N)
	weighted.Weights[1] = 1 // not among trialRows rows that are evenly spread
	real := c
	real.VisibleUnits, real.Binarize = "gaussian", "none"
	measured := factorRows(10*trialRows, 1)
	measured.Floats[0] = 400 // a deviation of 400/√2560 = 8 in all rows, and of 400/√256 = 25 in a tenth of them
	for name, tc := range map[string]struct {
		config Config
		rows   *dataset.Rows
	}{"weighted": {c, weighted}, "real": {real, measured}} {
		trainer := newTestTrainer(t, tc.config, &dataset.Set{Train: tc.rows}, 1)
		if took, _, err := trainer.trial(context.Background(), 1); err != nil || took <= 0 {
			t.Errorf("%s: the trial says %v, error %v, want a time", name, took, err)
		}
	}
	if measured.Floats[0] != 400 {
		t.Error("the trial has changed the rows of the run")
	}
}

// TestAtRows: time grows with the rows as between two trials, but no faster than in proportion, and does not fall.
func TestAtRows(t *testing.T) {
	const of10 = 10. // the time of 10 rows
	for _, tc := range []struct{ of4, want float64 }{
		{7, 45},  // half a unit of time a row: 10 + 70/2
		{1, 80},  // 1.5 a row between the trials, but only 1 in proportion
		{11, 10}, // falling
	} {
		if got := atRows(80, 4, tc.of4, 10, of10); got != tc.want {
			t.Errorf("4 rows take %v and 10 rows %v: 80 rows take %v, want %v", tc.of4, of10, got, tc.want)
		}
	}
}

// TestForecastOfRanks: all ranks get a forecast with the time of the slowest, for all training graphs, and train
// after it.
func TestForecastOfRanks(t *testing.T) {
	for name, tc := range togetherCases() {
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
		forecasts := make([]Forecast, 4)
		errs := onRanks(t, 4, func(d engine.Device) (*Trainer, error) {
			trainer, err := New(tc.config, data, d)
			if err != nil {
				return nil, err
			}
			forecasts[engine.Ranks(d).Rank()], err = trainer.Forecast(context.Background(), 1)
			return trainer, err
		}, func(trainer *Trainer) error {
			if err := trainer.Train(context.Background(), 2); err != nil {
				return err
			}
			if share := trainer.Exchanged(); share <= 0 || share > 1 {
				t.Errorf("%s: exchanges took %v of the time, want a share", name, share)
			}
			return nil
		})
		wantNoErrors(t, name, errs)
		for rank, f := range forecasts {
			if f.Ranks != 4 || f.Compute <= 0 || f.Exchange <= 0 || f.Link.Latency <= 0 {
				t.Errorf("%s: rank %d forecasts %+v, want 4 ranks and positive times", name, rank, f)
			}
			if f.Compute != forecasts[0].Compute {
				t.Errorf("%s: rank %d forecasts %v of computing, and rank 0 %v", name, rank, f.Compute, forecasts[0].Compute)
			}
		}
	}
}
