package engine

import "slices"

// gather groups independent launches, for a device that makes the launches of a group together.
// Each launch joins the first group after all the launches it waits for.
func (c *compiler) gather() {
	launches := c.plan.launches
	group := make([]int, len(launches)) // of each launch, the number of its group
	var last int
	for i := range launches {
		for j := range launches[:i] {
			if launches[i].waitsFor(&launches[j]) {
				group[i] = max(group[i], group[j]+1)
			}
		}
		last = max(last, group[i])
	}
	var ordered []launch
	for number := range last + 1 {
		first := len(ordered)
		for i, l := range launches {
			if group[i] == number {
				ordered = append(ordered, l)
			}
		}
		c.plan.groups = append(c.plan.groups, len(ordered)-first)
	}
	c.plan.launches = ordered
}

// waitsFor reports whether a launch must come after an earlier one: it reads what the earlier one
// writes, or writes what the earlier one reads or writes.
func (l *launch) waitsFor(earlier *launch) bool {
	if l.isTotal() && earlier.isTotal() {
		return true // the ranks must make their totals in one order, though their plans may reuse buffers in other ways
	}
	for _, b := range earlier.writes() {
		if slices.Contains(l.reads(), b) || slices.Contains(l.writes(), b) {
			return true
		}
	}
	for _, b := range earlier.reads() {
		if slices.Contains(l.writes(), b) {
			return true
		}
	}
	return false
}

// reads returns the buffers that a launch reads. Some may be nil.
func (l *launch) reads() []Buffer {
	switch op := l.op.(type) {
	case *activation:
		return op.operands()
	case totals:
		return op.operands()
	}
	if parts := l.parts(); parts != nil {
		var all []Buffer
		for i := range parts {
			all = append(all, parts[i].reads()...)
		}
		return all
	}
	return l.in
}

// writes returns the buffers that a launch writes.
func (l *launch) writes() []Buffer {
	switch op := l.op.(type) {
	case *activation:
		return op.results()
	case totals:
		return op.results()
	case *gradientTotal:
		return []Buffer{op.gradient.out, l.out}
	}
	if parts := l.parts(); parts != nil {
		var all []Buffer
		for i := range parts {
			all = append(all, parts[i].writes()...)
		}
		return all
	}
	return []Buffer{l.out}
}
