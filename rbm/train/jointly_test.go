package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// validRows is the number of validation rows in the tests of estimates on several ranks: odd, so that ranks get unequal
// numbers of rows.
const validRows = 13

// TestRanksEstimateTogether: estimates of the log-likelihood, exact and by annealing with and without chains, have
// the same bits on any number of ranks, and so has the run after them.
func TestRanksEstimateTogether(t *testing.T) {
	for _, name := range []string{"pcd nesterov center=true", "cd adam sparse center=false", "holes dynamic bytes=false"} {
		tc := togetherCases()[name]
		for _, units := range []int{5, exactBits + 1} { // an exact log Z, and an estimated one
			tc.config.Hidden, tc.config.HiddenUnits = units, ""
			data := &dataset.Set{Train: tc.rows(shardRows, units), Valid: tc.rows(validRows, units)}
			var want string
			for _, size := range []int{1, 4} {
				var got string
				errs := onRanks(t, size, beginOn(tc.config, data), func(trainer *Trainer) error {
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
// whole rows, and of rows spread over a part with missing cells. Rank 0 alone has it as it moves the biases. Settings of
// the evaluation have no effect.
func TestRanksEvaluateTogether(t *testing.T) {
	for _, name := range []string{"pcd nesterov center=true", "holes dynamic bytes=false", "couplings weighted pcd center=true"} {
		tc := togetherCases()[name]
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible), Valid: tc.rows(validRows, shardVisible)}
		var want string
		for _, size := range []int{1, 4} {
			var got string
			errs := onRanks(t, size, beginOn(tc.config, data), func(trainer *Trainer) error {
				m, err := trainer.Model()
				if err != nil {
					return err
				}
				for i := range m.Visible.Bias {
					m.Visible.Bias[i] += float32(i)
				}
				for _, most := range []int{0, 5} { // all rows, and at most five where cells are missing
					c := likelihood.EvaluateConfig{Exact: rbm.PartitionConfig{MaxUnits: 1}} // a setting, which Evaluate does not take
					e, err := trainer.Evaluate(context.Background(), m, partValid, most, c)
					if err != nil {
						return err
					}
					rows := validRows
					if most > 0 && data.Valid.Missing != nil {
						rows = most
					}
					if e.Rows != rows {
						t.Errorf("%s: %d rows were evaluated, want %d", name, e.Rows, rows)
					}
					if n := trainer.EvaluatedRows(partValid, most).N; n != rows {
						t.Errorf("%s: EvaluatedRows has %d rows, want %d", name, n, rows)
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
	tc.config.Hidden = exactBits + 1 // an estimated log Z, which takes long enough to end
	data := &dataset.Set{Train: tc.rows(shardRows, exactBits+1)}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for asked := range 2 { // the rank that is asked to end
		contexts := []context.Context{context.Background(), context.Background()}
		contexts[asked] = canceled
		errs := onRanksUntil(t, contexts[1], 2, beginOn(tc.config, data), func(trainer *Trainer) error {
			if _, err := trainer.Estimate(contexts[0]); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("got error %w, want one of a run that was asked to end", err)
			}
			return trainer.collect()
		})
		wantNoErrors(t, fmt.Sprintf("rank %d is asked to end", asked), errs)
	}
}
