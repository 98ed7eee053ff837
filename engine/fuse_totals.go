package engine

import "slices"

// totals is the op of several totals in one exchange: on a network an exchange of a few numbers takes as
// long as an exchange of some thousand. It has several results, so it holds its buffers itself.
type totals []launch

func (t totals) operands() []Buffer {
	var in []Buffer
	for _, l := range t {
		in = append(in, l.in...)
	}
	return in
}

func (t totals) results() []Buffer {
	var out []Buffer
	for _, l := range t {
		out = append(out, l.out)
	}
	return out
}

// isTotal reports whether a launch exchanges numbers with other ranks.
func (l *launch) isTotal() bool {
	switch l.op.(type) {
	case Total, totals, *gradientTotal:
		return true
	}
	return false
}

// gradientTotal is the op of a gradient and of its total over ranks on several machines: blocks of its rows travel
// while the next ones are computed. The total is in the buffer of the gradient or, where a variable takes it, in the
// variable's.
type gradientTotal struct {
	gradient launch
	op       Gradient
}

// fuseGradientTotal joins a gradient and the total that is its only reader. As in fuseTotals, only nodes decide.
func (c *compiler) fuseGradientTotal(next []launch) int {
	if len(next) < 2 {
		return 1
	}
	gradient, total := next[0], &next[1]
	g, ok := gradient.op.(Gradient)
	if !ok || !is[Total](total.op) || !c.onlyRead(gradient.node, next[1:2]) {
		return 1
	}
	total.op, total.in = &gradientTotal{gradient, g}, gradient.in
	return 2
}

// fuseTotals joins successive totals, up to a total of another one's result. Nodes decide what is joined, and not
// buffers: the ranks of a run have the same nodes, but may reuse buffers in other ways, and must make the same
// exchanges.
func (c *compiler) fuseTotals(next []launch) int {
	size := 0
	for size < len(next) && is[Total](next[size].op) && !slices.ContainsFunc(next[:size], func(l launch) bool {
		return slices.Contains(operands(next[size].node), l.node)
	}) {
		size++
	}
	if size > 1 {
		l := &next[size-1]
		l.op, l.out, l.in = totals(slices.Clone(next[:size])), nil, nil
	}
	return max(size, 1)
}
