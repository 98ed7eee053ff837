package train

import (
	"cmp"
	"time"
)

// The pace of records and checkpoints, chosen: together they should take a few percent of the time.
const (
	monitorShare    = 40 // least number of rows trained on for each row monitored
	checkpointShare = 20 // least time since the last checkpoint, in units of the time that saving it took

	monitoredEpochs = 100 // number of first epochs that are recorded at any cost, so that short runs have whole curves
)

// stride is the number of updates until the next pause: a hundredth of an epoch if
// Progress is set, else an epoch, and never past a checkpoint.
func (r *run) stride() int {
	stride := r.trainer.perEpoch
	if r.Progress != nil {
		stride = max(1, stride/100)
	}
	if r.CheckpointEvery > 0 {
		stride = min(stride, r.CheckpointEvery-r.trainer.update%r.CheckpointEvery)
	}
	return stride
}

// epochEnds reports whether the current update is the last of an epoch.
func (r *run) epochEnds() bool {
	return r.trainer.update > 0 && r.trainer.update%r.trainer.perEpoch == 0
}

// records reports whether the run makes any records.
func (r *run) records() bool { return r.Record != nil || r.estimates() }

// estimates reports whether the run needs estimates of the log-likelihood.
func (r *run) estimates() bool { return r.Patience > 0 || r.trainer.config.watched() }

// recordDue reports whether a record of the current update, which is not the last, is due.
func (r *run) recordDue() bool {
	if !r.epochEnds() || r.recorded == r.trainer.update {
		return false
	}
	epoch := r.trainer.epoch()
	if r.Record == nil {
		return r.estimates() && epoch%r.onlineEvery() == 0
	}
	return epoch <= monitoredEpochs || epoch%r.monitorInterval() == 0 || epoch%r.onlineEvery() == 0 ||
		r.RecordEvery > 0 && epoch%r.RecordEvery == 0
}

// monitorInterval is the least number of epochs between two records that keeps the monitors
// to a small part of the time (see monitorShare).
func (r *run) monitorInterval() int {
	data := r.trainer.data
	rows := data.Train.N
	monitored := min(MonitorRows, rows)
	if data.Valid != nil {
		monitored += min(MonitorRows, data.Valid.N)
	}
	return (monitorShare*monitored + rows - 1) / rows
}

// onlineEvery is the number of epochs between two estimates of log Z.
func (r *run) onlineEvery() int { return cmp.Or(r.OnlineEvery, r.trainer.OnlineEpochs()) }

// estimateDue reports whether a record of the current update has an estimate of log Z.
func (r *run) estimateDue() bool {
	if r.epochEnds() && r.trainer.epoch()%r.onlineEvery() == 0 {
		return true
	}
	return r.trainer.Done() && (r.OnlineEnd || r.estimates())
}

// checkpointDue reports whether a checkpoint of the current update, which is not the last, is
// due.
func (r *run) checkpointDue() bool {
	if r.CheckpointEvery > 0 {
		return r.trainer.update%r.CheckpointEvery == 0
	}
	return r.epochEnds() && time.Since(r.savedAt) >= checkpointShare*r.saving
}
