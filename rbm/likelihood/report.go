package likelihood

import (
	"context"
	"fmt"
	"time"

	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
)

// ReportConfig holds the settings of [ReportLogPartition].
type ReportConfig struct {
	// AIS holds the settings of the forward runs. There are as many reverse runs. Fewer than 4 runs
	// are an error unless ForwardOnly is set. AIS.Progress is not used.
	AIS AISConfig
	// BurnIn is the number of Gibbs steps between the end of the forward runs and the start
	// of the reverse runs, for one half of the runs. The other half makes twice that number: if
	// both halves agree, they count as samples of the model. 0 means 1000.
	BurnIn int
	// ForwardOnly leaves the reverse runs out.
	ForwardOnly bool
	// Shorter is the number of shorter schedules before the schedule of AIS, each with half
	// the steps of the next. A schedule without a step is left out.
	Shorter int
	// Auto goes from schedule to schedule, the shorter ones first and beyond the schedule of AIS
	// with twice the steps each time, until var log w is below 1 in all directions that are made, until the time
	// so far and twice the time of the last schedule exceed TimeLimit (0 for no limit), or until the schedule
	// has 64 times the steps of AIS.
	Auto      bool
	TimeLimit time.Duration
	// Progress, if not nil, is called now and then with the name of the current stage, its
	// steps done and their total.
	Progress func(stage string, done, total int)
}

// maxRefinement is the largest number of times that Auto doubles the given schedule. Beyond
// it, the steps of the default schedule approach the spacing of float32 numbers.
const maxRefinement = 6

// Validate returns an error that names the first field out of range.
func (c ReportConfig) Validate() error {
	if err := c.AIS.Validate(); err != nil {
		return err
	}
	if r := c.AIS.Runs; !c.ForwardOnly && r != 0 && r < 4 {
		return fmt.Errorf("likelihood: Runs is %d, want at least 4 for runs in both directions", r)
	}
	if c.BurnIn < 0 {
		return fmt.Errorf("likelihood: BurnIn is %d, want at least 1, or 0 for %d", c.BurnIn, DefaultBurnIn)
	}
	if c.Shorter < 0 {
		return fmt.Errorf("likelihood: Shorter is %d, want 0 or more", c.Shorter)
	}
	if c.TimeLimit < 0 {
		return fmt.Errorf("likelihood: TimeLimit is %v, want 0 or more", c.TimeLimit)
	}
	return nil
}

// Comparison is log Z by both directions of annealed importance sampling over one schedule.
type Comparison struct {
	Betas   int // number of inverse temperatures
	Forward *Partition
	// Reverse, Bennett and Equilibrium are nil if only the forward runs were made.
	Reverse     *Partition
	Equilibrium *Equilibrium
	// Bennett is log Z from both directions together (see estimate.Bennett), the best of
	// the three estimates, with an interval of three standard errors on either side.
	Bennett *Partition
	Elapsed time.Duration // of all runs, by the clock of rank 0
}

// Report is an estimate of log Z with a verdict on its reliability.
type Report struct {
	Comparisons []Comparison // with rising numbers of betas; the last one counts
	LogBase     float64      // log Z_0 of the base model, which log-weights are relative to
	// Ended is the reason why an automatic schedule stopped growing; empty without Auto.
	Ended string
	// Converged reports that both directions agree and show no fault; never with ForwardOnly.
	Converged bool
	// Unchecked reports that the forward runs show no fault, where ForwardOnly left out the
	// reverse runs that could confirm them.
	Unchecked bool
	Verdict   string // one sentence
}

// Last is the comparison over the longest schedule.
func (r *Report) Last() Comparison { return r.Comparisons[len(r.Comparisons)-1] }

// ReportLogPartition estimates log Z by annealed importance sampling in both directions
// and judges whether the estimates can be trusted. The final states of the forward runs,
// moved towards equilibrium by [Equilibrate], start the reverse runs. It is an error if the
// model has no base rates.
func ReportLogPartition(ctx context.Context, m *rbm.Model, d engine.Device, c ReportConfig) (*Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	c.AIS = c.AIS.filled()
	if c.BurnIn == 0 {
		c.BurnIn = DefaultBurnIn
	}
	r := &Report{LogBase: m.LogBasePartition()}
	var elapsed time.Duration
	// Halvings below 0 are doublings, whose number is bounded by ended.
	for halvings := c.Shorter; r.Ended == "" && (halvings >= 0 || c.Auto); halvings-- {
		betas, ok := scaledSchedule(c.AIS.Betas, halvings)
		if !ok {
			continue
		}
		at, err := annealBoth(ctx, m, d, betas, c)
		if err != nil {
			return nil, fmt.Errorf("likelihood: report of log Z, %d betas: %w", len(betas), err)
		}
		r.Comparisons = append(r.Comparisons, at)
		elapsed += at.Elapsed
		if c.Auto {
			r.Ended = c.ended(at, halvings, elapsed)
		}
	}
	r.Converged, r.Verdict = r.Last().judge(c.BurnIn)
	r.Unchecked = c.ForwardOnly && len(r.Last().complaints(c.BurnIn).wrong) == 0
	return r, nil
}

// scaledSchedule divides the number of steps of a schedule by 2^halvings, which multiplies it
// if halvings is negative. It is not ok if no step is left.
func scaledSchedule(betas []float32, halvings int) (scaled []float32, ok bool) {
	steps := len(betas) - 1
	switch {
	case halvings == 0:
		return betas, true
	case halvings < 0:
		return ResampleBetas(betas, steps<<-halvings), true
	}
	steps >>= halvings
	if steps == 0 {
		return nil, false
	}
	return ResampleBetas(betas, steps), true
}

// ended returns the reason why an automatic schedule stops growing, or "" if it does not.
func (c ReportConfig) ended(at Comparison, halvings int, elapsed time.Duration) string {
	switch {
	case at.variance() < maxVariance:
		return "var log w fell below 1"
	case halvings <= -maxRefinement:
		return fmt.Sprintf("the schedule reached %d times the given one", 1<<maxRefinement)
	case c.TimeLimit > 0 && elapsed+2*at.Elapsed > c.TimeLimit:
		return fmt.Sprintf("the next schedule would exceed the time limit of %v", c.TimeLimit)
	}
	return ""
}

// annealBoth estimates log Z over one schedule in both directions, or with ForwardOnly in one.
func annealBoth(ctx context.Context, m *rbm.Model, d engine.Device, betas []float32, c ReportConfig) (Comparison, error) {
	start := time.Now()
	at := Comparison{Betas: len(betas)}
	ais := c.AIS
	ais.Betas = betas
	var final []float32
	var err error
	ais.Progress = c.stage("log Z by AIS")
	if at.Forward, final, err = annealUp(ctx, m, d, ais); err != nil {
		return at, err
	}
	if !c.ForwardOnly {
		ais.Progress = c.stage("log Z by reverse AIS")
		if err := annealReverse(ctx, m, d, &at, final, ais, c.BurnIn); err != nil {
			return at, err
		}
	}
	// All ranks decide on the next schedule by the time of rank 0.
	elapsed, err := ranks.Join(engine.Divided(d), []float64{time.Since(start).Seconds()})
	if err != nil {
		return at, err
	}
	at.Elapsed = time.Duration(elapsed[0] * float64(time.Second))
	return at, nil
}

// annealReverse adds the reverse runs, which start from the final states of the forward runs.
func annealReverse(
	ctx context.Context, m *rbm.Model, d engine.Device, at *Comparison, final []float32, ais AISConfig, burnIn int,
) error {
	samples, err := Equilibrate(ctx, m, d, final, burnIn, ais.Seed)
	if err != nil {
		return err
	}
	if at.Reverse, err = annealDown(ctx, m, d, samples, ais); err != nil {
		return err
	}
	e, err := equilibrium(ctx, m, d, samples, at.Reverse.LogWeights)
	if err != nil {
		return err
	}
	at.Equilibrium = &e
	at.Bennett, err = join(m, at.Forward, at.Reverse)
	return err
}

func (c ReportConfig) stage(name string) func(done, total int) {
	if c.Progress == nil {
		return nil
	}
	return func(done, total int) { c.Progress(name, done, total) }
}
