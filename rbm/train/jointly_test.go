package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/likelihood"
)

// TestRanksEstimateTogether: estimates of the log-likelihood, exact and by annealing with and without chains, have
// the same bits on any number of ranks, and so has the run after them.
func TestRanksEstimateTogether(t *testing.T) {
	for _, name := range []string{"pcd nesterov center=true", "cd adam sparse center=false", "holes dynamic bytes=false"} {
		tc := togetherCases()[name]
		for _, units := range []int{5, 17} { // 17 are too many to enumerate
			tc.config.Hidden, tc.config.HiddenUnits = units, ""
			data := &dataset.Set{Train: tc.rows(shardRows, units), Valid: tc.rows(13, units)}
			var want string
			for _, size := range []int{1, 4} {
				var got string
				errs := onRanks(t, size, func(d engine.Device) (*Trainer, error) { return New(tc.config, data, d) }, func(trainer *Trainer) error {
					for trainer.update < 4 {
						if err := trainer.Train(context.Background(), 2); err != nil {
							return err
						}
						o, err := trainer.Estimate(context.Background())
						if err != nil {
							return err
						}
						text, err := json.Marshal(o)
						if err != nil {
							return err
						}
						got += string(text) + "\n"
					}
					m, err := trainer.Model()
					if err == nil {
						got += fmt.Sprint(m.Weights)
					}
					return err
				})
				wantNoErrors(t, fmt.Sprintf("%s on %d ranks", name, size), errs)
				if size == 1 {
					want = got
				}
				if got != want {
					t.Errorf("%s, %d units: %d ranks have\n%s\nwant\n%s", name, units, size, got, want)
				}
			}
		}
	}
}

// TestRanksEvaluateTogether: an evaluation of a model that rank 0 alone has is the same bits on any number of ranks, of
// whole rows, and of rows spread over a part with missing cells.
func TestRanksEvaluateTogether(t *testing.T) {
	for _, name := range []string{"pcd nesterov center=true", "holes dynamic bytes=false", "couplings weighted pcd center=true"} {
		tc := togetherCases()[name]
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible), Valid: tc.rows(13, shardVisible)}
		var want string
		for _, size := range []int{1, 4} {
			var got string
			errs := onRanks(t, size, func(d engine.Device) (*Trainer, error) { return New(tc.config, data, d) }, func(trainer *Trainer) error {
				m, err := trainer.Model()
				if err != nil {
					return err
				}
				for i := range m.Visible.Bias {
					m.Visible.Bias[i] += float32(i)
				}
				for _, most := range []int{0, 5} {
					e, err := trainer.Evaluate(context.Background(), m, partValid, most, likelihood.EvaluateConfig{})
					if err != nil {
						return err
					}
					rows := 13
					if most > 0 && data.Valid.Missing != nil {
						rows = most
					}
					if e.Rows != rows || trainer.EvaluatedRows(partValid, most).N != rows {
						t.Errorf("%s: %d rows were evaluated, want %d", name, e.Rows, rows)
					}
					got += fmt.Sprintf("%+v %+v\n", e.Averages, *e.Partition)
				}
				return trainer.Train(context.Background(), 1)
			})
			wantNoErrors(t, fmt.Sprintf("%s on %d ranks", name, size), errs)
			if size == 1 {
				want = got
			}
			if got != want {
				t.Errorf("%s: %d ranks have\n%s\nwant\n%s", name, size, got, want)
			}
		}
	}
}

// TestAnEstimateEndsOnAllRanks: where a rank is asked to end during an estimate, all ranks end it, rank 0 returns
// the reason, and the run can still be saved and dismissed.
func TestAnEstimateEndsOnAllRanks(t *testing.T) {
	tc := togetherCases()["cd adam sparse center=false"]
	tc.config.Hidden = 17
	data := &dataset.Set{Train: tc.rows(shardRows, 17)}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for ended := range 2 {
		followed := context.Background()
		if ended == 1 {
			followed = canceled
		}
		errs := onRanksUntil(t, followed, 2, func(d engine.Device) (*Trainer, error) { return New(tc.config, data, d) }, func(trainer *Trainer) error {
			ctx := canceled
			if ended == 1 {
				ctx = context.Background()
			}
			if _, err := trainer.Estimate(ctx); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("got error %w, want one of a run that was asked to end", err)
			}
			return trainer.collect()
		})
		wantNoErrors(t, fmt.Sprintf("rank %d is asked to end", ended), errs)
	}
}
