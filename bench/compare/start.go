package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"harmonium/engine"
	"harmonium/rbm/train"
)

//go:embed peers.py
var peersScript []byte

// startEpochs is the number of epochs that a model is trained before measurements. After it the mean
// of the hidden units, on which the speed depends, is about what it is for the rest of a training run.
const startEpochs = 2

// newLauncher returns a launcher of the processes of the needed tasks. It writes what they run to a
// folder: the script of the Python peers and, if it is needed, this command built without C.
func newLauncher(ctx context.Context, directory, python string, needed []task) (*launcher, error) {
	l := &launcher{
		directory: directory,
		pureGo:    filepath.Join(directory, pureGo),
		peers:     filepath.Join(directory, "peers.py"),
		pythons:   []string{"/usr/bin/python3", "python3"},
	}
	if python != "" {
		l.pythons = []string{python}
	}
	var err error
	if l.program, err = os.Executable(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(l.peers, peersScript, 0o644); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(needed, func(t task) bool { return t.Library == pureGo }) {
		l.unbuilt = buildPureGo(ctx, l.pureGo)
	}
	return l, nil
}

// buildPureGo builds this command without C.
func buildPureGo(ctx context.Context, path string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "harmonium/bench/compare")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(output))
	}
	return nil
}

// writeStarts writes the files that the needed tasks read to a folder, each once: for updates and
// annealing the trained model that they start from, and for scikit-learn and PyTorch the training rows. numpy only
// multiplies, and needs none.
func writeStarts(ctx context.Context, directory string, needed []task) error {
	written := map[string]bool{}
	for _, t := range needed {
		if rows := t.rowsPath(directory); (t.Library == sklearn || t.Library == torch) && !written[rows] {
			written[rows] = true
			if err := t.writeRows(ctx, rows); err != nil {
				return err
			}
		}
		path := t.startPath(directory)
		if (t.Work != update && t.Work != annealing) || written[path] {
			continue
		}
		written[path] = true
		fmt.Fprintf(os.Stderr, "training %d epochs, the start of %s\n", startEpochs, t)
		if err := t.trainStart(ctx, path); err != nil {
			return err
		}
	}
	return nil
}

// trainStart trains a model for startEpochs. It writes a checkpoint to path.safetensors and the weights
// (V,H) and biases to path.npz.
func (t task) trainStart(ctx context.Context, path string) error {
	data, err := t.open()
	if err != nil {
		return err
	}
	d, err := engine.Open("cpu", 0)
	if err != nil {
		return err
	}
	defer d.Close()
	trainer, err := train.New(t.config(), data, d)
	if err != nil {
		return err
	}
	for range startEpochs {
		if err := trainer.Train(ctx, trainer.EpochUpdates()); err != nil {
			return err
		}
	}
	if err := trainer.Save(path+".safetensors", nil); err != nil {
		return err
	}
	m, err := trainer.Model()
	if err != nil {
		return err
	}
	// The peers read every array of the archive as numbers, but kinds of units are texts. The peers know the kinds
	// from the task. ExportNPZ refuses parameters and base rates of other kinds in a model without kinds, so these
	// go as well.
	m.Visible.Units = nil
	m.Visible.LogVariance, m.BaseRates, m.BaseVariances = nil, nil, nil
	return m.ExportNPZ(path + ".npz")
}

// writeRows writes the training rows (N,V), a byte each: states of 0 or 1, or for Gaussian units grey levels from 0 to
// 255, which stand for values from 0 to 1.
func (t task) writeRows(ctx context.Context, path string) error {
	data, err := t.open()
	if err != nil {
		return err
	}
	if t.Gaussian {
		return os.WriteFile(path, data.Train.Bytes, 0o644)
	}
	states, err := drawnRows(ctx, data.Train)
	if err != nil {
		return err
	}
	content := make([]byte, len(states))
	for i, s := range states {
		content[i] = byte(s)
	}
	return os.WriteFile(path, content, 0o644)
}
