//go:build gpu

package engine

import "weak"

// recording holds what belongs to launches that are being recorded. A half is a buffer's copy in
// bfloat16 (see cuda_half.go).
type recording struct {
	noted   []func() error       // actions of the host, for each replay
	relied  []*cudaBuffer        // buffers whose halves must be valid before the launches
	changed map[*cudaBuffer]bool // buffers whose halves become valid or invalid by the launches
}

// beside runs f on the host, together with the launches around it: now and, if these are being
// recorded, at every replay.
func (d *cuda) beside(f func() error) error {
	if d.recording != nil {
		d.recording.noted = append(d.recording.noted, f)
		return nil
	}
	return f()
}

// relies notes that launches need the half of a buffer, which is valid.
func (d *cuda) relies(b *cudaBuffer) {
	if r := d.recording; r != nil && !r.changed[b] {
		r.relied = append(r.relied, b)
	}
}

// known holds whether variables were known to hold states. It does not keep the memory of variables that are no longer
// in use.
type known map[weak.Pointer[cudaBuffer]]bool

// note keeps what is known of a buffer that is about to be written, if it is a variable. Of several notes the first counts.
func (k known) note(b *cudaBuffer) {
	if b.name == "" {
		return
	}
	if _, ok := k[weak.Make(b)]; !ok {
		k[weak.Make(b)] = b.states
	}
}

// revised changes the revision if something else is known of a variable than at the last call: by an upload, or by
// launches of any plan.
func (d *cuda) revised() int {
	for p, states := range d.known {
		if b := p.Value(); b != nil && b.states != states {
			d.revision++
		}
	}
	clear(d.known)
	return d.revision
}

// record captures launches as a graph, without making them. The graph depends on which variables are
// known to hold states (see revision of cuda). A captured launch may rely on a half that is valid now: if it is not valid
// before a replay, the replay makes it first.
func (d *cuda) record(launches func() error) (replay func() error, err error) {
	r := &recording{changed: map[*cudaBuffer]bool{}}
	d.recording = r
	graph, err := d.gpu.Capture(launches)
	d.recording = nil
	if err != nil {
		for b := range r.changed {
			b.halved = false
		}
		return nil, err
	}
	after := map[*cudaBuffer]bool{} // whether the half is valid after the launches
	for b := range r.changed {
		after[b] = b.halved
	}
	moved := d.moved
	return func() error {
		d.moved = d.moved || moved
		for _, f := range r.noted {
			if err := f(); err != nil {
				return err
			}
		}
		for _, b := range r.relied {
			if _, err := d.half(b); err != nil {
				return err
			}
		}
		err := graph.Launch()
		for b, valid := range after {
			b.halved = valid
		}
		return err
	}, nil
}
