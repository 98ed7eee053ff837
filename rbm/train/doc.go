// Package train trains a model on the rows of a data set.
//
// [New] makes a [Trainer] from a [Config], a data set and a device, and [Run] trains it to the end:
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
// # While it runs
//
// [Trainer.Metrics] monitors the run, [Trainer.EstimateLogPartition] estimates log Z from the
// chains within moments, and [Trainer.Save] writes a checkpoint that [LoadCheckpoint] and
// [Checkpoint.Resume] continue. None of them changes the run: it is a function of the
// configuration and the data alone, with the same bits on any number of threads, with or
// without a checkpoint between.
//
// # Reading order
//
// run.go is the course of a run, paced by pace.go, patience.go and record.go. trainer.go holds its
// state and phases.go, update.go and optimizer.go the graph of an update.
// ladder.go is parallel tempering; trajectory.go and reservoir.go are parallel trajectory
// tempering. monitor.go, watch.go, mixing.go, drift.go and mass.go monitor, online.go
// estimates log Z, and checkpoint.go saves.
//
// This package imports packages likelihood and sample for the estimates of log Z.
package train
