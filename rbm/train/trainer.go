package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

const (
	initialDeviation = 0.01 // default standard deviation of the initial weights (Hinton 2010, §8)
	offsetRate       = 0.01 // weight of the newest batch in the moving averages of the centered gradient (chosen)
	fastDecay        = 0.95 // factor of the fast parameters at each update (Tieleman and Hinton 2009)
	sparsityCost     = 0.1  // default cost of the sparsity penalty (chosen)
)

// Trainer trains a model on the rows of a data set. The run is a function of the
// configuration and the data alone: it has the same bits on any number of threads, and
// after it was saved and resumed.
type Trainer struct {
	config        Config
	data          *dataset.Set
	visible       graph.Layer
	hidden        graph.Layer
	state         *engine.State
	baseRates     []float32 // (V) means of the columns, see [rbm.BaseRates]
	baseVariances []float32 // (V) variances of the columns with real states; nil if there are none
	binarize      dataset.Binarization
	full          *engine.Plan  // an update with a full batch
	short         *engine.Plan  // with the last, shorter batch of an epoch; nil if there is none
	gauge         *engine.Plan  // follows each update; nil without a gauge
	batch         int           // rows of a full batch
	perEpoch      int           // updates in an epoch
	update        int           // updates made so far
	trained       time.Duration // time spent in updates
	resumed       progress      // progress of the run when this process began or resumed it
	monitoring    *monitoring
	estimating    *estimating
	blocks        *dataset.Blocks // blocks of the training rows; nil without blocks
	trainData     *engine.State   // training rows that stay in their file, for estimates; see storedData
	validData     *engine.State   // holds the validation rows; nil before they are used
	trajectory    *trajectory     // state of parallel trajectory tempering, or nil
	drift         *drift          // drift of the last frozen model's samples; nil before it is first computed
	guard         *guard
	fingerprints  map[string]string // fingerprints of the data, by part; nil before they are first computed
	together      togetherness      // state of a run on several ranks
}

// progress counts the updates of a run and their time.
type progress struct {
	update  int
	trained time.Duration
}

// New returns a Trainer before its first update. Weights are drawn from N(0, s²), with s
// the configuration's InitialDeviation, 0.01 by default; visible biases are the logits of the
// data's base rates, hidden biases 0 or the logit of their sparsity target (Hinton 2010, §8).
// Persistent chains start with all hidden units at 0. With units of other kinds than the default one, and
// with couplings, whose chains are visible states, they start at random states (see [engine.Coins]). What
// the configuration leaves to the data is chosen by [Config.Resolve].
func New(c Config, data *dataset.Set, d engine.Device) (*Trainer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := checkInput(data, d); err != nil {
		return nil, err
	}
	return newRun(c, nil, data, d)
}

// newRun returns a Trainer before its first update, which begins with the parameters of a model if
// that is not nil. The configuration and the data were checked.
func newRun(c Config, from *rbm.Model, data *dataset.Set, d engine.Device) (*Trainer, error) {
	c, _ = c.Resolve(data.Train)
	var tr *trajectory
	if c.Algorithm == "ptt" {
		tr = &trajectory{Factor: 1}
	}
	t, err := newTrainer(c, data, d, tr)
	if err != nil {
		return nil, err
	}
	initial := t.initial()
	if from != nil {
		begun, err := t.begunWith(from)
		if err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		maps.Copy(initial, begun)
	}
	for name, values := range initial {
		if err := t.state.Set(name, values); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	if t.trajectory != nil {
		if err := t.beginTrajectory(initial[graph.Weights], initial[graph.VisibleBias], initial[graph.HiddenBias]); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	if c.guarded() {
		if err := t.rememberBest(); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	t.together.stale = t.several() // the other ranks get the state of this one, whatever they begin with
	return t, t.beginEpoch()
}

// newTrainer makes the variables and plans of a run. tr is nil unless the algorithm is ptt.
func newTrainer(c Config, data *dataset.Set, d engine.Device, tr *trajectory) (*Trainer, error) {
	if err := c.validateResolved(); err != nil {
		return nil, err
	}
	t := frame(c, data, tr)
	rows := t.data.Train
	t.state = engine.NewState(d)
	if err := t.setLayers(); err != nil {
		return nil, err
	}
	if err := cmp.Or(t.checkShards(), t.checkGauge()); err != nil {
		return nil, err
	}
	if err := t.checkMemory(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	t.binarize, _ = dataset.ParseBinarization(c.Binarize)
	if err := t.checkRows(); err != nil {
		return nil, err
	}
	t.baseRates = rbm.BaseRates(rows, t.binarize)
	t.baseVariances = rbm.BaseVariances(rows, t.visible.Units)
	if err := cmp.Or(rows.Err(), t.checkDeviations()); err != nil {
		return nil, err
	}
	for _, v := range t.variables() {
		if err := t.state.Add(v.name, v.dtype, v.shape...); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	if err := t.loadRows(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if err := t.setTables(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if err := t.compile(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return t, nil
}

// frame returns a run without variables. Rows without a missing cell lose their marks of missing cells, so that
// Missing == nil means that all cells are known.
func frame(c Config, data *dataset.Set, tr *trajectory) *Trainer {
	set := *data
	set.Train, set.Valid, set.Test = data.Train.Unmarked(), data.Valid.Unmarked(), data.Test.Unmarked()
	t := &Trainer{config: c, data: &set, trajectory: tr, guard: &guard{Factor: 1}}
	t.batch = min(c.BatchSize, data.Train.N)
	t.perEpoch = (data.Train.N + t.batch - 1) / t.batch
	return t
}

// setTables sets the variables that stay the same during the run.
func (t *Trainer) setTables() error {
	for name, share := range t.shares() {
		if err := t.state.Set(name, []float32{share}); err != nil {
			return err
		}
	}
	if t.ladder().levels > 1 {
		if err := t.state.Set(graph.Base, t.independent().Bias); err != nil {
			return err
		}
	}
	if t.visible.Units.Real() {
		if err := t.state.Set(graph.VarianceBounds, t.varianceBounds()); err != nil {
			return err
		}
	}
	// A table of rates has a row for each update of an epoch: the rate, and a momentum or a decay.
	setRates := func(name string, rate, other float64) error {
		return t.state.Set(name, slices.Repeat([]float32{float32(rate), float32(other)}, t.perEpoch))
	}
	m := t.move()
	if m.fast {
		if err := setRates(graph.FastRates, cmp.Or(t.config.FastRate, t.config.LearningRate), fastDecay); err != nil {
			return err
		}
	}
	if m.optimizer == adam {
		return setRates(graph.PlainRates, 1, 0)
	}
	return nil
}

// move returns the settings by which the updates move the parameters.
func (t *Trainer) move() move {
	c := t.config
	m := move{
		updates: t.perEpoch, optimizer: c.optimizer(),
		fast: c.Algorithm == "fpcd", center: c.Center, blend: offsetRate,
		fixed: c.Sigma == sigmaFixed, shared: c.Sigma == sigmaShared,
	}
	m.weightPenalties, m.biasPenalties = c.penalties(t.visible.Units, t.hidden.Units)
	if c.SparsityTarget > 0 {
		m.sparsity = engine.Sparsity{Target: float32(c.SparsityTarget), Cost: float32(cmp.Or(c.SparsityCost, sparsityCost))}
	}
	return m
}

// chains returns the number of persistent chains. In a checkpoint that holds 0 of them, which an
// earlier version wrote, they are as many as a batch has rows.
func (t *Trainer) chains() int {
	switch {
	case t.config.Algorithm == "cd":
		return 0
	case t.config.Chains > 0:
		return t.config.Chains
	}
	return t.batch
}

// ladder returns the numbers of persistent chains, of the temperatures of each, and of exchanges with a
// reservoir in an epoch.
func (t *Trainer) ladder() ladder {
	l := ladder{chains: t.chains(), levels: 1}
	if t.config.Algorithm == "pt" {
		l.levels = cmp.Or(t.config.Temperatures, defaultTemperatures)
	}
	if t.trajectory != nil {
		l.exchanges = t.perEpoch
	}
	return l
}

// compile makes the plans of an update.
func (t *Trainer) compile() error {
	src := t.source()
	var err error
	if t.full, err = t.plan(src); err != nil {
		return err
	}
	if src.Size = t.data.Train.N % t.batch; src.Size > 0 {
		if t.short, err = t.plan(src); err != nil {
			return err
		}
	}
	return t.compileGauge()
}

// source describes the batches of training rows.
func (t *Trainer) source() graph.Source {
	s := graph.NewSource(t.data.Train, t.binarize, t.batch, t.config.Seed)
	s.Fill = t.fill(t.data.Train)
	return s
}

func (t *Trainer) plan(s graph.Source) (*engine.Plan, error) {
	return engine.Compile(t.graph(s), t.state)
}

// graph returns one update with a batch of the source.
func (t *Trainer) graph(s graph.Source) *gorgonia.ExprGraph {
	c := t.config
	b := builder{t.newBuilder(c.Seed)}
	if c.shards() > 1 {
		return shardedGraph(b, s, t.ladder(), c.GibbsSteps, t.move(), t.cut())
	}
	return trainingGraph(b, s, t.ladder(), c.GibbsSteps, t.move())
}

// Updates returns the number of updates done and of all updates of the run.
func (t *Trainer) Updates() (done, total int) {
	if t.config.Updates > 0 {
		return t.update, t.config.Updates
	}
	return t.update, t.config.Epochs * t.perEpoch
}

// Done reports whether the run has made all its updates.
func (t *Trainer) Done() bool {
	done, total := t.Updates()
	return done >= total
}

// epoch returns the number of whole passes over the data so far.
func (t *Trainer) epoch() int { return t.update / t.perEpoch }

// EpochUpdates returns the number of updates of an epoch.
func (t *Trainer) EpochUpdates() int { return t.perEpoch }

// Config returns the configuration of the run.
func (t *Trainer) Config() Config { return t.config }

// Train makes the given number of updates, or fewer if the epoch, the run or ctx ends first. If ctx ends, it
// returns ctx's error, and the trainer is between two updates.
// A parameter that becomes NaN or infinite is an error that names the update and the
// element; the trainer is of no use afterwards.
func (t *Trainer) Train(ctx context.Context, updates int) error {
	start := time.Now()
	defer func() { t.trained += time.Since(start) }()
	train := t.makeUpdates
	if t.several() {
		train = t.lead
	}
	err := train(ctx, updates)
	if late := t.state.Device().Sync(); late != nil {
		return t.failed(late)
	}
	return err
}

func (t *Trainer) makeUpdates(ctx context.Context, updates int) error {
	for range updates {
		if t.Done() {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.makeUpdate(); err != nil {
			return err
		}
		if t.update%t.perEpoch == 0 {
			return t.beginEpoch()
		}
	}
	return nil
}

// makeUpdate makes one update.
func (t *Trainer) makeUpdate() error {
	plan := t.full
	if t.short != nil && t.update%t.perEpoch == t.perEpoch-1 {
		plan = t.short
	}
	err := plan.Run()
	if err == nil && t.gauge != nil {
		err = t.gauge.Run()
	}
	t.together.scattered = t.several()
	if err == nil && t.trajectory != nil {
		err = t.trajectoryUpdate()
	}
	if err != nil {
		return t.failed(err)
	}
	if t.several() && (t.update+1)%comparedEvery == 0 {
		if err := t.compareParameters(); err != nil {
			return t.failed(err)
		}
	}
	t.update++
	if t.together.note != nil {
		t.together.note(t.update)
	}
	if t.update%ladderUpdates == 0 && t.ladder().levels > 1 {
		return t.adaptLadder()
	}
	return nil
}

// failed returns err with the number of its update. A device may report a fault some updates later; the fault
// then has the number in it.
func (t *Trainer) failed(err error) error {
	fault := (*engine.Fault)(nil)
	if !errors.As(err, &fault) {
		return fmt.Errorf("train: update %d: %w", t.update+1, err)
	}
	update := fault.Update
	if update == 0 {
		update = t.update + 1
	}
	return fmt.Errorf("train: update %d: %w; a lower learning rate may help", update, err)
}

// beginEpoch sets the variables that the updates of the current epoch read: the order
// of the rows, the rates and the clock.
func (t *Trainer) beginEpoch() error {
	epoch := t.epoch()
	err := t.state.Set(graph.Order, t.order(epoch))
	if err == nil {
		err = t.setRates()
	}
	if l := t.ladder(); err == nil && l.exchanges > 0 {
		err = t.state.Set(graph.ReservoirOrder, l.reservoirOrder(t.config.Seed, epoch))
	}
	if err == nil {
		err = graph.SetClock(t.state, t.update, t.update%t.perEpoch, epoch)
	}
	if err != nil {
		return fmt.Errorf("train: epoch %d: %w", epoch+1, err)
	}
	return nil
}

// setRates sets the table of the rates of the current epoch.
func (t *Trainer) setRates() error {
	epoch := t.epoch()
	_, total := t.Updates()
	rates := make([]float32, 0, 2*t.perEpoch)
	for i := range t.perEpoch {
		rate, other := t.config.rates(epoch*t.perEpoch+i, epoch, total)
		rates = append(rates, float32(t.rateFactor())*rate, other)
	}
	return t.state.Set(graph.Rates, rates)
}

// rateFactor returns the factor of the learning rate, 1 unless the guard or a trajectory lowered
// it.
func (t *Trainer) rateFactor() float64 {
	if t.trajectory != nil {
		return t.guard.Factor * t.trajectory.Factor
	}
	return t.guard.Factor
}

// forgetMoments sets the optimizer's moments and the fast parameters to 0.
func (t *Trainer) forgetMoments() error {
	for _, v := range t.variables() {
		for _, suffix := range t.move().suffixes() {
			if strings.HasSuffix(v.name, suffix) {
				if err := t.state.Set(v.name, make([]float32, volume(v.shape))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Model returns a copy of the model as it is now.
func (t *Trainer) Model() (*rbm.Model, error) { return t.modelOf("") }

// modelOf returns a copy of the model whose parameters are the variables with a suffix, such as _best.
func (t *Trainer) modelOf(suffix string) (*rbm.Model, error) {
	m, err := rbm.NewModelOf(t.visible.Units, t.hidden.Units, t.visible.Len, t.hidden.Len)
	if err != nil {
		return nil, err
	}
	m.BaseRates, m.BaseVariances = slices.Clone(t.baseRates), slices.Clone(t.baseVariances)
	if t.config.Lateral {
		m.Lateral = make([]float32, t.visible.Len*t.visible.Len)
	}
	for name, dst := range parametersByName(m) {
		if err := t.state.Get(name+suffix, dst); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	return m, nil
}
