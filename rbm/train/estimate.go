package train

import (
	"context"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
)

// Online is an estimate of the log-likelihood during training, in nats a row, on all validation rows and up to
// [EstimateRows] training rows. Where cells of the training or of the validation rows are missing, it is of the known
// cells, on up to [IncompleteRows] rows of this part. A bound is nil if there is none, and the values of validation rows
// are nil without such rows. If the training rows are discrete states without missing cells, log Z is at least their
// [likelihood.LeastLogPartition].
type Online struct {
	Method   string   `json:"log_z_online_method"` // "exact", "online" or "ais"
	LogZ     float64  `json:"log_z_online"`
	LogZLow  *float64 `json:"log_z_online_low"`
	LogZHigh *float64 `json:"log_z_online_high"`

	// The training interval is for the mean over all training rows. The validation interval is for
	// the mean over the distribution that the validation rows come from. Each combines three
	// standard errors, over rows and of annealing over missing cells, with the interval of log Z.
	LogLikelihoodTrain     float64  `json:"log_likelihood_train"`
	LogLikelihoodTrainLow  *float64 `json:"log_likelihood_train_low"`
	LogLikelihoodTrainHigh *float64 `json:"log_likelihood_train_high"`
	LogLikelihoodValid     *float64 `json:"log_likelihood_valid,omitempty"`
	LogLikelihoodValidLow  *float64 `json:"log_likelihood_valid_low,omitempty"`
	LogLikelihoodValidHigh *float64 `json:"log_likelihood_valid_high,omitempty"`

	// The log-likelihoods of the same rows under independent units with the rates of the
	// training rows.
	IndependentTrain float64  `json:"independent_train"`
	IndependentValid *float64 `json:"independent_valid,omitempty"`

	// If the rows have weights, the log-likelihoods above are weighted means, and these are the means in which each
	// row counts once. They are nil without weights.
	PlainTrain *float64 `json:"log_likelihood_train_plain,omitempty"`
	PlainValid *float64 `json:"log_likelihood_valid_plain,omitempty"`

	// Samples is the likeness of the visible states of up to 500 chains to the validation rows, or to the training
	// rows if there are none. Yardstick is the likeness of as many resampled training rows to those, which samples of
	// a perfect model would have. Both are nil with cd, and where cells are missing.
	Samples   *estimate.Likeness `json:"samples,omitempty"`
	Yardstick *estimate.Likeness `json:"samples_yardstick,omitempty"`

	// Fallen reports that the estimate lies far below an earlier one, see [likelihood.Best.Lost]. [Run] sets it in
	// its records; it is false in the result of [Trainer.Estimate].
	Fallen bool `json:"fallen,omitempty"`
}

// Standing compares the model with independent units on the estimated training rows, by the interval of log Z.
func (o *Online) Standing() likelihood.Standing {
	e := (&Record{Online: o}).past().estimated()
	return likelihood.StandingOf(e.LogLikelihood, e.Low, e.High, e.Independent)
}

// finite returns nil for an infinity, which JSON cannot express.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// unbounded returns a bound, or the infinity of the given sign if the bound is missing.
func unbounded(x *float64, sign int) float64 {
	if x == nil {
		return math.Inf(sign)
	}
	return *x
}

// estimated holds the rows of one part of the data whose log-likelihood is estimated.
type estimated struct {
	rows        *dataset.Rows
	order       []int32       // numbers of the estimated rows
	weights     []float32     // weights of these rows; nil if rows have none
	incomplete  *dataset.Rows // a copy of these rows, if cells are missing; else nil
	data        *engine.State // state whose variable Data holds the rows of the part
	independent float64       // mean log-likelihood of these rows under independent units
	states      bool          // the rows are states of the visible units, see [likelihood.Discrete]
}

// estimating holds the rows of the estimates.
type estimating struct {
	train, valid *estimated

	// For the comparison of chains with rows, see beginComparing.
	reference estimate.Moments  // of the validation rows, or of the training rows if there are none
	yardstick estimate.Likeness // likeness of resampled training rows to the reference
}

// Estimate estimates the log-likelihoods of the current model. Like [Trainer.EstimateLogPartition]
// it is a function of the run's state, and does not change it. Log-likelihoods that are not finite, of parameters that
// are finite but far too large, are an error.
func (t *Trainer) Estimate(ctx context.Context) (*Online, error) {
	err := t.collect()
	var o *Online
	if err == nil {
		err = t.jointly(order{Do: "estimate"}, func() (err error) {
			o, err = t.estimateJointly(ctx)
			return err
		})
	}
	if err == nil {
		err = checkFinite(map[string]float64{
			"log Z": o.LogZ, "the log-likelihood of training rows": o.LogLikelihoodTrain,
			"the log-likelihood of validation rows": valueOf(o.LogLikelihoodValid),
		})
	}
	if err != nil {
		return nil, fmt.Errorf("train: log-likelihood after update %d: %w", t.update, err)
	}
	return o, nil
}

// estimate estimates the log-likelihoods of the current model with its log Z.
func (t *Trainer) estimate(ctx context.Context, p *likelihood.Partition) (*Online, error) {
	if err := t.beginEstimating(ctx); err != nil {
		return nil, err
	}
	train, err := t.energiesOf(ctx, t.estimating.train)
	if err != nil {
		return nil, err
	}
	if t.estimating.train.states {
		p = p.AtLeast(likelihood.LeastLogPartition(train.energies))
	}
	o := &Online{
		Method: p.Method, LogZ: p.LogZ, LogZLow: finite(p.Low), LogZHigh: finite(p.High),
		IndependentTrain: t.estimating.train.independent,
	}
	if t.comparable() && t.ranks().Rank() == 0 {
		if err := t.compareSamples(o); err != nil {
			return nil, err
		}
	}
	used, all := float64(len(t.estimating.train.order)), float64(t.data.Train.N)
	o.LogLikelihoodTrain, o.PlainTrain = -train.mean-p.LogZ, train.plain(p.LogZ)
	// √(1-used/all) corrects the standard error for a sample of finitely many rows: it is 0 if all rows are used.
	low, high := interval(p, 3*math.Hypot(train.standardError*math.Sqrt(1-used/all), train.annealed))
	o.LogLikelihoodTrainLow, o.LogLikelihoodTrainHigh = finite(o.LogLikelihoodTrain-low), finite(o.LogLikelihoodTrain+high)
	if t.estimating.valid == nil {
		return o, nil
	}
	valid, err := t.energiesOf(ctx, t.estimating.valid)
	if err != nil {
		return nil, err
	}
	value := -valid.mean - p.LogZ
	low, high = interval(p, 3*math.Hypot(valid.standardError, valid.annealed))
	o.LogLikelihoodValid, o.PlainValid, o.IndependentValid = &value, valid.plain(p.LogZ), &t.estimating.valid.independent
	o.LogLikelihoodValidLow, o.LogLikelihoodValidHigh = finite(value-low), finite(value+high)
	return o, nil
}

// interval returns how far the estimate of a log-likelihood may lie above its true value (low), and how far below it
// (high), given log Z with its interval and the error of the mean free energy. The two errors are independent.
func interval(p *likelihood.Partition, energy float64) (low, high float64) {
	return math.Hypot(p.High-p.LogZ, energy), math.Hypot(p.LogZ-p.Low, energy)
}

// beginEstimating finds the rows of the estimates and their log-likelihoods under independent
// units, once.
func (t *Trainer) beginEstimating(ctx context.Context) error {
	if t.estimating != nil {
		return nil
	}
	e := &estimating{}
	var err error
	if e.train, err = t.estimatedRows(ctx, t.data.Train, EstimateRows); err == nil && t.data.Valid != nil {
		e.valid, err = t.estimatedRows(ctx, t.data.Valid, t.data.Valid.N)
	}
	if err == nil && t.comparable() {
		err = t.beginComparing(ctx, e)
	}
	if err == nil {
		t.estimating = e
	}
	return err
}

// estimatedRows chooses at most `most` of rows r, and fewer where cells are missing, and estimates their log-likelihood
// under independent units.
func (t *Trainer) estimatedRows(ctx context.Context, r *dataset.Rows, most int) (*estimated, error) {
	if r.Missing != nil {
		most = IncompleteRows
	}
	e := &estimated{rows: r, states: likelihood.Discrete(t.visible.Units, r, t.binarize)}
	e.order, e.weights = chosenRows(r, most)
	if r.Missing != nil {
		e.incomplete = selected(r, e.order)
	}
	var err error
	if e.data, err = t.dataOf(r); err != nil {
		return nil, err
	}
	base := t.independent()
	e.independent, err = likelihood.IndependentOf(ctx, t.state.Device(), base, r, e.order, t.binarize, t.config.Seed)
	return e, err
}

// dataOf returns variables whose Data holds the training rows or the validation rows.
func (t *Trainer) dataOf(r *dataset.Rows) (*engine.State, error) {
	if r == t.data.Train && r.Stored() {
		return t.storedData()
	}
	if r == t.data.Train {
		return t.state, nil
	}
	if t.validData == nil {
		s := engine.NewState(t.state.Device())
		if err := graph.LoadIncomplete(s, r, t.visible.Units, t.baseRates, t.binarize, t.config.Seed); err != nil {
			return nil, err
		}
		t.validData = s
	}
	return t.validData, nil
}

// meanEnergy is the mean free energy of rows, weighted if they have weights, and its standard error over
// them, in nats.
type meanEnergy struct {
	energies            []float64 // of the rows
	mean, standardError float64
	unweighted          *float64 // the mean without the weights; nil if there are none
	annealed            float64  // standard error of the mean by annealing over missing cells; 0 without
}

// plain returns the log-likelihood without weights, or nil.
func (e meanEnergy) plain(logZ float64) *float64 {
	if e.unweighted == nil {
		return nil
	}
	return new(-*e.unweighted - logZ)
}

// energiesOf returns the free energies of rows and their mean.
func (t *Trainer) energiesOf(ctx context.Context, e *estimated) (mean meanEnergy, err error) {
	if e.incomplete != nil {
		mean.energies, mean.annealed, err = t.energiesOfKnown(ctx, e)
	} else {
		mean.energies, err = t.energiesOfRows(ctx, e)
	}
	if err != nil {
		return mean, err
	}
	mean.mean, mean.standardError = estimate.WeightedMean(mean.energies, e.weights)
	if e.weights != nil {
		mean.unweighted = new(estimate.Sum(mean.energies) / float64(len(mean.energies)))
	}
	return mean, nil
}

// energiesOfRows returns the free energy of each row.
func (t *Trainer) energiesOfRows(ctx context.Context, e *estimated) ([]float64, error) {
	s, err := graph.Aside(t.state, graph.Shared(t.visible.Units, t.hidden.Units, t.config.Lateral)...)
	if err == nil {
		err = s.Share(e.data, graph.Data)
	}
	if err != nil {
		return nil, err
	}
	src := graph.OrderedSource(e.rows, len(e.order), t.binarize, t.config.Seed)
	return graph.ReadOrder[float64](ctx, s, e.order, src, func(s graph.Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		g, m := validationGraph(t.newBuilder(t.config.Seed), s)
		return g, m.freeEnergy
	})
}
