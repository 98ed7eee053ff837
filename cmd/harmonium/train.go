package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/rbm"
	"harmonium/rbm/train"
)

// trainFlags are the flags of the train command.
type trainFlags struct {
	data            dataFlags
	device          deviceFlags
	config          train.Config
	recipe          string
	out             string
	resume          string
	force           bool
	checkpointEvery int
	onlineEvery     int
	patience        int
	eval            string
	json            bool

	lock *os.File // of the run folder, or nil, which Close takes
}

// resumable are the flags that may stand beside --resume: they change no update that
// the run has made.
var resumable = []string{"resume", "epochs", "updates", "device", "threads", "precision", "checkpoint-every", "eval", "json"}

func newTrainCommand() *cobra.Command {
	return newTrainCommandOf(&trainFlags{config: train.DefaultConfig()})
}

// newTrainCommandOf returns the command that sets the flags.
func newTrainCommandOf(f *trainFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a model and report its log-likelihood",
		Long: `Train a model and report its log-likelihood.

Everything is written to a run folder: model.safetensors, checkpoint.safetensors,
config.json, metrics.jsonl (one object an epoch; after the first 100 epochs, on small
data, every few; with log Z and log-likelihoods as --online-every says), filters.png and
samples.png (means of 100 chains, 1000 Gibbs steps from random states); with --patience
also best.safetensors, of which pictures and evaluation then are.

--recipe takes the settings of a run that was measured: mnist-quick, the default run;
mnist-best, the best test log-likelihood that 500 hidden units give; features, hidden
units that are mostly off, by CD-1; small-exact, a model whose log-likelihood is exact.
It prints the command that does the same.

Log-likelihoods in training are brief estimates. At learning rates that the chains cannot
keep up with they are too good, and the last evaluation is what counts.

SIGINT and SIGTERM end the run after the current update with a checkpoint. --resume
goes on from a checkpoint to the very bits an uninterrupted run has; more --epochs or
--updates than before stretch what is left of the learning-rate schedule.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.recipe, "recipe", "", "settings by `NAME`, which the flags beside it change: "+strings.Join(recipeNames(), ", "))
	f.data.add(cmd)
	addConfig(flags, &f.config)
	f.device.add(cmd)
	flags.StringVar(&f.out, "out", "", "run `FOLDER` (default: runs/<data>-<date-time>)")
	flags.StringVar(&f.resume, "resume", "", "go on with the run in a `FOLDER`, given itself or by its "+fileCheckpoint)
	flags.BoolVar(&f.force, "force", false, "write over the run in the folder of --out")
	flags.IntVar(&f.checkpointEvery, "checkpoint-every", 0, "`UPDATES` between checkpoints; 0 is each epoch, as long as that takes less than a twentieth of the time")
	flags.IntVar(&f.onlineEvery, "online-every", 0, "`EPOCHS` between two looks at log Z in training; 0 is as often as a tenth of the time allows")
	flags.IntVar(&f.patience, "patience", 0, "`LOOKS` at log Z without a better log-likelihood of the --valid rows that end the run; the best model is kept and evaluated. 0 is no end")
	flags.StringVar(&f.eval, "eval", "end", "`WHEN` to find the log-likelihood, of test rows if there are any: never, end, or a number N: every N epochs and at the end")
	flags.BoolVar(&f.json, "json", false, "print one JSON object on standard output, all else on standard error")
	return cmd
}

// addConfig adds the flags of a training configuration; its values are the defaults.
func addConfig(flags *pflag.FlagSet, c *train.Config) {
	flags.IntVar(&c.Hidden, "hidden", c.Hidden, "hidden units")
	flags.StringVar(&c.Algorithm, "algorithm", c.Algorithm, "`ALGORITHM` pcd, with chains that persist, fpcd, with fast weights for them, pt, with a ladder of temperatures for each, ptt, with earlier models of the run for a ladder, or cd, with chains that start at the batch")
	flags.IntVarP(&c.GibbsSteps, "gibbs-steps", "k", c.GibbsSteps, "Gibbs steps an update")
	flags.IntVar(&c.Chains, "chains", c.Chains, "persistent chains; 0 is one for each row of a batch")
	flags.IntVar(&c.Temperatures, "temperatures", c.Temperatures, "of each chain of pt; 0 is 10")
	flags.IntVar(&c.BatchSize, "batch-size", c.BatchSize, "rows of a batch; all of the data if they are fewer")
	flags.IntVar(&c.Epochs, "epochs", c.Epochs, "passes over the data")
	flags.IntVar(&c.Updates, "updates", c.Updates, "parameter updates, instead of epochs")
	flags.Float64Var(&c.InitialDeviation, "initial-deviation", c.InitialDeviation, "standard deviation of the weights at first, which are normal around 0; 0 is 0.01")
	flags.StringVar(&c.Optimizer, "optimizer", c.Optimizer, "`OPTIMIZER` sgd, with a momentum if one is given, nesterov or adam, whose learning rates are small: 0.001 or so")
	flags.Float64Var(&c.LearningRate, "learning-rate", c.LearningRate, "at first")
	flags.StringVar(&c.Schedule, "schedule", c.Schedule, "`SCHEDULE` of the learning rate: constant, linear, cosine or inverse")
	flags.Float64Var(&c.Hold, "hold", c.Hold, "share of the run before the schedule lowers the rate, in [0,1)")
	flags.Float64Var(&c.FastRate, "fast-rate", c.FastRate, "learning rate of the fast weights of fpcd, constant; 0 is that of --learning-rate")
	flags.Var(momentum{&c.Momentum, &c.FinalMomentum}, "momentum", "in [0,1), at first and from --momentum-epochs on")
	flags.IntVar(&c.MomentumEpochs, "momentum-epochs", c.MomentumEpochs, "epochs with the first momentum")
	flags.Float64Var(&c.L1, "l1", c.L1, "L1 decay of the weights")
	flags.Float64Var(&c.L2, "l2", c.L2, "L2 decay of the weights")
	flags.Float64Var(&c.SparsityTarget, "sparsity", c.SparsityTarget, "mean activity to hold the hidden units to, in (0,1): 0.01 to 0.1 or so; 0 is none")
	flags.Float64Var(&c.SparsityCost, "sparsity-cost", c.SparsityCost, "weight of the penalty for missing --sparsity, a cross-entropy; 0 is 0.1")
	flags.BoolVar(&c.Center, "center", c.Center, "use the centered gradient")
}

// momentum is the flag value INITIAL[,FINAL].
type momentum struct{ initial, final *float64 }

func (m momentum) Type() string { return "INITIAL[,FINAL]" }

func (m momentum) String() string {
	switch {
	case m.initial == nil: // pflag asks the zero value
		return ""
	case *m.initial == *m.final:
		return fmt.Sprint(*m.initial)
	}
	return fmt.Sprintf("%v,%v", *m.initial, *m.final)
}

func (m momentum) Set(s string) error {
	initial, final, both := strings.Cut(s, ",")
	if !both {
		final = initial
	}
	for _, p := range []struct {
		dst  *float64
		text string
	}{{m.initial, initial}, {m.final, final}} {
		x, err := strconv.ParseFloat(p.text, 64)
		if err != nil {
			return errors.New("INITIAL or INITIAL,FINAL, such as 0.5,0.9")
		}
		*p.dst = x
	}
	return nil
}

// run makes the run that the flags describe.
func (f *trainFlags) run(cmd *cobra.Command) error {
	defer f.device.close()
	defer func() { f.lock.Close() }()
	prepare := f.begin
	if cmd.Flags().Changed("resume") {
		prepare = f.goOn
	}
	r, err := prepare(cmd.Flags())
	if err != nil {
		return err
	}
	r.out, r.result, r.progress = cmd.OutOrStdout(), io.Discard, newProgress(cmd.ErrOrStderr())
	if f.json {
		r.out, r.result = cmd.ErrOrStderr(), cmd.OutOrStdout()
	}
	return r.run(cmd.Context())
}

// begin prepares a new run. Nothing is written before all is known to be well.
func (f *trainFlags) begin(flags *pflag.FlagSet) (*trainRun, error) {
	var recipe string
	if flags.Changed("recipe") {
		var err error
		if recipe, err = cook(f.recipe, flags); err != nil {
			return nil, err
		}
	}
	r, err := f.newRun()
	if err != nil {
		return nil, err
	}
	r.recipe = recipe
	config := f.config
	if err := setLength(flags, &config, f.config); err != nil {
		return nil, err
	}
	if err := config.Validate(); err != nil {
		return nil, configError(err)
	}
	r.folder = runFolder(f.out)
	if f.out == "" {
		r.folder = defaultFolder(f.data.spec, time.Now().Format("20060102-150405"))
	}
	if !f.force {
		if err := r.folder.vacant(); err != nil {
			return nil, err
		}
	}
	if err := r.open(f); err != nil {
		return nil, err
	}
	config.Seed, config.Binarize = f.data.seed, r.binarize.String()
	if err := checkSizes(config, r.set.Train.V); err != nil {
		return nil, err
	}
	if r.trainer, err = train.New(config, r.set, r.device); err != nil {
		return nil, err
	}
	if err := r.folder.ensure(); err != nil {
		return nil, err
	}
	if f.lock, err = r.folder.lock(); err != nil {
		return nil, err
	}
	return r, r.folder.clear()
}

// goOn prepares a run from its checkpoint.
func (f *trainFlags) goOn(flags *pflag.FlagSet) (*trainRun, error) {
	if err := refuseBesideResume(flags); err != nil {
		return nil, err
	}
	path, err := checkpointOf(f.resume)
	if err != nil {
		return nil, err
	}
	folder := runFolder(filepath.Dir(path))
	if f.lock, err = folder.lock(); err != nil {
		return nil, err
	}
	c, err := train.LoadCheckpoint(path)
	if err != nil {
		return nil, err
	}
	if err := f.recall(flags, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r, err := f.newRun()
	if err != nil {
		return nil, err
	}
	r.folder, r.resumed, r.saved = folder, true, c.Update
	if err := setLength(flags, &c.Config, f.config); err != nil {
		return nil, err
	}
	if err := c.Config.Validate(); err != nil {
		return nil, configError(err)
	}
	if err := r.open(f); err != nil {
		return nil, err
	}
	if r.trainer, err = c.Resume(r.set, r.device); err != nil {
		return nil, err
	}
	if done, total := r.trainer.Updates(); done > total {
		return nil, usagef("%d updates in all are asked for, but the run has made %d", total, done)
	}
	return r, r.folder.sweep()
}

// checkpointOf returns the checkpoint that a run folder holds, or is given by itself.
func checkpointOf(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("resume: %w", err)
	case info.IsDir():
		return filepath.Join(path, fileCheckpoint), nil
	case filepath.Base(path) != fileCheckpoint:
		return "", usagef("--resume %s, want a run folder or its %s", path, fileCheckpoint)
	}
	return path, nil
}

func refuseBesideResume(flags *pflag.FlagSet) error {
	var refused []string
	flags.Visit(func(flag *pflag.Flag) {
		if !slices.Contains(resumable, flag.Name) {
			refused = append(refused, "--"+flag.Name)
		}
	})
	if refused == nil {
		return nil
	}
	return usagef("%s beside --resume, which takes it from the checkpoint", strings.Join(refused, ", "))
}

// setLength sets how long a run is, if the flags say so.
func setLength(flags *pflag.FlagSet, c *train.Config, given train.Config) error {
	epochs, updates := flags.Changed("epochs"), flags.Changed("updates")
	switch {
	case epochs && updates:
		return usagef("--epochs and --updates, want one of them")
	case epochs:
		c.Epochs, c.Updates = given.Epochs, 0
	case updates:
		c.Epochs, c.Updates = 0, given.Updates
	}
	return nil
}

// The keys of what a checkpoint's provenance holds beside data and configuration.
const (
	keyEval            = "eval"
	keyCheckpointEvery = "checkpoint_every"
	keyOnlineEvery     = "online_every"
	keyPatience        = "patience"
)

// recall takes from a checkpoint what the flags of its run said.
func (f *trainFlags) recall(flags *pflag.FlagSet, c *train.Checkpoint) error {
	f.data = dataFlags{seed: c.Config.Seed, binarize: c.Config.Binarize}
	if err := f.data.ofModel(&rbm.Model{Provenance: c.Provenance}); err != nil {
		return err
	}
	if when := c.Provenance[keyEval]; when != "" && !flags.Changed("eval") {
		f.eval = when
	}
	for key, value := range map[string]*int{keyCheckpointEvery: &f.checkpointEvery, keyOnlineEvery: &f.onlineEvery, keyPatience: &f.patience} {
		text := c.Provenance[key]
		if text == "" || flags.Changed(strings.ReplaceAll(key, "_", "-")) {
			continue
		}
		var err error
		if *value, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("provenance: %s is %q, want a number", key, text)
		}
	}
	return nil
}

// newRun checks the flags that no other package knows.
func (f *trainFlags) newRun() (*trainRun, error) {
	if f.checkpointEvery < 0 {
		return nil, usagef("--checkpoint-every %d, want at least 0", f.checkpointEvery)
	}
	if f.onlineEvery < 0 {
		return nil, usagef("--online-every %d, want at least 0", f.onlineEvery)
	}
	switch {
	case f.patience < 0:
		return nil, usagef("--patience %d, want at least 0", f.patience)
	case f.patience > 0 && f.data.valid == "":
		return nil, usagef("--patience %d without --valid, whose rows it is about", f.patience)
	}
	r := &trainRun{checkpointEvery: f.checkpointEvery, onlineEvery: f.onlineEvery, eval: f.eval}
	r.patience.looks = f.patience
	switch f.eval {
	case "never", "end":
		return r, nil
	}
	var err error
	if r.evalEvery, err = strconv.Atoi(f.eval); err != nil || r.evalEvery < 1 {
		return nil, usagef("--eval %s, want never, end or a number of epochs", shellWord(f.eval))
	}
	return r, nil
}

// checkSizes refuses matrices that no memory holds.
func checkSizes(c train.Config, visible int) error {
	units := max(c.Hidden, visible)
	for _, m := range []struct {
		what          string
		rows, columns int
	}{{"--hidden: weights", visible, c.Hidden}, {"--chains: chains", max(c.Chains, c.Temperatures, c.Chains*c.Temperatures), units}} {
		if err := checkSize(m.what, m.rows, m.columns); err != nil {
			return err
		}
	}
	return nil
}
