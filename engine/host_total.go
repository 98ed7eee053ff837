package engine

import "harmonium/ranks"

// totals holds the sums over ranks of the launches that are gathered. One exchange adds up all of them,
// since on a network an exchange of a few numbers takes as long as one of some thousand.
type totals struct {
	ranks ranks.Transport
	due   []*hostBuffer
	of    int       // index of the first launch
	all   []float32 // room for the numbers of all sums, and for a peer's
}

func (h *host) total(out Buffer, in []Buffer) error {
	to, x := out.(*hostBuffer), expanded(in[0])
	if to != x {
		copy(to.f32, x.f32)
	}
	to.written()
	if h.totals.ranks.Size() == 1 {
		return nil
	}
	if len(h.totals.due) == 0 {
		h.totals.of = h.gathered.launch
	}
	h.totals.due = append(h.totals.due, to)
	if h.gathered.on {
		return nil
	}
	_, err := h.finish()
	return err
}

// add makes the sums that are due.
func (t *totals) add() error {
	size := 0
	for _, b := range t.due {
		size += len(b.f32)
	}
	if len(t.all) < 2*size {
		t.all = make([]float32, 2*size)
	}
	own, room := t.all[:size], t.all[size:2*size]
	if len(t.due) == 1 {
		own = t.due[0].f32
	} else {
		at := 0
		for _, b := range t.due {
			at += copy(own[at:], b.f32)
		}
	}
	if err := ranks.Sum(t.ranks, own, room); err != nil {
		return err
	}
	if len(t.due) > 1 {
		for _, b := range t.due {
			own = own[copy(b.f32, own):]
		}
	}
	return nil
}

// Ranks returns the transport between the ranks of a run, to which a device belongs.
func Ranks(d Device) ranks.Transport {
	if h, ok := d.(*host); ok {
		return h.totals.ranks
	}
	return ranks.Alone{}
}
