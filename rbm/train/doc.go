// Package train trains a model on the rows of a data set.
//
// A [Trainer] is made by [New] from a [Config], a data set and a device, makes its updates by
// [Trainer.Train], and gives the model at any time by [Trainer.Model]:
//
//	trainer, err := train.New(train.DefaultConfig(), data, device)
//	for err == nil && !trainer.Done() {
//		err = trainer.Train(ctx, trainer.EpochUpdates())
//	}
//	model, err := trainer.Model()
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
// trainer.go holds the run and phases.go, update.go and optimizer.go the graph of an update.
// ladder.go is parallel tempering; trajectory.go and reservoir.go are parallel trajectory
// tempering. monitor.go, watch.go, mixing.go, drift.go and mass.go monitor, online.go
// estimates log Z, and checkpoint.go saves.
//
// This package imports packages likelihood and sample for the estimates of log Z.
package train
