package engine

import (
	"slices"

	"harmonium/kernels"
)

// worth holds weights in panels, prepared for fields over the bits of units, and the offset that these
// add to the bias (see [kernels.Worth]).
type worth struct {
	panelled
	units  Units
	offset []float32
}

// worthTask prepares some panels of weights.
type worthTask struct {
	nothing
	w *worth
}

func (t *worthTask) run(_, lo, hi int) { kernels.Worth(t.w.Panels, t.w.offset, t.w.units, lo, hi) }

// worth returns weights prepared for fields over bits. The buffer keeps them until it is written.
func (h *host) worth(b *hostBuffer, f Field) *worth {
	w, rows, columns := &b.worth[0], b.rows(), b.width()
	if f.Transposed {
		w, rows, columns = &b.worth[1], columns, rows
	}
	if w.fresh && slices.Equal(w.units, f.Units) {
		return w
	}
	if w.Data == nil {
		w.Panels, w.offset = kernels.NewPanels(rows, columns), make([]float32, columns)
	}
	w.units = f.Units
	h.tasks.pack = packTask{kernels: h.kernels, b: expanded(b)}
	if f.Transposed {
		h.tasks.pack.turned = w.Panels
	} else {
		h.tasks.pack.straight = w.Panels
	}
	h.pool.run(&h.tasks.pack, b.rows(), square)
	h.tasks.worth.w = w
	h.pool.run(&h.tasks.worth, columns, kernels.PanelWidth)
	w.fresh = true
	return w
}
