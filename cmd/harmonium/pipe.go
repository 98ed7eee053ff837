package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"harmonium/rbm/train"
	"harmonium/store"
)

// standardOutput is the path that stands for standard output, the same text as for standard input.
const standardOutput = store.StandardInput

// openPiped reads the model that comes by standard input. It copies it to a temporary file, since readers of models
// take a path.
func openPiped() (modelArgument, error) {
	if info, err := os.Stdin.Stat(); err != nil {
		return modelArgument{}, fmt.Errorf("standard input: %w", err)
	} else if info.Mode()&fs.ModeCharDevice != 0 {
		return modelArgument{}, errors.New("standard input: a terminal or device, want a model by a pipe or a redirected file")
	}
	folder, err := os.MkdirTemp("", "harmonium")
	if err != nil {
		return modelArgument{}, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model")
	if err := copyTo(path, os.Stdin); err != nil {
		return modelArgument{}, fmt.Errorf("standard input: %w", err)
	}
	m, err := openPipedFile(path)
	if err != nil {
		return modelArgument{}, errors.New(strings.ReplaceAll(err.Error(), path, "standard input"))
	}
	return m, nil
}

// openPipedFile reads a temporary file that holds what came by standard input: a model, a checkpoint or an NPZ archive.
// It reads the whole checkpoint, which the command inspect shows, since the file is removed before inspect could.
func openPipedFile(path string) (modelArgument, error) {
	m, npz, err := loadAny(path)
	if err != nil {
		return modelArgument{}, err
	}
	a := modelArgument{Model: m, path: store.StandardInput, npz: npz}
	if !npz {
		if a.checkpoint, err = train.LoadCheckpoint(path); errors.Is(err, train.ErrNoCheckpoint) {
			err = nil
		}
	}
	return a, err
}

// copyTo writes all that comes from r to a new file.
func copyTo(path string, r io.Reader) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	return errors.Join(err, file.Close())
}

// writeOut writes a file, or to standard output if path is standardOutput.
func writeOut(cmd *cobra.Command, path string, write func(io.Writer) error) error {
	if path == standardOutput {
		return write(binaryOutput(cmd.OutOrStdout()))
	}
	return store.WriteAtomic(path, write)
}

// saveOut saves a file, by a function that takes a path, or copies the file to standard output if path is
// standardOutput.
func saveOut(cmd *cobra.Command, path string, save func(path string) error) error {
	if path != standardOutput {
		return save(path)
	}
	folder, err := os.MkdirTemp("", "harmonium")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	temporary := filepath.Join(folder, "model")
	if err := save(temporary); err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), temporary, "standard output"))
	}
	file, err := os.Open(temporary)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(binaryOutput(cmd.OutOrStdout()), file)
	return err
}
