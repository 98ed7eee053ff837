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
	case l.unit != nil:
		return l.unit.operands()
	case l.update != nil:
		return slices.Concat(l.update.in, l.update.phases)
	}
	return l.in
}

func (l *launch) writes() []Buffer {
	switch {
	case l.unit != nil:
		return l.unit.results()
	case l.update != nil:
		return []Buffer{l.update.next}
	}
	return []Buffer{l.out}
}

// operands are what a unit is computed from. Some may be nil.
func (u *unit) operands() []Buffer {
	in := []Buffer{u.x, u.w, u.b, u.before, u.was, u.base, u.betas, u.levels, u.clock}
	if u.x == nil {
		in = append(in, u.z)
	}
	return in
}

// results are what a unit leaves for others.
func (u *unit) results() []Buffer {
	var out []Buffer
	if u.x != nil && u.wanted {
		out = append(out, u.z)
	}
	if !u.unread {
		out = append(out, u.mean)
	}
	if u.state != nil {
		out = append(out, u.state)
	}
	return out
}
