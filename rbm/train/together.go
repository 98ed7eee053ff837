package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
)

// A run on several ranks (see package ranks). Rank 0 leads: it makes the run as one process would, and
// tells the others when to make updates. They follow with [Trainer.Follow]. All ranks hold the same
// parameters and make the same moves. Each rank keeps only the chains of its own shards up to date;
// rank 0 collects the other chains when something needs them.

const (
	// chunkTime is about the time of the updates of one order, within a factor of two. Rank 0 checks between
	// orders whether it is asked to end: the time was chosen so short that nobody notices the wait, and longer than the
	// time of telling an order.
	chunkTime = 50 * time.Millisecond

	// comparedEvery is the number of updates between two comparisons of the parameters of all ranks. It was chosen
	// so large that they take little time, and so small that a fault does not last.
	comparedEvery = 100
)

// togetherness is the state of a run on several ranks.
type togetherness struct {
	scattered bool             // the rows of other ranks' chains are out of date
	stale     bool             // rank 0: the other ranks do not have the state of this one
	chunk     int              // updates in an order
	note      func(update int) // called after each update, see Note; or nil
}

// order is what rank 0 tells the others.
type order struct {
	Do         string      `json:"do"` // "train", "collect", "take", "estimate", "evaluate" or "end"
	Updates    int         `json:"updates,omitempty"`
	Guard      *guard      `json:"guard,omitempty"`
	Trajectory *trajectory `json:"trajectory,omitempty"`
	Part       string      `json:"part,omitempty"` // of the data, to evaluate
	Most       int         `json:"most,omitempty"` // rows of it, see EvaluatedRows
}

func (t *Trainer) ranks() ranks.Transport { return engine.Ranks(t.state.Device()) }

// several reports whether the run has several ranks.
func (t *Trainer) several() bool { return t.ranks().Size() > 1 }

func (t *Trainer) cut() cut {
	r := t.ranks()
	return cut{shards: t.config.shards(), ranks: r.Size(), rank: r.Rank()}
}

// Note calls f with the number of updates after each of them.
func (t *Trainer) Note(f func(update int)) { t.together.note = f }

// tell gives an order to the other ranks.
func (t *Trainer) tell(o order) error {
	message, err := json.Marshal(o)
	if err == nil {
		_, err = ranks.Broadcast(t.ranks(), message)
	}
	return err
}

// Dismiss ends the waits of the other ranks in [Trainer.Follow]. In a run on one rank it does nothing.
func (t *Trainer) Dismiss() error {
	if !t.several() {
		return nil
	}
	return t.tell(order{Do: "end"})
}

// lead is makeUpdates on rank 0 of several.
func (t *Trainer) lead(ctx context.Context, updates int) error {
	w := &t.together
	w.chunk = max(w.chunk, 1)
	for updates > 0 && !t.Done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.stale {
			if err := t.give(); err != nil {
				return err
			}
		}
		done, total := t.Updates()
		n := min(updates, w.chunk, total-done, t.perEpoch-t.update%t.perEpoch)
		if err := t.tell(order{Do: "train", Updates: n}); err != nil {
			return err
		}
		start := time.Now()
		// All ranks make all updates of an order, also if ctx ends.
		if err := t.makeUpdates(context.WithoutCancel(ctx), n); err != nil {
			return err
		}
		if took := time.Since(start); took < chunkTime/2 {
			w.chunk *= 2
		} else if took > 2*chunkTime {
			w.chunk = max(w.chunk/2, 1)
		}
		if updates -= n; t.update%t.perEpoch == 0 {
			return nil
		}
	}
	return nil
}

// Follow obeys the orders of rank 0 until rank 0 ends the run. The trainer must have the configuration and
// the data of the trainer on rank 0. If ctx ends, an estimate or an evaluation that is under way ends on all
// ranks.
func (t *Trainer) Follow(ctx context.Context) error {
	for {
		message, err := ranks.Broadcast(t.ranks(), nil)
		if err != nil {
			return err
		}
		var o order
		if err := json.Unmarshal(message, &o); err != nil {
			return fmt.Errorf("train: an order of rank 0: %w", err)
		}
		switch o.Do {
		case "end":
			return nil
		case "train":
			err = t.makeUpdates(context.Background(), o.Updates)
		case "collect":
			err = t.sendRows()
		case "estimate":
			err = t.join(func() error {
				_, err := t.estimateJointly(ctx)
				return err
			})
		case "evaluate":
			err = t.join(func() error {
				_, err := t.evaluateJointly(ctx, nil, o.Part, o.Most, likelihood.EvaluateConfig{})
				return err
			})
		case "take":
			err = t.take(o)
		default:
			err = fmt.Errorf("train: rank 0 orders %q, which this version does not know", o.Do)
		}
		if err != nil {
			return err
		}
	}
}

// Await reads and drops the orders of rank 0 until rank 0 ends the run. It is for a rank whose [Trainer.Follow]
// failed. If all ranks have failed, rank 0 ends the run soon.
func (t *Trainer) Await() error {
	for {
		message, err := ranks.Broadcast(t.ranks(), nil)
		if err != nil {
			return err
		}
		var o order
		if json.Unmarshal(message, &o) == nil && o.Do == "end" {
			return nil
		}
	}
}

// shared lists the variables that all ranks have alike, apart from rows of chains.
func (t *Trainer) shared() []variable {
	return slices.DeleteFunc(t.variables(), func(v variable) bool {
		return !v.saved || strings.HasSuffix(v.name, graph.SuffixBest)
	})
}

// give gives the other ranks the state of the run.
func (t *Trainer) give() error {
	if err := t.tell(order{Do: "take", Updates: t.update, Guard: t.guard, Trajectory: t.trajectory}); err != nil {
		return err
	}
	for _, v := range t.shared() {
		values := make([]float32, volume(v.shape))
		if err := t.state.Get(v.name, values); err != nil {
			return err
		}
		if _, err := ranks.Broadcast(t.ranks(), bytesOf(values)); err != nil {
			return err
		}
	}
	t.together.stale = false
	return nil
}

// take takes over the state of rank 0.
func (t *Trainer) take(o order) error {
	t.update = o.Updates
	if o.Guard != nil {
		t.guard = o.Guard
	}
	if t.trajectory != nil && o.Trajectory != nil {
		*t.trajectory = *o.Trajectory
	}
	for _, v := range t.shared() {
		message, err := ranks.Broadcast(t.ranks(), nil)
		if err != nil {
			return err
		}
		values, err := floatsOf(message, volume(v.shape))
		if err == nil {
			err = t.state.Set(v.name, values)
		}
		if err != nil {
			return fmt.Errorf("train: %s of rank 0: %w", v.name, err)
		}
	}
	t.together.scattered = false
	return t.beginEpoch()
}

// bytesOf returns the numbers as bytes, the lowest first, and floatsOf returns them again.
func bytesOf(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func floatsOf(b []byte, n int) ([]float32, error) {
	if len(b) != 4*n {
		return nil, fmt.Errorf("%d bytes, want %d numbers", len(b), n)
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, nil
}

// ofChains lists the variables with a row for each replica of a chain.
func (t *Trainer) ofChains() []variable {
	names := []string{graph.Chains, graph.Visible, graph.Levels, graph.Trips}
	return slices.DeleteFunc(t.shared(), func(v variable) bool { return !slices.Contains(names, v.name) })
}

// eachRow calls f with each row of a variable of the chains whose chain belongs to a rank.
func (t *Trainer) eachRow(v variable, rank int, values []float32, f func(row []float32)) {
	l, c := t.ladder(), t.cut()
	c.rank = rank
	rows, width := c.rows(l.chains), len(values)/(l.chains*l.levels)
	for level := range l.levels {
		for n := range rows.Size {
			at := (level*l.chains + rows.First + n) * width
			f(values[at : at+width])
		}
	}
}

// ownRows returns the rows of this rank's chains, variable by variable.
func (t *Trainer) ownRows() ([]byte, error) {
	var rows []float32
	for _, v := range t.ofChains() {
		values := make([]float32, volume(v.shape))
		if err := t.state.Get(v.name, values); err != nil {
			return nil, err
		}
		t.eachRow(v, t.ranks().Rank(), values, func(row []float32) { rows = append(rows, row...) })
	}
	return bytesOf(rows), nil
}

// sendRows sends the rows of this rank's chains to rank 0.
func (t *Trainer) sendRows() error {
	rows, err := t.ownRows()
	if err == nil {
		_, err = ranks.Gather(t.ranks(), rows)
	}
	return err
}

// collect brings the chains of rank 0 up to date.
func (t *Trainer) collect() error {
	if !t.together.scattered || t.ranks().Rank() > 0 {
		return nil
	}
	if err := t.tell(order{Do: "collect"}); err != nil {
		return err
	}
	own, err := t.ownRows()
	if err != nil {
		return err
	}
	all, err := ranks.Gather(t.ranks(), own)
	if err != nil {
		return err
	}
	return t.putRows(all)
}

// putRows sets the rows of all ranks' chains to what ownRows returned on each rank.
func (t *Trainer) putRows(all [][]byte) error {
	for _, v := range t.ofChains() {
		values := make([]float32, volume(v.shape))
		for rank := range all {
			var err error
			t.eachRow(v, rank, values, func(row []float32) {
				some := all[rank][:min(4*len(row), len(all[rank]))]
				x, failed := floatsOf(some, len(row))
				if failed != nil {
					err = fmt.Errorf("train: the chains of rank %d: %w", rank, failed)
				}
				copy(row, x)
				all[rank] = all[rank][len(some):]
			})
			if err != nil {
				return err
			}
		}
		if err := t.state.Set(v.name, values); err != nil {
			return err
		}
	}
	t.together.scattered = false
	return nil
}

// compareParameters compares the SHA-256 of the parameters of all ranks, which must all call it. On rank 0 it
// returns an error that names the ranks whose parameters differ.
func (t *Trainer) compareParameters() error {
	sum := sha256.New()
	for _, name := range graph.Shared(t.visible.Units, t.hidden.Units, t.config.Lateral) {
		for _, v := range t.shared() {
			if v.name != name {
				continue
			}
			values := make([]float32, volume(v.shape))
			if err := t.state.Get(name, values); err != nil {
				return err
			}
			sum.Write(bytesOf(values))
		}
	}
	all, err := ranks.Gather(t.ranks(), sum.Sum(nil))
	if err != nil {
		return err
	}
	var others []string
	for rank, other := range all {
		if !bytes.Equal(other, all[0]) {
			others = append(others, fmt.Sprint(rank))
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("the parameters of rank %s differ from the parameters of rank 0: "+
			"the memory or a processor of a machine, or its build, is at fault", strings.Join(others, ", "))
	}
	return nil
}
