//go:build gpu

package kernels

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Step is one of the small steps of an update, which one launch makes together.
type Step struct {
	Op   StepOp
	Wait bool // the step reads what an earlier one writes, or writes what an earlier one reads
	Out  Address
	In   []Address // the operands, in the order of the launch of the same name
	Size int       // elements of the result

	Others  int     // for StepBiasGradient, the number of columns of the other layer
	Site    int     // for the steps of parameters, where a fault is recorded
	A, B    float32 // L1 and L2 of StepAscend; A is the rate of StepBlend or the decay of StepMoment
	Flagged bool    // Velocity of StepAscend; squared of StepMoment
}

// StepOp is the kind of a [Step].
type StepOp int

// The steps and their operands.
const (
	StepBlend        StepOp = iota // offset, data, chains
	StepBiasGradient               // difference, data, chains, offset, difference and offset of the other layer
	StepAscend                     // keep, weights, gradient, rates, clock
	StepAdd                        // x, y
	StepMoment                     // m, gradient
	StepAdam                       // w, m, s, rates, clock
	StepNesterov                   // w, v, before, rates, clock
	StepTick                       // clock
)

const (
	StepsAtMost = 32  // steps of one launch, as in steps.cu
	stepThreads = 512 // as in steps.cu
	stepBytes   = 96  // of struct step in steps.cu
)

// StepsRoom returns the number of bytes of a table of count steps.
func StepsRoom(count int) int64 { return int64(count) * stepBytes }

// StepsTable returns a table of steps for [GPU.Steps], to be stored at address `at`. A step has the fields of
// struct step in steps.cu, in their order.
func StepsTable(at Address, steps []Step) []byte {
	if len(steps) > StepsAtMost {
		panic(fmt.Sprintf("kernels: %d steps, want at most %d", len(steps), StepsAtMost))
	}
	var table []byte
	word := func(x uint32) { table = binary.LittleEndian.AppendUint32(table, x) }
	for _, s := range steps {
		for _, x := range []int{int(s.Op), number(s.Wait), s.Size, s.Others, s.Site, number(s.Flagged)} {
			word(uint32(x))
		}
		word(math.Float32bits(s.A))
		word(math.Float32bits(s.B))
		for _, a := range append([]Address{s.Out}, append(s.In, make([]Address, 7-len(s.In))...)...) {
			table = binary.LittleEndian.AppendUint64(table, uint64(a-at)) // relative to the table, see steps.cu
		}
	}
	return table
}

// Steps launches the first `count` steps of a table. faults is a record of FaultsSize bytes. StepAdd has no
// clock: its faults are recorded for the update that began last, with an earlier step that has a clock and rates
// or with an earlier launch.
func (g *GPU) Steps(table Address, count int, faults Address) error {
	return g.launchBlocks("vector_steps", count, 1, stepThreads, table, count, faults)
}
