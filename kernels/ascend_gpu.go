//go:build gpu

package kernels

import (
	"encoding/binary"
	"math"
)

// Move are the operands of the launch of [Ascend].
type Move struct {
	Next, Keep, Weights, Gradient Address // (Rows, Columns), as in Ascent
	Rates, Clock                  Address // row `position` of Rates (.., 2) is rate and momentum
	Velocity                      bool    // scale Keep by the momentum
	L1, L2                        float32
	VisibleOffset, HiddenOffset   Address // of a centered gradient, or none
	VisibleDifference             Address
	HiddenDifference              Address
	Faults                        Address // what [FaultsSize] describes
	Site                          int     // of the fault, below FaultSites
	Rows, Columns                 int
}

// Ascend launches [Ascend]. The bits are those of the definition. A result that is not
// finite is noted with its site; after the update in which that happens nothing moves.
func (g *GPU) Ascend(m Move) error {
	items := m.Rows * m.Columns
	if m.Columns%4 == 0 {
		items /= 4
	}
	return g.launch("ascend", items, m.Next, m.Keep, m.Weights, m.Gradient, m.Rates, m.Clock,
		m.VisibleOffset, m.HiddenOffset, m.VisibleDifference, m.HiddenDifference, number(m.Velocity), m.L1, m.L2,
		m.Faults, m.Site, m.Rows, m.Columns)
}

// Add launches [Add] in the update of the Ascend before, with its faults.
func (g *GPU) Add(z, x, y, faults Address, site, size int) error {
	return g.launch("add", size, z, x, y, faults, site, size)
}

const (
	FaultSites = 256              // places of a fault that are told apart
	FaultsSize = 8 + 8*FaultSites // bytes of the record of faults; all ones means none
)

// A Fault is a result that was not finite.
type Fault struct {
	Update uint32
	Site   int
	Index  int // the first of that update and site
}

// FirstFault returns the earliest fault of a record, of the lowest site.
func FirstFault(record []byte) (f Fault, ok bool) {
	f.Update = math.MaxUint32
	for site := range FaultSites {
		place := binary.LittleEndian.Uint64(record[8+8*site:])
		if update := uint32(place >> 32); update < f.Update {
			f, ok = Fault{Update: update, Site: site, Index: int(uint32(place))}, true
		}
	}
	return f, ok
}
