//go:build gpu

package kernels

// GPUZeroSum holds the operands of a launch of [ZeroSum], which changes the weights in place, or of [ZeroSumShift].
type GPUZeroSum struct {
	Weights       Address // (Rows, Columns)
	Words         Address // [KindWords] of the units
	Units         Units
	Side          Side
	Faults        Address // a record of FaultsSize bytes
	Rows, Columns int
}

// arguments returns the operands that both launches share after the weights, the number of units that KindWords
// lists, and the number of lines of the other side.
func (z GPUZeroSum) arguments() (list []any, count, others int) {
	size := z.Side.Of(z.Rows, z.Columns)
	along, across := strides(z.Side, z.Columns)
	for _, g := range z.Units {
		if !g.Kind.Real() {
			count += g.Count()
		}
	}
	others = z.Rows + z.Columns - size
	return []any{z.Words, z.Faults, size, count, others, along, across}, count, others
}

// ZeroSum launches [ZeroSum] in place. It changes nothing after a fault.
func (g *GPU) ZeroSum(z GPUZeroSum) error {
	list, count, others := z.arguments()
	return g.launch("zero_sum", count*others, append([]any{z.Weights}, list...)...)
}

// ZeroSumShift launches [ZeroSumShift]. It changes nothing after a fault.
func (g *GPU) ZeroSumShift(next, bias Address, z GPUZeroSum) error {
	list, _, others := z.arguments()
	return g.launch("zero_sum_shift", others*lanes, append([]any{next, bias, z.Weights}, list...)...)
}
