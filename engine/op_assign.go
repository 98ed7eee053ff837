package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Assign makes the variable take the value when a run has ended. All assignments of a graph
// happen together: every other node reads the old value. Assign panics if the two differ in type
// or shape, if value is itself a variable, or if the variable is assigned another value already.
func Assign(variable, value *gorgonia.Node) *gorgonia.Node {
	if variable.Op() != nil || value.Op() == nil {
		panic("engine: an assignment needs a variable and a computed value")
	}
	for _, n := range variable.Graph().AllNodes() {
		if isAssignment(n) && operands(n)[0] == variable && operands(n)[1] != value {
			panic(fmt.Sprintf("engine: variable %s is assigned twice", variable.Name()))
		}
	}
	of := operand{variable.Dtype(), variable.Dims()}
	return apply(assignment{of}, variable, value)
}

type assignment struct{ of operand }

// copying is the launched op of an assignment of any type.
var copying any = assignment{}

func (a assignment) signature() signature {
	return signature{"assign", []operand{a.of, a.of}, a.of}
}

func (assignment) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !slices.Equal(in[0], in[1]) {
		return nil, fmt.Errorf("a value of shape %v for a variable of shape %v", in[1], in[0])
	}
	return in[1].Clone(), nil
}

func (assignment) define(out *tensor.Dense, in []*tensor.Dense) {
	copyData(out.Data(), in[1].Data())
}

func (assignment) inPlace(int) bool { return true }

// copyData copies between two slices of the same element type.
func copyData(dst, src any) {
	switch dst := dst.(type) {
	case []float32:
		copy(dst, src.([]float32))
	case []float64:
		copy(dst, src.([]float64))
	case []int32:
		copy(dst, src.([]int32))
	case []uint8:
		copy(dst, src.([]uint8))
	default:
		panic(fmt.Sprintf("engine: cannot copy a %T", dst))
	}
}
