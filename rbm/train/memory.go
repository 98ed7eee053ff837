package train

import (
	"fmt"
	"math/bits"

	"harmonium/engine"
	"harmonium/memory"
)

// The matrices of one shape that a run has in memory at the same time, beside its variables, and the size of their
// elements.
const (
	weightCopies = 10 // the gradient, two in panels, a model with its file (3), and a model that is sampled (4)
	stateCopies  = 3  // the fields, means and states of a layer
	valueSize    = 4  // bytes of a float32
)

// memory estimates the bytes that a run on the host takes beside its rows.
func (t *Trainer) memory() float64 {
	var values float64
	for _, v := range t.variables() {
		values += floatVolume(v.shape)
	}
	visible, hidden, l := float64(t.data.Train.V), float64(t.config.Hidden), t.ladder()
	values += weightCopies * visible * hidden
	sums := 0.0
	if shards := t.config.shards(); shards > 1 {
		sums = float64(bits.Len(uint(shards))) // one partial sum for each level of the function tree, and one term
	}
	values += sums * visible * hidden
	if t.config.Lateral {
		values += (weightCopies + sums) * visible * visible
	}
	values += stateCopies * (visible + hidden) * (float64(t.batch) + float64(l.chains)*float64(l.levels))
	return valueSize * values
}

// floatVolume is the function volume without overflow.
func floatVolume(shape []int) float64 {
	n := 1.0
	for _, d := range shape {
		n *= float64(d)
	}
	return n
}

// checkMemory returns a [*memory.Error] if the run does not fit into the memory of the host. A
// GPU says itself what does not fit into its own.
func (t *Trainer) checkMemory() error {
	need := t.memory()
	if !engine.OnHost(t.state.Device()) {
		need = valueSize * 2 * float64(t.data.Train.V) * float64(t.config.Hidden) // a model and its copy in a file
	}
	what := fmt.Sprintf("a run with %d x %d weights", t.data.Train.V, t.config.Hidden)
	if t.config.Lateral {
		what += fmt.Sprintf(", %d x %d couplings", t.data.Train.V, t.data.Train.V)
	}
	if chains := t.replicas(); chains > 0 {
		what += fmt.Sprintf(" and %d chains", chains)
	}
	return memory.Check(what, need)
}
