//go:build gpu

package kernels

import (
	"encoding/binary"
	"math"
)

// Move holds the operands of a launch of [Ascend].
type Move struct {
	Next, Keep, Weights, Gradient Address // (Rows, Columns), as in [Ascent]
	Copy                          Half    // of Next, or none
	Rates, Clock                  Address // the row of Rates (.., 2) at the clock's position holds rate and momentum
	Velocity                      bool    // the momentum scales Keep
	L1, L2                        float32
	VisibleOffset, HiddenOffset   Address // of a centered gradient, or none
	VisibleDifference             Address
	HiddenDifference              Address
	Faults                        Address // a record of FaultsSize bytes
	Site                          int     // number of Next in the record of faults, below FaultSites
	Rows, Columns                 int
}

// Ascend launches [Ascend]. The bits are the same as in the definition. A result that is NaN or
// infinite is recorded in Faults with the site. After a fault, later updates change no parameter.
func (g *GPU) Ascend(m Move) error {
	// A thread computes four columns.
	return g.launch("ascend", m.Rows*((m.Columns+3)/4), m.Next, m.Copy.High, m.Copy.Low, m.Keep, m.Weights, m.Gradient,
		m.Rates, m.Clock, m.VisibleOffset, m.HiddenOffset, m.VisibleDifference, m.HiddenDifference,
		number(m.Velocity), m.L1, m.L2, m.Faults, m.Site, m.Rows, m.Columns)
}

// Add launches [Add] as a part of the update of the preceding Ascend. It records faults in the
// same way.
func (g *GPU) Add(z, x, y, faults Address, site, size int) error {
	return g.launch("add", size, z, x, y, faults, site, size)
}

const (
	FaultSites = 256              // number of results that a record of faults has room for
	FaultsSize = 8 + 8*FaultSites // bytes of struct faults (faults.h); all ones means none
)

// Fault describes a result that is NaN or infinite.
type Fault struct {
	Update uint32
	Site   int
	Index  int // the smallest index of such an element at that site in that update
}

// FirstFault returns the earliest fault of a record, and from one update the fault with the lowest
// site. It returns false if there is none.
func FirstFault(record []byte) (f Fault, ok bool) {
	f.Update = math.MaxUint32
	for site := range FaultSites {
		place := binary.LittleEndian.Uint64(record[8+8*site:]) // the update, and in the low half the index
		if update := uint32(place >> 32); update < f.Update {
			f, ok = Fault{Update: update, Site: site, Index: int(uint32(place))}, true
		}
	}
	return f, ok
}

// Plus launches [Add] of numbers that are no parameter, so that faults are not recorded.
func (g *GPU) Plus(z, x, y Address, size int) error { return g.launch("plus", size, z, x, y, size) }
