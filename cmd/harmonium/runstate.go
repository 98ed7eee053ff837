package main

import (
	"encoding/json"
	"os"

	"harmonium/rbm/report"
)

// state says how far the run in a folder is. A run that is at work holds the lock of its folder.
func (f runFolder) state() report.State {
	switch {
	case f.busy():
		return report.Running
	case hasEnded(func(name string) (os.FileInfo, error) { return os.Stat(f.file(name)) }):
		return report.Finished
	}
	return report.Stopped
}

// hasEnded reports whether the files of a run say that it has ended: a run writes its model after its
// last checkpoint.
func hasEnded(stat func(name string) (os.FileInfo, error)) bool {
	model, err := stat(fileModel)
	if err != nil {
		return false
	}
	checkpoint, err := stat(fileCheckpoint)
	return err != nil || !checkpoint.ModTime().After(model.ModTime())
}

// busy reports whether a process of this machine is at work in the folder.
func (f runFolder) busy() bool {
	folder, err := os.Open(string(f))
	if err != nil {
		return false
	}
	defer folder.Close()
	return !shareLock(folder)
}

// bestModel returns the path of the model that stands for the run: the best model of a run with
// patience, the last model of another run, or the checkpoint of a run that has not ended.
func (f runFolder) bestModel(state report.State) string {
	if exists(f.file(fileBest)) && f.patient() {
		return f.file(fileBest)
	}
	if state == report.Finished {
		return f.file(fileModel)
	}
	return f.file(fileCheckpoint)
}

// patient reports whether the run has patience. A run that was resumed without patience still has the file of the
// earlier best model, which is not its result. Without settings the best model stands for the run.
func (f runFolder) patient() bool {
	var c runConfig
	content, err := os.ReadFile(f.file(fileConfig))
	return err != nil || json.Unmarshal(content, &c) != nil || c.Patience > 0
}
