package engine

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op is an op of this package in a Gorgonia graph: a [Body] with the methods of gorgonia.Op.
type Op struct{ Body }

// Body is what distinguishes an op: its parameters (the fields of its type), its shapes and its
// definition.
type Body interface {
	// signature returns the name of the op, and the element types and ranks of its operands and
	// result.
	signature() signature
	// shape returns the shape of the result, or an error if the operands' shapes do not fit.
	shape(in []tensor.Shape) (tensor.Shape, error)
	// define computes the result with the definitions in Go.
	define(out *tensor.Dense, in []*tensor.Dense)
	// inPlace reports whether the result may overwrite operand i.
	inPlace(i int) bool
}

type signature struct {
	name string
	in   []operand
	out  operand
}

// operand is the element type and the rank (1 for a vector, 2 for a matrix) of an operand or of a
// result.
type operand struct {
	of   tensor.Dtype
	rank int
}

var (
	matrix32 = operand{tensor.Float32, 2}
	vector32 = operand{tensor.Float32, 1}
	vector64 = operand{tensor.Float64, 1}
	integers = operand{tensor.Int32, 1}
)

// hm returns the type in Gorgonia's type system.
func (o operand) hm() hm.Type { return gorgonia.TensorType{Dims: o.rank, Of: o.of} }

// apply adds a node to the graph of its operands, or returns the existing node that does the
// same. apply panics if ranks, shapes or element types do not fit, since that is the caller's
// mistake. Gorgonia identifies nodes by a hash of 32 bits; apply also panics if two different
// nodes have the same hash. Hashes depend on the parameters of ops, which include seeds.
func apply(b Body, in ...*gorgonia.Node) *gorgonia.Node {
	n := gorgonia.Must(gorgonia.ApplyOp(Op{b}, in...))
	if op, ok := n.Op().(Op); !ok || op.String() != (Op{b}).String() || !slices.Equal(operands(n), in) {
		panic("engine: two nodes of a graph have the same hash; another seed may help")
	}
	return n
}

// Arity returns the number of operands.
func (o Op) Arity() int { return len(o.signature().in) }

// Type returns the function type of the op.
func (o Op) Type() hm.Type {
	s := o.signature()
	types := make([]hm.Type, 0, len(s.in)+1)
	for _, in := range s.in {
		types = append(types, in.hm())
	}
	return hm.NewFnType(append(types, s.out.hm())...)
}

// InferShape returns the shape of the result. It checks the ranks of the operands, since Gorgonia's type
// inference takes a vector for a matrix.
func (o Op) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	shapes, operands := make([]tensor.Shape, len(in)), o.signature().in
	for i, s := range in {
		shape, ok := s.(tensor.Shape)
		if !ok {
			return nil, fmt.Errorf("engine: %v: operand %d has no shape", o, i)
		}
		if rank := operands[i].rank; len(shape) != rank {
			return nil, fmt.Errorf("engine: %v: operand %d has shape %v, want %d dimensions", o, i, shape, rank)
		}
		shapes[i] = shape
	}
	shape, err := o.shape(shapes)
	if err != nil {
		return nil, fmt.Errorf("engine: %v: %w", o, err)
	}
	return shape, nil
}

// Do computes the op by its definition, into a new tensor.
func (o Op) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	tensors := make([]*tensor.Dense, len(in))
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		t, ok := v.(*tensor.Dense)
		if !ok {
			return nil, fmt.Errorf("engine: %v: operand %d is a %T, want a dense tensor", o, i, v)
		}
		tensors[i], shapes[i] = t, t.Shape()
	}
	shape, err := o.shape(shapes)
	if err != nil {
		return nil, fmt.Errorf("engine: %v: %w", o, err)
	}
	out := tensor.New(tensor.Of(o.signature().out.of), tensor.WithShape(shape...))
	o.define(out, tensors)
	return out, nil
}

// ReturnsPtr is false: a result is never one of the operands.
func (o Op) ReturnsPtr() bool { return false }

// CallsExtern is false: the definition is plain Go.
func (o Op) CallsExtern() bool { return false }

// OverwritesInput is -1: the definition does not write to its operands.
func (o Op) OverwritesInput() int { return -1 }

// WriteHash writes the op's name and parameters, which identify it.
func (o Op) WriteHash(h hash.Hash) { fmt.Fprint(h, o.String()) }

// Hashcode is the FNV-1a hash of the bytes that WriteHash writes.
func (o Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// String returns the op's name with its parameters.
func (o Op) String() string { return fmt.Sprintf("%s%+v", o.signature().name, o.Body) }

// pure is embedded by the ops whose result may not overwrite an operand.
type pure struct{}

func (pure) inPlace(int) bool { return false }

func float32s(t *tensor.Dense) []float32 { return t.Data().([]float32) }
func float64s(t *tensor.Dense) []float64 { return t.Data().([]float64) }
func int32s(t *tensor.Dense) []int32     { return t.Data().([]int32) }

// want returns an error unless the shape equals dims.
func want(what string, got tensor.Shape, dims ...int) error {
	if !slices.Equal(got, tensor.Shape(dims)) {
		return fmt.Errorf("%s has shape %v, want %v", what, got, tensor.Shape(dims))
	}
	return nil
}
