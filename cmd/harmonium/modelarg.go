package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"harmonium/rbm"
	"harmonium/rbm/train"
	"harmonium/store"
)

// modelArgument is the model that an argument of a command stands for.
type modelArgument struct {
	*rbm.Model
	path string // of its file
	npz  bool   // the file is an NPZ archive
	// checkpoint is set for a checkpoint from standard input alone (path "-"), which cannot be read a second time.
	checkpoint *train.Checkpoint

	note string // why another file was taken than the argument suggests; empty otherwise
}

// loadModel reads the model that an argument names: a model, a checkpoint, an NPZ file as convert
// reads it, or a run folder, or "-" for standard input. It prints the note of the model on standard error.
func loadModel(cmd *cobra.Command, argument string) (modelArgument, error) {
	m, err := openModel(argument)
	if err == nil && m.note != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), m.note)
	}
	return m, err
}

// openModel is loadModel without the printed note.
func openModel(argument string) (modelArgument, error) {
	m, err := openLast(argument)
	if err == nil {
		err = m.checkSingle()
	}
	return m, err
}

// openLast reads the model that an argument names, which may be the last one of a stack.
func openLast(argument string) (modelArgument, error) {
	if argument == store.StandardInput {
		return openPiped()
	}
	if info, err := os.Stat(argument); err == nil && info.IsDir() {
		return runFolder(argument).openModel()
	} else if err == nil && !info.Mode().IsRegular() {
		return modelArgument{}, fmt.Errorf("%s: a pipe or a device, want a regular file, which is read more than once", argument)
	}
	m, npz, err := loadAny(argument)
	if err != nil {
		return modelArgument{}, err
	}
	return modelArgument{Model: m, path: argument, npz: npz}, nil
}

// openModel reads the model of a run: its model.safetensors, or the model in its checkpoint where the
// run has not ended yet or has gone on since it ended. best.safetensors of a run with patience is read where its
// path is the argument.
func (f runFolder) openModel() (modelArgument, error) {
	last, noModel := rbm.LoadModel(f.file(fileModel))
	if noModel != nil && !errors.Is(noModel, fs.ErrNotExist) {
		return modelArgument{}, noModel
	}
	running, err := rbm.LoadModel(f.file(fileCheckpoint))
	switch {
	case err != nil && noModel == nil: // a model needs no checkpoint
		return modelArgument{Model: last, path: f.file(fileModel)}, nil
	case errors.Is(err, fs.ErrNotExist): // neither file is there: the error names the model
		return modelArgument{}, noModel
	case err != nil:
		return modelArgument{}, err
	case noModel == nil && updatesMade(running) <= updatesMade(last):
		return modelArgument{Model: last, path: f.file(fileModel)}, nil
	}
	note := fmt.Sprintf("%s: the run has not ended; its model after update %d is taken, from %s", f,
		updatesMade(running), fileCheckpoint)
	return modelArgument{Model: running, path: f.file(fileCheckpoint), note: note}, nil
}

// updatesMade returns the number of updates that a model's provenance records, or 0.
func updatesMade(m *rbm.Model) int {
	n, _ := strconv.Atoi(m.Provenance[keyUpdatesMade])
	return n
}

// optionalFile accepts the argument MODEL and perhaps a FILE of rows after it.
func optionalFile(cmd *cobra.Command, args []string) error {
	if len(args) == 1 || len(args) == 2 {
		return nil
	}
	return usagef("%s: %d arguments, want MODEL, or MODEL FILE", cmd.Name(), len(args))
}
