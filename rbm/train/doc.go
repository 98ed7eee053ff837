// Package train trains a model on the rows of a data set.
//
// [New] makes a [Trainer] from a [Config], a data set and a device, [NewFrom] makes one that begins with
// a model, and [Run] trains it to the end:
//
//	trainer, err := train.New(train.DefaultConfig(), data, device)
//	...
//	run, err := train.Run(ctx, trainer, train.RunConfig{})
//	...
//	use(run.Model)
//
// A [RunConfig] adds records, checkpoints and estimates of the likelihood, and ends the run when
// the likelihood of validation rows no longer rises. [Trainer.Train] makes a number of updates.
//
// # Algorithms
//
// An update moves the parameters along ⟨v hᵀ⟩data - ⟨v hᵀ⟩chains. The algorithms, by the name that
// [Config].Algorithm gives them, differ in their chains:
//
//	cd     chains that start at the data (contrastive divergence)
//	pcd    chains that persist from update to update
//	fpcd   persistent chains on fast parameters, which drive them between modes
//	pt     persistent chains with replicas at lower inverse temperatures
//	ptt    persistent chains that exchange with samples of an earlier model of the run
//
// [Config.Resolve] chooses between pcd and pt where the algorithm is "auto", and sets all else that a
// configuration leaves to the data.
//
// # Weights and missing cells
//
// A row counts in the gradient in proportion to its weight, divided by the mean weight of all training
// rows: a batch gives an unbiased estimate of the gradient of the weighted log-likelihood. Weights that
// vary much make the estimate noisy.
//
// Missing cells are drawn at each visit of their row by Gibbs steps, [Config].MissingSteps, with the known
// cells held: the gradient is of the log-likelihood of the known cells.
//
// # While it runs
//
// [Trainer.Metrics] monitors the run, [Trainer.Estimate] estimates the log-likelihoods of the model
// and of independent units, and [Trainer.Save] writes a checkpoint that [LoadCheckpoint] and
// [Checkpoint.Resume] continue. None of them changes the run: it is a function of the
// configuration and the data alone, with the same bits on any number of threads, with or
// without a checkpoint between. Within [Run] a guard follows the estimates: a run whose
// log-likelihood falls far goes back to its best estimate, with half the learning rate.
//
// A run may have several processes, called ranks: rank 0 leads with [Run], and the others follow with
// [Trainer.Follow]. They share the gradient of each batch, which [Config].Shards cuts into shards.
//
// # Graphs
//
// All that runs in a batch is a graph, compiled to a plan that reads and assigns the variables of an
// engine.State by name. Plans beside the training have a state of their own that shares some variables
// (graph.Aside). Draws depend on the seed, a stream for each kind of draw, and the clock, a variable that
// Builder.Tick advances at the end of a plan.
//
// # Reading order
//
// run.go is the course of a run, paced by pace.go, patience.go, guard.go and record.go; candidates.go keeps
// the models that may be its result. config.go holds the settings, and resolve.go chooses some by the data.
// trainer.go holds the run's state, variables.go lists its variables, and initial.go and from.go give what a
// run begins with. layers.go, rows.go and memory.go check it, and blocks.go loads its rows.
//
// phases.go, update.go, optimizer.go and penalty.go build the graph of an update; weights.go, missing.go,
// variance.go, lateral.go and gauge.go add what some rows and units need. ladder.go is parallel tempering.
// trajectory.go, reservoir.go, bridge.go, wide.go and trajectorymetrics.go are parallel trajectory tempering.
//
// monitor.go, watch.go, pseudolikelihood.go, mixing.go, drift.go and mass.go monitor; online.go estimates log Z,
// estimate.go log-likelihoods, compare.go compares chains with rows, and warnings.go finds faults. checkpoint.go saves
// a run with the fingerprints of its data (fingerprint.go), and chains.go and chainmeans.go give the chains of a run
// and of a checkpoint.
//
// shard.go cuts a batch into shards, which together.go and jointly.go divide among the processes of a run,
// and forecast.go predicts what that gains.
//
// This package imports packages likelihood and sample for the estimates of log Z.
package train
