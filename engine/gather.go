package engine

import "slices"

// gather puts launches that do not depend on each other side by side, for a device that makes
// them together: each is made as soon as what it waits for is there.
func (c *compiler) gather() {
	launches := c.plan.launches
	turn := make([]int, len(launches))
	var last int
	for i := range launches {
		for j := range launches[:i] {
			if launches[i].waitsFor(&launches[j]) {
				turn[i] = max(turn[i], turn[j]+1)
			}
		}
		last = max(last, turn[i])
	}
	var ordered []launch
	for t := range last + 1 {
		first := len(ordered)
		for i, l := range launches {
			if turn[i] == t {
				ordered = append(ordered, l)
			}
		}
		c.plan.groups = append(c.plan.groups, len(ordered)-first)
	}
	c.plan.launches = ordered
}

// waitsFor reports whether a launch has to come after an earlier one: because it reads what
// that one writes, or writes what that one reads or writes.
func (l *launch) waitsFor(earlier *launch) bool {
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

func (l *launch) reads() []Buffer {
	switch {
	case l.activation != nil:
		return l.activation.operands()
	case l.update != nil:
		return slices.Concat(l.update.in, l.update.phases)
	}
	return l.in
}

func (l *launch) writes() []Buffer {
	switch {
	case l.activation != nil:
		return l.activation.results()
	case l.update != nil:
		return []Buffer{l.update.next}
	}
	return []Buffer{l.out}
}

// operands are what an activation is computed from. Some may be nil.
func (a *activation) operands() []Buffer {
	in := []Buffer{a.x, a.w, a.b, a.before, a.was, a.base, a.betas, a.levels, a.clock}
	if a.x == nil {
		in = append(in, a.z)
	}
	return in
}

// results are what an activation leaves for others.
func (a *activation) results() []Buffer {
	var out []Buffer
	if a.x != nil && a.wanted {
		out = append(out, a.z)
	}
	if !a.unread {
		out = append(out, a.mean)
	}
	if a.state != nil {
		out = append(out, a.state)
	}
	return out
}
