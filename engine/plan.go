package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Plan is a graph compiled for one device: launches in order, over buffers that were allocated
// once. One goroutine at a time may use a Plan.
type Plan struct {
	device   Device
	launches []launch
	branches []branch         // in order; nil unless the device is a brancher
	groups   []int            // sizes of the groups of launches made together; nil if there are none
	name     string           // names of all launches together
	buffers  map[int64]Buffer // by node ID
	tried    bool             // all launches have been made once, one by one or in groups
	revision int              // of a recorder, after that run
	parts    []recorded       // all launches, once they are recorded
}

// recorded is a part of a plan: the launches [from,to) that one call makes, or a single total. A total
// is not recorded, since the host takes part in its exchange with other ranks.
type recorded struct {
	from, to int
	replay   func() error // nil for a total
}

type launch struct {
	node *gorgonia.Node
	name string // the variable that the node is assigned to, else the node; and its shape
	op   any    // the Body of the node's op, or a fused op that also does the work of earlier nodes
	out  Buffer
	in   []Buffer
}

// Run launches the whole graph once. If a kernel finds a NaN or infinite parameter, the error
// wraps a *Fault and names the variable. A device that does not wait for its launches returns
// this error from the next Sync or Download. On a recorder, the second run records the launches, and it
// and later runs make all launches between two totals with one call. A run that finds the recording out of
// date makes the launches one by one again, as new launches may allocate, and the next run records.
func (p *Plan) Run() error { return readFault(p.run()) }

func (p *Plan) run() error {
	if f, ok := p.device.(follower); ok {
		f.follow(p.name)
	}
	r, records := p.device.(recorder)
	if records && p.tried && p.revision == r.revised() {
		if p.parts == nil {
			return p.record(r)
		}
		return p.replay()
	}
	p.tried, p.parts = true, nil
	err := p.launchAll()
	if records {
		p.revision = r.revised() // the launches themselves may have changed it
	}
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// record makes all launches, and records the launches between totals.
func (p *Plan) record(r recorder) error {
	var parts []recorded
	for from := 0; from < len(p.launches); {
		part := recorded{from: from, to: from + 1}
		if !p.launches[from].isTotal() {
			for part.to < len(p.launches) && !p.launches[part.to].isTotal() {
				part.to++
			}
			var err error
			if part.replay, err = r.record(func() error { return p.launchSome(part.from, part.to) }); err != nil {
				return fmt.Errorf("engine: recording %s: %w", p.name, err)
			}
		}
		if err := p.launchPart(part); err != nil {
			return fmt.Errorf("engine: %s: %w", p.name, err)
		}
		parts, from = append(parts, part), part.to
	}
	p.parts = parts
	return nil
}

// replay makes all launches after they have been recorded.
func (p *Plan) replay() error {
	for _, part := range p.parts {
		if err := p.launchPart(part); err != nil {
			return fmt.Errorf("engine: %s: %w", p.name, err)
		}
	}
	return nil
}

// launchPart makes the launches of a part, with one call if it is recorded.
func (p *Plan) launchPart(part recorded) error {
	if part.replay == nil {
		return p.launchSome(part.from, part.to)
	}
	return part.replay()
}

// launchAll makes the launches one by one, or group by group.
func (p *Plan) launchAll() error {
	if p.groups != nil {
		return p.launchGroups(p.device.(gatherer))
	}
	return p.launchSome(0, len(p.launches))
}

// launchSome makes the launches [from,to) one by one, and tells a brancher before each which branches begin and end
// there (see branch.go).
func (p *Plan) launchSome(from, to int) error {
	d, branches := p.device.(brancher)
	for i := from; i < to; i++ {
		l := &p.launches[i]
		if branches {
			if err := p.markBranches(d, i); err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
		}
		if err := p.device.launch(l.op, l.out, l.in); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if branches {
		return p.markBranches(d, to)
	}
	return nil
}

// launchGroups makes the launches of each group together.
func (p *Plan) launchGroups(d gatherer) error {
	rest := p.launches
	for _, size := range p.groups {
		if failed, err := d.gather(rest[:size]); err != nil {
			return fmt.Errorf("%s: %w", rest[failed].name, err)
		}
		rest = rest[size:]
	}
	return nil
}

// Read copies to dst the value that the last run left in a node kept by Compile.
func (p *Plan) Read(n *gorgonia.Node, dst any) error {
	if err := p.device.Download(dst, p.buffers[n.ID()]); err != nil {
		return fmt.Errorf("engine: %s %v: %w", n.Name(), n.Shape(), err)
	}
	return nil
}
