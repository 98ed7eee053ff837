//go:build gpu

package engine

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

func (d *cuda) revised() int { return d.revision }

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
