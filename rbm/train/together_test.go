package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/ranks/rankstest"
	"harmonium/rbm/internal/graph"
)

// A beginFunc makes the trainer of a rank on its device, and a leadFunc makes a run with the trainer of rank 0.
type (
	beginFunc func(d engine.Device) (*Trainer, error)
	leadFunc  func(trainer *Trainer) error
)

// beginOn returns the function that makes new trainers.
func beginOn(c Config, data *dataset.Set) beginFunc {
	return func(d engine.Device) (*Trainer, error) { return New(c, data, d) }
}

// onRanks calls lead with the trainer of rank 0, while the trainers of the other ranks follow. More than two ranks are
// on machines of their own. It returns the error of each rank.
func onRanks(t *testing.T, size int, begin beginFunc, lead leadFunc) []error {
	t.Helper()
	return onRanksUntil(t, context.Background(), size, begin, lead)
}

// onRanksUntil is onRanks with a context that ends the evaluations of the ranks that follow.
func onRanksUntil(t *testing.T, ctx context.Context, size int, begin beginFunc, lead leadFunc) []error {
	t.Helper()
	group := rankstest.New
	if size > 2 {
		group = rankstest.Apart
	}
	return onRanksOf(ctx, engine.Options{Device: "cpu", Threads: 1}, group(size), begin, lead)
}

// onRanksOf is onRanksUntil with the ranks of a group, on devices with the options o.
func onRanksOf(ctx context.Context, o engine.Options, group []ranks.Transport, begin beginFunc, lead leadFunc) []error {
	errs := make([]error, len(group))
	var all sync.WaitGroup
	for _, r := range group {
		all.Go(func() {
			o := o
			o.Ranks = r
			errs[r.Rank()] = onRank(ctx, o, begin, lead)
			if errs[r.Rank()] != nil {
				r.Abort(1)
			}
		})
	}
	all.Wait()
	return errs
}

// onRank is the part of one rank in onRanksOf.
func onRank(ctx context.Context, o engine.Options, begin beginFunc, lead leadFunc) error {
	d, err := engine.OpenWith(o)
	if err != nil {
		return err
	}
	defer d.Close()
	trainer, err := begin(d)
	if err == nil {
		err = engine.Connect(d)
	}
	if err != nil {
		return err
	}
	if o.Ranks.Rank() > 0 {
		return trainer.Follow(ctx)
	}
	if err := lead(trainer); err != nil {
		return err
	}
	return trainer.Dismiss()
}

// wantNoErrors fails the test if a rank has an error.
func wantNoErrors(t *testing.T, what string, errs []error) {
	t.Helper()
	for rank, err := range errs {
		if err != nil {
			t.Fatalf("%s: rank %d: %v", what, rank, err)
		}
	}
}

// savedBy trains until the run has made the given number of updates. It returns its checkpoint, which it saves to path,
// and its metrics without times.
func savedBy(trainer *Trainer, path string, updates int) (file []byte, metrics string, err error) {
	for trainer.update < updates && err == nil {
		err = trainer.Train(context.Background(), updates-trainer.update)
	}
	var m Metrics
	if err == nil {
		m, err = trainer.Metrics()
	}
	m.Seconds, m.SamplesPerSecond = 0, 0
	if err == nil {
		err = trainer.Save(path, nil)
	}
	if err == nil {
		file, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(m)
	return file, string(text), err
}

// togetherCases are the sharded training graphs, a run by trajectory tempering and runs on real numbers.
func togetherCases() map[string]trainingCase {
	cases := shardedCases()
	ptt := cases["pcd adam center=false"]
	ptt.config.Algorithm, ptt.config.Optimizer, ptt.config.LearningRate, ptt.config.Chains = "ptt", "sgd", 0.05, 20
	cases["ptt"] = ptt
	for _, algorithm := range []string{"cd", "pt"} {
		c := realConfig()
		c.Algorithm, c.Shards, c.GibbsSteps = algorithm, 4, 2
		if algorithm == "cd" {
			c.Chains = 0
		} else {
			c.Temperatures, c.Sigma = 3, sigmaShared
		}
		cases["real "+algorithm] = trainingCase{config: c, real: true}
	}
	for _, name := range []string{"pcd-3 center=true momentum=0.5 chains=7", "pt temperatures=2 center=true"} {
		hidden := cases[name]
		hidden.config.Hidden, hidden.config.HiddenUnits = 6, hiddenRealUnits
		cases["hidden real "+name] = hidden
	}
	return cases
}

// TestRanksMakeTheSameRun: the checkpoint and the metrics of a run with four shards have the same bytes on
// one, two and four ranks, for all training graphs. The run goes on after each epoch's metrics.
func TestRanksMakeTheSameRun(t *testing.T) {
	sameRuns(t, togetherCases(), func(size int, begin beginFunc, lead leadFunc) []error {
		return onRanks(t, size, begin, lead)
	})
}

// sameRuns makes the runs of [TestRanksMakeTheSameRun] on one, two and four ranks, each by a call of onSize. They have
// six updates in two epochs.
func sameRuns(t *testing.T, cases map[string]trainingCase, onSize func(size int, begin beginFunc, lead leadFunc) []error) {
	for name, tc := range cases {
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
		folder := t.TempDir()
		want, wantMetrics := []byte(nil), ""
		for size := 1; size <= 4; size *= 2 {
			var got []byte
			var metrics string
			errs := onSize(size, beginOn(tc.config, data), func(trainer *Trainer) error {
				if _, _, err := savedBy(trainer, filepath.Join(folder, "within"), 4); err != nil {
					return err
				}
				var err error
				got, metrics, err = savedBy(trainer, filepath.Join(folder, "whole"), 6)
				return err
			})
			wantNoErrors(t, fmt.Sprintf("%s on %d ranks", name, size), errs)
			if size == 1 {
				want, wantMetrics = got, metrics
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: the checkpoint of %d ranks differs from the checkpoint of one", name, size)
			}
			if metrics != wantMetrics {
				t.Errorf("%s: metrics of %d ranks: got %s, want %s", name, size, metrics, wantMetrics)
			}
		}
	}
}

// TestResumeOnOtherRanks stops a run on four ranks, resumes it on two, stops and resumes it on one, and
// wants the bytes of the run that was not stopped.
func TestResumeOnOtherRanks(t *testing.T) {
	for _, name := range []string{"pcd-3 center=true momentum=0.5 chains=7", "pt temperatures=3 center=false"} {
		tc := togetherCases()[name]
		tc.config.Guard = "return"
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
		path := filepath.Join(t.TempDir(), "checkpoint")
		var files [2][]byte
		type part struct{ ranks, updates int } // of a run: the number of ranks, until the run has made the updates
		for i, parts := range [][]part{{{1, 6}}, {{4, 2}, {2, 5}, {1, 6}}} {
			for k, p := range parts {
				begin := func(d engine.Device) (*Trainer, error) {
					if k == 0 || engine.Ranks(d).Rank() > 0 { // rank 0 gives the others the state that it resumes
						return New(tc.config, data, d)
					}
					c, err := LoadCheckpoint(path)
					if err != nil {
						return nil, err
					}
					return c.Resume(data, d)
				}
				errs := onRanks(t, p.ranks, begin, func(trainer *Trainer) (err error) {
					files[i], _, err = savedBy(trainer, path, p.updates)
					return err
				})
				wantNoErrors(t, fmt.Sprintf("%s on %d ranks to update %d", name, p.ranks, p.updates), errs)
			}
		}
		if !slices.Equal(files[1], files[0]) {
			t.Errorf("%s: the run on 4, 2 and 1 ranks has other bytes", name)
		}
	}
}

// TestTheGuardMovesAllRanks: where the guard goes back on rank 0, and where chains are set there, the
// others go on from the same state.
func TestTheGuardMovesAllRanks(t *testing.T) {
	tc := togetherCases()["pcd nesterov center=true"]
	tc.config.Guard = "return"
	data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
	path := filepath.Join(t.TempDir(), "checkpoint")
	var files [2][]byte
	for i, size := range []int{1, 4} {
		errs := onRanks(t, size, beginOn(tc.config, data), func(trainer *Trainer) error {
			if _, _, err := savedBy(trainer, path, 3); err != nil {
				return err
			}
			if err := trainer.goBack(); err != nil {
				return err
			}
			if _, _, err := savedBy(trainer, path, 5); err != nil {
				return err
			}
			chains, err := trainer.Chains()
			if err != nil {
				return err
			}
			slices.Reverse(chains)
			if err = trainer.SetChains(chains); err == nil {
				files[i], _, err = savedBy(trainer, path, 6)
			}
			return err
		})
		wantNoErrors(t, fmt.Sprintf("%d ranks", size), errs)
	}
	if !slices.Equal(files[1], files[0]) {
		t.Error("a run that went back has other bytes on four ranks")
	}
}

// TestRanksAreCompared: a rank whose parameters differ at the comparison after comparedEvery updates is named. Rank 2
// sets its hidden biases to 0 before the last of these updates.
func TestRanksAreCompared(t *testing.T) {
	tc := togetherCases()["pcd nesterov center=true"]
	tc.config.Updates = comparedEvery
	data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
	errs := onRanks(t, 4, func(d engine.Device) (*Trainer, error) {
		trainer, err := New(tc.config, data, d)
		if err != nil || engine.Ranks(d).Rank() != 2 {
			return trainer, err
		}
		trainer.Note(func(update int) {
			if update == comparedEvery-1 {
				if err := trainer.state.Set(graph.HiddenBias, make([]float32, 5)); err != nil {
					t.Error(err)
				}
			}
		})
		return trainer, nil
	}, func(trainer *Trainer) error {
		for !trainer.Done() {
			if err := trainer.Train(context.Background(), comparedEvery); err != nil {
				return err
			}
		}
		return nil
	})
	const want = "update 100: the parameters of rank 2 differ from the parameters of rank 0"
	if err := errs[0]; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}

// TestRanksEndBetweenOrders: a run that is asked to end after its third update ends between two orders to make updates
// (see [order]), before its last update, the sixth, and saves.
func TestRanksEndBetweenOrders(t *testing.T) {
	tc := togetherCases()["pcd nesterov center=true"]
	data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
	saved := 0
	errs := onRanks(t, 2, beginOn(tc.config, data), func(trainer *Trainer) error {
		ctx, cancel := context.WithCancel(context.Background())
		trainer.Note(func(update int) {
			if update == 3 {
				cancel()
			}
		})
		_, err := Run(ctx, trainer, RunConfig{Checkpoint: func() error {
			saved = trainer.update
			return trainer.Save(filepath.Join(t.TempDir(), "checkpoint"), nil)
		}})
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("got error %w, want one of a run that was asked to end", err)
		}
		return nil
	})
	wantNoErrors(t, "interrupted", errs)
	if saved < 3 || saved == 6 {
		t.Errorf("the last checkpoint is of update %d, want the third to the fifth", saved)
	}
}

// TestRanksDivideTheShards: a number of shards that the number of ranks does not divide is an error.
func TestRanksDivideTheShards(t *testing.T) {
	tc := togetherCases()["pcd nesterov center=true"]
	tc.config.Shards = 2
	data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
	errs := onRanks(t, 4, beginOn(tc.config, data), func(*Trainer) error { return nil })
	const want = "train: Shards is 2, want a multiple of the 4 ranks"
	if err := errs[0]; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
}
