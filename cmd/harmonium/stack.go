package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"harmonium/rbm"
)

// keyStack is the key in the provenance of the last model of a stack. The value is a JSON list of layerFile: the files
// of the models below it, from the data up, which lie beside the model. So each model is a file of its own
// that every command reads, and a run folder holds the whole stack.
const keyStack = "stack"

// layerFile names the file of a model of a stack, in the folder of the last model.
type layerFile struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// nameOfLayer names the file of a model below the last one, counted from 1.
func nameOfLayer(n int) string { return fmt.Sprintf("layer-%d.safetensors", n) }

// layerName matches the names of nameOfLayer.
var layerName = regexp.MustCompile(`^layer-\d+\.safetensors$`)

// stackArgument is the stack that an argument of a command stands for: its last model, and the models
// below it.
type stackArgument struct {
	modelArgument
	below rbm.Stack // nil for a single model
	files []layerFile
}

// models returns all models, from the data up.
func (s stackArgument) models() rbm.Stack {
	return append(s.below[:len(s.below):len(s.below)], s.Model)
}

// first returns the model whose visible units are the columns of the data: the first one, with the provenance of the
// last, which names the data.
func (s stackArgument) first() modelArgument {
	if s.below == nil {
		return s.modelArgument
	}
	m, first := *s.below[0], s.modelArgument
	m.Provenance = maps.Clone(s.Provenance)
	first.Model = &m
	return first
}

// loadStack reads the model or the stack that an argument names, as loadModel does.
func loadStack(cmd *cobra.Command, argument string) (stackArgument, error) {
	s, err := openStack(argument)
	if err == nil && s.note != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), s.note)
	}
	return s, err
}

// openStack is loadStack without printing the note.
func openStack(argument string) (stackArgument, error) {
	m, err := openLast(argument)
	if err != nil {
		return stackArgument{}, err
	}
	s := stackArgument{modelArgument: m}
	if text := m.Provenance[keyStack]; text != "" {
		if err = s.readBelow(text); err == nil {
			err = s.models().Check()
		}
	}
	if err != nil {
		return stackArgument{}, fmt.Errorf("%s: %w", m.path, err)
	}
	return s, nil
}

// readBelow reads the models below the last one, given the value of keyStack.
func (s *stackArgument) readBelow(text string) error {
	if err := json.Unmarshal([]byte(text), &s.files); err != nil || len(s.files) == 0 {
		return fmt.Errorf("provenance: %s is %q, want a list of files", keyStack, text)
	}
	for n, f := range s.files {
		if f.File != nameOfLayer(n+1) {
			return fmt.Errorf("provenance: file %d of the stack is %q, want %s", n+1, f.File, nameOfLayer(n+1))
		}
		path := filepath.Join(filepath.Dir(s.path), f.File)
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("it is the last model of a stack, whose others lie beside it: %w", err)
		}
		if sum := sumOf(content); sum != f.SHA256 {
			return fmt.Errorf("%s has the SHA-256 %.12s…, want %.12s…, as when the stack was trained", path, sum, f.SHA256)
		}
		m, err := rbm.LoadModel(path)
		if err != nil {
			return err
		}
		s.below = append(s.below, m)
	}
	return nil
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// checkSingle returns an error for the last model of a stack. A command for one model would take its visible units
// for columns of the data.
func (m modelArgument) checkSingle() error {
	if m.Provenance[keyStack] == "" {
		return nil
	}
	return fmt.Errorf("%s is the last model of a stack, which only eval, sample, features, inspect and train --init-stack take; the first model is %s",
		m.path, filepath.Join(filepath.Dir(m.path), nameOfLayer(1)))
}

// writeLayers writes the models below the last one to a run folder, and returns their files.
func (f runFolder) writeLayers(s rbm.Stack) ([]layerFile, error) {
	var files []layerFile
	for n, m := range s {
		name := nameOfLayer(n + 1)
		if err := m.Save(f.file(name)); err != nil {
			return nil, err
		}
		content, err := os.ReadFile(f.file(name))
		if err != nil {
			return nil, err
		}
		files = append(files, layerFile{name, sumOf(content)})
	}
	return files, nil
}
