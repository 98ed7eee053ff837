package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// trainFlags are the flags of the train command.
type trainFlags struct {
	data            dataFlags
	device          deviceFlags
	ranks           rankFlags
	config          train.Config
	recipe          string
	out, resume     string
	force           bool
	checkpointEvery int
	onlineEvery     int
	patience        int
	timeLimit       time.Duration
	seeds           int
	init            string // model to begin with; empty for none
	stack           string // run folders or models below the new one, joined as dataset.SplitSpec splits; empty for none
	configFile      string
	eval            string
	noRows, json    bool
	tensorboard     bool

	// No flags:
	lock        *os.File // lock of the run folder; nil before it is taken
	endThreads  int      // of several processes: threads of the end of the run, see takeMachine; 0 without --threads
	configTaken bool     // takeConfig has set the flags; --seeds does so once for all runs
}

// resumable are the flags that are allowed beside --resume: they change no update that the run has
// made.
var resumable = []string{"resume", "epochs", "updates", "device", "threads", "precision", "checkpoint-every", "eval", "json",
	"patience", "online-every", "learning-rate", "time-limit", "no-rows", "tensorboard", "timeout", "data", "test", "valid", "key", "quiet"}

func newTrainCommand() *cobra.Command {
	return newTrainCommandOf(&trainFlags{config: train.DefaultConfig()})
}

// newTrainCommandOf returns the command whose flags set f.
func newTrainCommandOf(f *trainFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a model and report its log-likelihood",
		Long: `Train a model and report its log-likelihood.

A run writes everything to its run folder: model.safetensors, checkpoint.safetensors,
config.json, metrics.jsonl (an object for each epoch; for each few epochs after the 100th on
small data), times.jsonl (the seconds of the same epochs), filters.png, samples.png (means
of 100 chains after 1000 Gibbs steps from random states), and report.html, a page that shows
whether the run worked, with some rows of the data (--no-rows leaves them out). With
--patience it also writes best.safetensors, the best of up to three models
(candidate-*.safetensors) whose estimates do not differ by more than noise, and the pictures,
the page and the evaluation are of that model.

--recipe takes the settings of a measured run and prints the command that does the same:

  mnist-quick   what the defaults are on MNIST
  mnist-fast    past the published test log-likelihood in little time
  mnist-best    the best test log-likelihood with 500 hidden units
  features      hidden units that are mostly off, by CD-1
  small-exact   16 hidden units, so that the log-likelihood is exact

Log-likelihoods during training are exact where a layer (with --lateral the visible one) has at
most 16 units, and else brief estimates. Beside them stands what independent units have on the
same rows. A run whose log-likelihood falls far goes back to its best model and halves the learning rate
(--guard); model.safetensors is then the last model, or an earlier one that is clearly better.

A table of words and numbers becomes groups of units, which the first lines list; the model
and schema.json hold them (--schema, --bins, --label-units). Its numbers are standardised and
become gaussian units, so that log-likelihoods are of densities: they may be above 0.
--visible gaussian takes numbers as they are, or standardises them where a column
deviates by more than 10.

Cells of a table may be missing: empty, NaN, NA or ?. The gradient is of the likelihood of
the known cells: at each visit of a row --missing-steps Gibbs steps draw its missing cells
given the known ones. Estimates during training are of up to 100 such rows, and the last one
is of up to 1000.

--block-rows N visits the training rows in blocks of N rows, in another order than without:
random pieces of the rows make up a block. Where all columns are data, the rows of an
uncompressed NPY or IDX file then stay in it, so that it may be larger than the memory.

Rows with weights (--weight-column) count in proportion to them: the gradient of a batch is
the sum over its rows, each times its weight divided by the mean weight of all training rows,
divided by the number of rows. Log-likelihoods are weighted means, beside plain ones.

In a build with MPI, mpirun -n R harmonium train --shards S makes one run in R processes,
for any R that divides S, with the same result for each.

SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 end the run after the current update with a
checkpoint. --resume continues from a checkpoint and gives the same bits as an
uninterrupted run. Beside it the length, the learning rate, the patience and the
evaluations may change. More --epochs or --updates than before stretch the rest of the
learning-rate schedule. Data that moved are named by --data, --valid or --test, and must
be the same rows.`,
		Example: `  harmonium train
  harmonium train --data table.csv --valid 0.1 --hidden 100 --patience 10
  harmonium train --recipe mnist-best --epochs 300 --out runs/best
  harmonium train --data penguins --bins 8 --label species --label-units
  harmonium train --data table.csv --test test.csv --seeds 5 --out runs/five
  harmonium train --init runs/table --data more.csv --learning-rate 0.01
  harmonium train --config runs/table --seed 2
  harmonium train --resume runs/best --epochs 400`,
		Args: arguments(), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.data.add(cmd)
	addGroup(cmd, groupData, f.data.table.add)
	addGroup(cmd, groupData, f.data.grey.add)
	addGroup(cmd, groupData, f.addBlocks)
	addConfig(cmd, f)
	addGroup(cmd, groupEvaluation, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.eval, "eval", "end", "`WHEN` when to estimate the log-likelihood of the test rows, if there are any: never, end, or a number N: every N epochs and at the end")
		suggestValues(flags, "eval", "never", "end")
		flags.IntVar(&f.onlineEvery, "online-every", 0, "epochs between two estimates of the log-likelihood during training (default: as often as a tenth of the time allows, about 100 in all at most)")
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.out, "out", "", "`FOLDER` run folder (default: runs/<data>-<date-time>)")
		flags.StringVar(&f.resume, "resume", "", "`FOLDER|FILE` run folder, or the "+fileCheckpoint+" in it, of the run to continue (default: a new run)")
		flags.BoolVar(&f.force, "force", false, "overwrite the run in the folder of --out")
		flags.IntVar(&f.checkpointEvery, "checkpoint-every", 0, "updates between checkpoints (default: an epoch, or more where saving would take over a twentieth of the time)")
		flags.BoolVar(&f.noRows, "no-rows", false, "leave out of report.html everything that shows single rows of the data")
		flags.BoolVar(&f.tensorboard, "tensorboard", false, "also write an event file for TensorBoard: all numbers of metrics.jsonl, histograms of the parameters, and the pictures")
		flags.BoolVar(&f.json, "json", false, "print one JSON object on standard output and everything else on standard error")
	})
	f.device.add(cmd)
	f.ranks.add(cmd)
	return cmd
}

// addConfig adds the flags of the model, the training and the chains. The values of the
// configuration are the defaults.
func addConfig(cmd *cobra.Command, f *trainFlags) {
	c := &f.config
	addGroup(cmd, groupModel, func(flags *pflag.FlagSet) {
		flags.IntVar(&c.Hidden, "hidden", c.Hidden, "number of hidden units (default: twice the columns, at most the rows, from 16 to 500)")
		flags.BoolVar(&c.Lateral, "lateral", c.Lateral, "couple the visible units with each other: a semi-restricted machine, or with --hidden 0, the default beside it, a pairwise model (Ising, Potts)")
		addUnits(flags, &f.data.visible, "visible", autoUnits, "kinds of the visible units", ", or auto: by the values of the data", autoUnits)
		addUnits(flags, &c.HiddenUnits, "hidden-units", c.HiddenUnits, "kinds of the hidden units", " (default: "+engine.Kind(0).String()+")")
		oneOf(flags, &c.Sigma, "sigma", c.Sigma, "how the standard deviations of gaussian units given the hidden ones are trained, one of: each, shared (the same for all), fixed (of the columns); between 0.05 and 3 times the deviations of the columns (default: each)", "each", "shared", "fixed")
		flags.StringVar(&f.init, "init", "", "`FOLDER|FILE` run folder, model or NPZ file, also of scikit-learn, to begin with (default: a new model)")
		addSpecs(flags, &f.stack, "init-stack", "", "`FOLDER|FILE` run folder or model below the new one, whose hidden units are its visible units; repeat it for several, from the data up (default: none)")
		flags.Float64Var(&c.InitialDeviation, "initial-deviation", c.InitialDeviation, "standard deviation of the initial weights, which are normal around 0 (default: 0.01)")
	})
	addGroup(cmd, groupTraining, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.configFile, "config", "", "`FOLDER|FILE` config.json, or the run folder that holds it, whose settings and data to take; flags beside it take precedence (default: none)")
		oneOf(flags, &f.recipe, "recipe", "", "settings of a measured run, one of: "+strings.Join(recipeNames(), ", ")+"; flags beside it take precedence (default: none)", recipeNames()...)
		oneOf(flags, &c.Algorithm, "algorithm", c.Algorithm, "one of: auto (pt with up to 32768 weights, else pcd), pcd (persistent chains), cd, fpcd (fast weights), pt (parallel tempering), ptt (trajectory tempering)", "auto", "pcd", "cd", "fpcd", "pt", "ptt")
		flags.IntVar(&c.Updates, "updates", c.Updates, "parameter updates (default: 30 passes over the training rows, from 5000 to 9000 updates, or one pass if that is longer)")
		flags.DurationVar(&f.timeLimit, "time-limit", 0, "end the training after this time, such as 30m, as if the run were done; --resume goes on (default: none)")
		flags.IntVar(&c.Epochs, "epochs", c.Epochs, "passes over the training rows, in place of --updates (default: by updates)")
		flags.IntVar(&c.BatchSize, "batch-size", c.BatchSize, "rows in a batch; all rows if there are fewer")
		flags.IntVar(&c.Shards, "shards", c.Shards, "parts of each batch and of the chains, a power of two, whose sums are added in a fixed order; part of the result (default: 1)")
		flags.IntVar(&c.MissingSteps, "missing-steps", c.MissingSteps, "Gibbs steps that draw the missing cells of a batch, with the known cells held (default: 5)")
		oneOf(flags, &c.Optimizer, "optimizer", c.Optimizer, "one of: sgd, nesterov, adam (with learning rates around 0.001)", "sgd", "nesterov", "adam")
		flags.Float64Var(&c.LearningRate, "learning-rate", c.LearningRate, "initial learning rate")
		oneOf(flags, &c.Schedule, "schedule", c.Schedule, "how the learning rate falls, one of: constant, linear, cosine, inverse", "constant", "linear", "cosine", "inverse")
		flags.Float64Var(&c.Hold, "hold", c.Hold, "share of the run, in [0,1), before the learning rate starts to fall")
		flags.Float64Var(&c.FastRate, "fast-rate", c.FastRate, "constant learning rate of the fast weights of fpcd (default: the initial learning rate)")
		flags.Var(momentum{&c.Momentum, &c.FinalMomentum}, "momentum", "`INITIAL[,FINAL]` one or two numbers in [0,1); the second holds after --momentum-epochs")
		flags.IntVar(&c.MomentumEpochs, "momentum-epochs", c.MomentumEpochs, "epochs with the initial momentum")
		flags.Float64Var(&c.L1, "l1", c.L1, "L1 decay of the weights: the penalty is the cost times Σ|w|")
		flags.Float64Var(&c.L2, "l2", c.L2, "L2 decay of the weights: half the cost times Σw²")
		flags.Float64Var(&c.L1b, "l1b", c.L1b, "squared L1 decay of hidden units: half the cost times Σ(Σ|w|)²/n, where the inner sum is over the n weights of a hidden unit; usually 0.01 to 1")
		flags.Float64Var(&c.GroupLasso, "group-lasso", c.GroupLasso, "cost of the sum of the norms of the groups of weights of --lasso-groups; after each update a norm shrinks by the learning rate times the cost, and small groups become 0; usually 0.0001 to 0.01")
		oneOf(flags, &c.LassoGroups, "lasso-groups", c.LassoGroups, "groups of --group-lasso, one of: edge (the weights between a visible and a hidden unit, a single one unless a unit is categorical), hidden (all weights of a hidden unit), visible (default: edge)", "edge", "hidden", "visible")
		flags.Float64Var(&c.BiasL2, "bias-l2", c.BiasL2, "L2 decay of the biases of both layers: half the cost times Σa²")
		oneOf(flags, &c.Gauge, "gauge", c.Gauge, "gauge of categorical units after each update, one of: as-is, zero-sum (biases and weights that sum to zero over the states of a unit, with the same probabilities) (default: as-is)", gaugeKept, gaugeZeroSum)
		flags.Float64Var(&c.SparsityTarget, "sparsity", c.SparsityTarget, "target for the mean activity of the hidden units, in (0,1), usually 0.01 to 0.1 (default: none)")
		flags.Float64Var(&c.SparsityCost, "sparsity-cost", c.SparsityCost, "weight of the cross-entropy penalty for missing the target (needs --sparsity; default: 0.1)")
		flags.BoolVar(&c.Center, "center", c.Center, "use the centered gradient (default: yes; --center=false for the plain one)")
		oneOf(flags, &c.Guard, "guard", c.Guard, "what to do when the log-likelihood of training rows falls far below its best estimate, one of: return (go back there with half the learning rate), warn, off", "return", "warn", "off")
		flags.IntVar(&f.patience, "patience", 0, "stop after N estimates in a row, over at least the last third of the updates and not while the rate is held, without a better validation log-likelihood, and keep the best model (needs --valid; default: off)")
		f.data.addSeed(flags)
		flags.IntVar(&f.seeds, "seeds", 0, "make N runs with the seeds from --seed on, in folders of their own in --out, and compare them in a table with mean and standard deviation (default: one run)")
	})
	addGroup(cmd, groupChains, func(flags *pflag.FlagSet) {
		flags.IntVarP(&c.GibbsSteps, "gibbs-steps", "k", c.GibbsSteps, "Gibbs steps in each update")
		flags.IntVar(&c.Chains, "chains", c.Chains, "number of persistent chains (default: one per row of a batch, at least 100)")
		flags.IntVar(&c.Temperatures, "temperatures", c.Temperatures, "temperatures of each chain of pt (default: 10)")
	})
}

// begin prepares a new run. It writes nothing before all checks have passed, and on rank 0 alone.
func (f *trainFlags) begin(ctx context.Context, flags *pflag.FlagSet) (*trainRun, error) {
	recipe, err := f.takeSettings(flags)
	if err != nil {
		return nil, err
	}
	r, err := f.newRun()
	if err != nil {
		return nil, err
	}
	r.recipe = recipe
	config, err := f.givenConfig(flags)
	if err != nil {
		return nil, err
	}
	r.folder = runFolder(f.out)
	if f.out == "" {
		r.folder = defaultFolder(f.data.spec, time.Now().Format("20060102-150405"))
	}
	if !f.ranks.follows() {
		if err := r.folder.checkFree(f.force); err != nil {
			return nil, err
		}
	}
	from, err := f.beginning(r, &config)
	if err != nil {
		return nil, err
	}
	if err := f.stackBelow(r, flags); err != nil {
		return nil, err
	}
	if err := r.open(ctx, f); err != nil {
		return nil, err
	}
	if err := r.checkBeginning(from); err != nil {
		return nil, err
	}
	if err := f.takeHidden(ctx, r); err != nil {
		return nil, err
	}
	config.Seed, config.Binarize, config.VisibleUnits = f.data.seed, r.binarize.String(), f.data.visible
	config.VisibleUnits, config.HiddenUnits = shortest(config.VisibleUnits), shortest(config.HiddenUnits)
	config, r.choices = config.Resolve(r.set.Train)
	if err := checkSizes(config, r.set.Train.V); err != nil {
		return nil, err
	}
	if r.trainer, err = r.newTrainer(config, from); err != nil {
		return nil, configError(err)
	}
	if f.ranks.follows() {
		return r, nil
	}
	if f.lock, err = r.folder.take(f.force); err == nil {
		r.layers, err = r.folder.writeLayers(r.below)
	}
	return r, err
}

// takeSettings sets the flags by --recipe or --config, and returns the line about the recipe.
func (f *trainFlags) takeSettings(flags *pflag.FlagSet) (recipe string, err error) {
	if flags.Changed("recipe") {
		if recipe, err = cook(f.recipe, flags); err != nil {
			return "", err
		}
	}
	if flags.Changed("config") {
		if recipe != "" {
			return "", usagef("--config and --recipe, want one of them")
		}
		err = f.takeConfig(flags)
	}
	return recipe, err
}

// givenConfig returns the configuration that the flags give, before the data complete it.
func (f *trainFlags) givenConfig(flags *pflag.FlagSet) (train.Config, error) {
	config := f.config
	if err := setLength(flags, &config, f.config); err != nil {
		return config, err
	}
	if err := positiveFlags(flags, "chains", "shards"); err != nil {
		return config, err
	}
	if !config.Lateral {
		if err := positiveFlags(flags, "hidden"); err != nil {
			return config, err
		}
	}
	if err := config.Validate(); err != nil {
		return config, configError(err)
	}
	return config, nil
}

// goOn prepares to continue a run from its checkpoint.
func (f *trainFlags) goOn(ctx context.Context, flags *pflag.FlagSet) (*trainRun, error) {
	if err := refuseBesideResume(flags); err != nil {
		return nil, err
	}
	path, err := checkpointOf(f.resume)
	if err != nil {
		return nil, err
	}
	folder := runFolder(filepath.Dir(path))
	if !f.ranks.follows() {
		if f.lock, err = folder.lock(); err != nil {
			return nil, err
		}
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
	r.folder, r.resumed, r.unsummed = folder, true, c.Unsummed()
	if err := setLength(flags, &c.Config, f.config); err != nil {
		return nil, err
	}
	if flags.Changed("learning-rate") {
		c.Config.LearningRate = f.config.LearningRate
	}
	r.init = c.Provenance[keyInit]
	if err := r.resumePatience(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := c.Config.Validate(); err != nil {
		return nil, configError(err)
	}
	if err := f.recallStack(r, path, c); err != nil {
		return nil, err
	}
	if err := r.open(ctx, f); err != nil {
		return nil, err
	}
	if err := f.takeHidden(ctx, r); err != nil {
		return nil, err
	}
	c.Spent = cmp.Or(c.Spent, folder.spent(c.Update)) // times.jsonl has it if the checkpoint does not
	if r.trainer, err = c.Resume(r.set, r.device); err != nil {
		return nil, err
	}
	if done, total := r.trainer.Updates(); done > total {
		return nil, usagef("%d updates in all are asked for, but the run has made %d", total, done)
	}
	if !f.ranks.follows() {
		err = r.folder.sweep()
	}
	return r, err
}

// checkpointOf returns the path of a checkpoint, given its run folder or the path itself.
func checkpointOf(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("resume: %w", err)
	case info.IsDir() && !runFolder(path).hasCheckpoint():
		return "", fmt.Errorf("resume: %s has no %s: its run was ended before the first one, or it is no run folder", path, fileCheckpoint)
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

// positiveFlags returns an error for a flag that is given and not positive. Its default, 0, leaves
// the setting to the data.
func positiveFlags(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		n, err := flags.GetInt(name)
		if err == nil && flags.Changed(name) {
			err = positiveFlag(name, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setLength sets the length of a run if the flags give one.
func setLength(flags *pflag.FlagSet, c *train.Config, given train.Config) error {
	epochs, updates := flags.Changed("epochs"), flags.Changed("updates")
	if err := positiveFlags(flags, "epochs", "updates"); err != nil {
		return err
	}
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

// Keys in the provenance of a checkpoint, beside the keys of the data and of the configuration.
const (
	keyEval            = "eval"
	keyCheckpointEvery = "checkpoint_every"
	keyOnlineEvery     = "online_every"
	keyPatience        = "patience"
	keyNoRows          = "no_rows"       // only in a run with --no-rows
	keyTrainingRows    = "training_rows" // number of rows that the base rates were counted over
	keyUpdatesMade     = "updates_made"
)

// recall sets the flags that were not given from the provenance of a checkpoint.
func (f *trainFlags) recall(flags *pflag.FlagSet, c *train.Checkpoint) error {
	visible := cmp.Or(c.Config.VisibleUnits, engine.Kind(0).String())
	given := f.data // the flags of this command line, which name data that have moved
	f.data = dataFlags{seed: c.Config.Seed, binarize: c.Config.Binarize, visible: visible}
	if err := f.data.ofModel(&rbm.Model{Provenance: c.Provenance}); err != nil {
		return err
	}
	f.data.table.recall(c.Provenance)
	f.data.fingerprints = nil // Resume compares the fingerprints in the checkpoint
	for name, value := range map[string]struct{ recalled, given *string }{
		"data": {&f.data.spec, &given.spec}, "test": {&f.data.test, &given.test}, "valid": {&f.data.valid, &given.valid},
		"key": {&f.data.key, &given.key},
	} {
		if flags.Changed(name) {
			*value.recalled = *value.given
		}
	}
	if when := c.Provenance[keyEval]; when != "" && !flags.Changed("eval") {
		f.eval = when
	}
	f.noRows = f.noRows || c.Provenance[keyNoRows] != "" && !flags.Changed("no-rows")
	for key, value := range map[string]*int{
		keyCheckpointEvery: &f.checkpointEvery, keyOnlineEvery: &f.onlineEvery, keyPatience: &f.patience,
	} {
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

// newRun checks the flags that are no settings of the trainer, and returns a run with them.
func (f *trainFlags) newRun() (*trainRun, error) {
	if err := f.device.check(); err != nil {
		return nil, err
	}
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
	if f.timeLimit < 0 {
		return nil, usagef("--time-limit %v, want a positive one", f.timeLimit)
	}
	r := &trainRun{eval: f.eval, noRows: f.noRows, tensorboard: f.tensorboard, endThreads: f.endThreads}
	r.pace = train.RunConfig{CheckpointEvery: f.checkpointEvery, OnlineEvery: f.onlineEvery, Patience: f.patience, TimeLimit: f.timeLimit}
	switch f.eval {
	case "never", "end":
		return r, nil
	}
	var err error
	if r.evalEvery, err = strconv.Atoi(f.eval); err != nil || r.evalEvery < 1 {
		return nil, usagef("--eval %s, want never, end or a number of epochs%s", shellWord(f.eval), didYouMean(f.eval, "", []string{"never", "end"}))
	}
	return r, nil
}
