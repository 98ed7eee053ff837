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
// An update moves the parameters along ⟨v hᵀ⟩data - ⟨v hᵀ⟩chains. The algorithms differ in
// their chains, [Config].Algorithm:
//
//	cd     chains that start at the data (contrastive divergence)
//	pcd    chains that persist from update to update
//	fpcd   persistent chains on fast parameters, which drive them between modes
//	pt     persistent chains with replicas at lower inverse temperatures
//	ptt    persistent chains that exchange with samples of an earlier model of the run
//
// [Config.Resolve] chooses among pcd and pt, and sets all else that a configuration leaves to the
// data.
//
// # Weights and missing cells
//
// A row counts in the gradient in proportion to its weight, divided by the mean weight of all training
// rows: a batch gives an unbiased estimate of the gradient of the weighted log-likelihood. Weights that
// vary much make its updates noisy.
//
// Missing cells are drawn at each visit of their row by Gibbs steps, [Config].MissingSteps, with the known
// cells held: the gradient is of the log-likelihood of the known cells.
//
// # While it runs
//
// [Trainer.Metrics] monitors the run, [Trainer.Estimate] estimates the log-likelihood beside that
// of independent units, and [Trainer.Save] writes a checkpoint that [LoadCheckpoint] and
// [Checkpoint.Resume] continue. None of them changes the run: it is a function of the
// configuration and the data alone, with the same bits on any number of threads, with or
// without a checkpoint between. Within [Run] a guard follows the estimates: a run whose
// log-likelihood falls far goes back to its best estimate, with half the learning rate.
//
// # Reading order
//
// run.go is the course of a run, paced by pace.go, patience.go, guard.go and record.go. resolve.go
// chooses settings by the data, and initial.go and from.go hold what a run begins with. trainer.go
// holds the run's state, and phases.go, update.go, optimizer.go and penalty.go the graph of an update, with
// weights.go and missing.go. ladder.go is parallel tempering; trajectory.go, reservoir.go and bridge.go are parallel trajectory
// tempering. monitor.go,
// watch.go, mixing.go, drift.go and mass.go monitor; online.go estimates log Z, estimate.go
// log-likelihoods, compare.go looks at samples, warnings.go says what is wrong, and checkpoint.go saves.
//
// This package imports packages likelihood and sample for the estimates of log Z.
package train
