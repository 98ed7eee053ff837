package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// visible and hidden are the sizes of the models of MNIST here, V and H.
const (
	visible = 784
	hidden  = 500
)

// The libraries that are measured.
const (
	harmonium = "harmonium"
	pureGo    = "harmonium-go" // harmonium built with CGO_ENABLED=0
	gorgonia  = "gorgonia"     // Gorgonia's own ops on its TapeMachine
	sklearn   = "sklearn"
	torch     = "torch"
	numpy     = "numpy"
)

// The kinds of work, with what the seconds of a sample are for.
const (
	update     = "update"      // training by PCD: a training row
	product    = "product"     // (Batch,784)·(784,Columns): a product
	annealing  = "annealing"   // AIS of 100 runs: one run at one inverse temperature
	peakMemory = "peak-memory" // a training run with evaluation: bytes, not seconds
	pcdMemory  = "pcd-memory"  // memory that a trainer adds to the data: bytes, not seconds

	command     = "command"      // the train command with its defaults: a run
	commandLoss = "command-loss" // the same run: minus the test log-likelihood, in nats
)

// task is one kind of work by one library. Fields that do not apply to the work are zero.
type task struct {
	Library   string `json:"library"`
	Work      string `json:"work"`
	Batch     int    `json:"batch,omitempty"`     // rows, and chains of an update; for annealing, of the updates that trained the model
	Steps     int    `json:"steps,omitempty"`     // Gibbs steps of an update
	Columns   int    `json:"columns,omitempty"`   // of a product
	Center    bool   `json:"center,omitempty"`    // the centered gradient
	Alphabet  int    `json:"alphabet,omitempty"`  // states of a visible unit in a model of sequences; 0 for MNIST
	Gaussian  bool   `json:"gaussian,omitempty"`  // visible units of grey levels
	Precision string `json:"precision,omitempty"` // "float64" where it is not float32
	Threads   int    `json:"threads,omitempty"`   // 0 means all processors, or the best setting of a peer
	Stride    int    `json:"stride,omitempty"`    // annealing takes every Stride-th inverse temperature
	CoreType  string `json:"core_type,omitempty"` // core type set for OpenBLAS, if any; see coreType
}

// String names the task by its fields, as benchmarks are named.
func (t task) String() string {
	parts := []string{"library=" + t.Library, "work=" + t.Work}
	for _, field := range []struct {
		key   string
		value any
		unset bool
	}{
		{"B", t.Batch, t.Batch == 0},
		{"k", t.Steps, t.Steps == 0},
		{"columns", t.Columns, t.Columns == 0},
		{"center", t.Center, !t.Center},
		{"alphabet", t.Alphabet, t.Alphabet == 0},
		{"gaussian", t.Gaussian, !t.Gaussian},
		{"precision", t.Precision, t.Precision == ""},
		{"threads", t.Threads, t.Threads == 0},
		{"stride", t.Stride, t.Stride == 0},
		{"coretype", t.CoreType, t.CoreType == ""},
	} {
		if !field.unset {
			parts = append(parts, fmt.Sprintf("%s=%v", field.key, field.value))
		}
	}
	return strings.Join(parts, "/")
}

// process names the process that measures the task. Memory and the command have processes of
// their own.
func (t task) process() string {
	switch {
	case t.Work == peakMemory || t.Work == pcdMemory:
		return t.Library + " " + t.Work
	case t.Work == command || t.Work == commandLoss:
		return t.Library + " " + command
	case t.CoreType != "":
		return t.Library + " " + t.CoreType
	}
	return t.Library
}

// startPath is the path, without its extension, of the files from which an update or annealing starts: a
// checkpoint (.safetensors) and its weights (.npz).
func (t task) startPath(dir string) string {
	return filepath.Join(dir, fmt.Sprintf("start-%d-%t-%t-%d", t.Batch, t.Center, t.Gaussian, t.Alphabet))
}

// rowsPath is the path of the training rows of scikit-learn and PyTorch.
func (t task) rowsPath(dir string) string {
	if t.Gaussian {
		return filepath.Join(dir, "rows-grey.u8")
	}
	return filepath.Join(dir, fmt.Sprintf("rows-%d.u8", t.Alphabet))
}

// hello is the first line of a measuring process.
type hello struct {
	Versions map[string]string `json:"versions"`
	Error    string            `json:"error,omitempty"`
}

// request asks a measuring process for a number of blocks of a task. A block of updates
// ends after an epoch or after a number of seconds, whichever is first, a block of products after the seconds, and a
// block of annealing is one whole estimate. Other work has one sample, whatever the number of blocks.
type request struct {
	task
	Start   string  `json:"start,omitempty"` // result of startPath
	Blocks  int     `json:"blocks"`
	Seconds float64 `json:"seconds"`
}

// answer is the answer to a request.
type answer struct {
	Samples []float64 `json:"samples"`           // one for each block, in the unit of the work
	Hidden  float64   `json:"hidden,omitempty"`  // mean of the hidden units, in [0,1], if known
	Setting string    `json:"setting,omitempty"` // setting that the library chose by trying
	Error   string    `json:"error,omitempty"`
}
