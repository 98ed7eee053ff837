// Package bench measures the speed of harmonium by Go benchmarks, and predicts it: bound.go the time of an update
// on a GPU, and scaling.go on several GPUs. The commands in the folders below measure the rest, among them
// compare, which also measures other programs. README.md lists all of it.
package bench

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// Product is the dense product (Rows,In)·(In,Out) of float32 matrices, as a device computes it for
// the field of a layer whose input is real values, not states.
type Product struct{ Rows, In, Out int }

// Flop is the number of operations of the product, 2·Rows·In·Out.
func (p Product) Flop() float64 { return 2 * float64(p.Rows) * float64(p.In) * float64(p.Out) }

// On returns a function that makes the product once on a device, of random numbers in [0,1), and waits for the
// result.
func (p Product) On(d engine.Device) (func() error, error) {
	state, graph := engine.NewState(d), gorgonia.NewGraph()
	rng := rand.New(rand.NewPCG(1, 0))
	var fault error
	variable := func(name string, shape ...int) *gorgonia.Node {
		if err := addRandom(state, rng, name, shape); err != nil && fault == nil {
			fault = err
		}
		return gorgonia.NewTensor(graph, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	z := engine.NewHiddenField(variable("x", p.Rows, p.In), variable("weights", p.In, p.Out), variable("bias", p.Out), nil)
	if fault != nil {
		return nil, fmt.Errorf("bench: product %v: %w", p, fault)
	}
	plan, err := engine.Compile(graph, state, z)
	if err != nil {
		return nil, fmt.Errorf("bench: product %v: %w", p, err)
	}
	return func() error {
		if err := plan.Run(); err != nil {
			return err
		}
		return d.Sync()
	}, nil
}

// addRandom adds a variable with random numbers in [0,1).
func addRandom(s *engine.State, rng *rand.Rand, name string, shape []int) error {
	values := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range values {
		values[i] = rng.Float32()
	}
	return s.Define(name, values, shape...)
}
