package engine

import "slices"

// branch is a part of a plan, the launches [from,to), that a device can run at the same time as the
// launches [to,until).
type branch struct{ from, to, until int }

// findBranches lists the branches of a plan, which do not overlap. A branch takes launches that leave
// most of a GPU idle, for they have few blocks of threads or long chains of dependent steps. It lasts
// until a launch that waits for it, or until a total, where a recording ends.
func (c *compiler) findBranches() {
	launches := c.plan.launches
	for from := 0; from < len(launches); from++ {
		to := from
		for to < len(launches) && onBranch(launches[to].op) {
			to++
		}
		until := to
		for until < len(launches) && !launches[until].isTotal() && !launches[until].waitsForAny(launches[from:to]) {
			until++
		}
		if from < to && to < until {
			c.plan.branches = append(c.plan.branches, branch{from, to, until})
			from = until - 1
		}
	}
}

// onBranch reports whether the launch of an op may be on a branch. No matrix product may: all products
// share one workspace.
func onBranch(op any) bool {
	switch op.(type) {
	case rows, dots, CenteredDot, layers, Means, steps:
		return true
	}
	return false
}

// splitSteps moves a launch of small steps before the moves of matrices that it follows, so that it can
// be on a branch beside them. Steps that wait for these moves, such as the steps of offsets and of the
// clock, remain in a second launch. A launch costs time, so only steps with a bias gradient, which is
// long, are moved.
func (c *compiler) splitSteps() {
	for at := 1; at < len(c.plan.launches); at++ {
		launches := c.plan.launches
		all, ok := launches[at].op.(steps)
		from := at
		for from > 0 && movesMatrix(launches[from-1]) {
			from--
		}
		if !ok || from == at {
			continue
		}
		early, late := all.split(launches[from:at])
		if !slices.ContainsFunc(early, func(l launch) bool { return is[BiasGradient](l.op) }) {
			continue
		}
		next := slices.Concat(launches[:from], []launch{early.launch()}, launches[from:at])
		if len(late) > 0 {
			next = append(next, late.launch())
		}
		c.plan.launches, at = append(next, launches[at+1:]...), len(next)-1
	}
}

// movesMatrix reports whether a launch moves a matrix as the step of the same op moves a vector.
func movesMatrix(l launch) bool {
	switch l.op.(type) {
	case Ascend, Add, Moment, Adam, Nesterov:
		return len(l.out.Shape()) == 2
	}
	return false
}

// split returns the steps that need not wait for the given launches, nor for a step that must, and all
// others.
func (all steps) split(before []launch) (early, late steps) {
	for _, step := range all {
		if step.waitsForAny(before) || step.waitsForAny(late) {
			late = append(late, step)
		} else {
			early = append(early, step)
		}
	}
	return early, late
}

// launch returns one launch of all steps: of the fused op steps, or of the step's own op if there is only one. It
// has the node and the name of the last step.
func (all steps) launch() launch {
	l := all[len(all)-1]
	if len(all) > 1 {
		l.op, l.out, l.in = all, nil, nil
	}
	return l
}

// waitsForAny reports whether a launch must come after one of the earlier ones.
func (l *launch) waitsForAny(earlier []launch) bool {
	return slices.ContainsFunc(earlier, func(e launch) bool { return l.waitsFor(&e) })
}

// parts returns the launches that a fused launch makes, or nil for any other launch.
func (l *launch) parts() []launch {
	switch op := l.op.(type) {
	case twoLayers:
		return []launch{{op: op.data}, {op: op.chains}}
	case dots:
		return op
	case layers:
		var all []launch
		for _, layer := range op {
			all = append(all, layer.data)
			if layer.chains.op != nil {
				all = append(all, layer.chains)
			}
			if layer.difference != nil { // without an op, as waitsFor needs only the buffers
				all = append(all, launch{out: layer.difference, in: []Buffer{layer.data.out, layer.chains.out}})
			}
		}
		return all
	case steps:
		return op
	}
	return nil
}

// markBranches tells a device, before it makes the launch at a position, which branches of the plan begin and end
// there.
func (p *Plan) markBranches(d brancher, position int) error {
	for _, b := range p.branches {
		var err error
		switch position {
		case b.from:
			err = d.fork()
		case b.to:
			d.back()
		case b.until:
			err = d.join()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
