package engine

import (
	"fmt"
	"time"

	"harmonium/ranks"
)

// A ranked device belongs to a rank of a run, as every device does that computes: a [Paper] has no ranks.
type ranked interface {
	Device
	transport() ranks.Transport        // see Ranks
	exchanged() time.Duration          // see Exchanged
	link() (ranks.Link, error)         // see MeasureLink
	connect() error                    // see Connect
	alone(threads int) (Device, error) // see OpenAlone
}

// Ranks returns the transport between the ranks of a run, to which a device belongs.
func Ranks(d Device) ranks.Transport {
	if r, ok := d.(ranked); ok {
		return r.transport()
	}
	return ranks.Alone{}
}

// Connect connects a device with the devices of the other ranks. All ranks must call it before the first total.
// Afterwards the device's Name says how numbers go to other ranks.
func Connect(d Device) error {
	if r, ok := d.(ranked); ok && r.transport().Size() > 1 {
		if err := r.connect(); err != nil {
			return fmt.Errorf("engine: %w", err)
		}
	}
	return nil
}

// Exchanged returns the time that the totals of a device have taken so far, with waits for other ranks, but without
// the time in which the device computed something else.
func Exchanged(d Device) time.Duration {
	if r, ok := d.(ranked); ok {
		return r.exchanged()
	}
	return 0
}

// MeasureLink measures the links between the devices of the ranks, as [ranks.Measure] does between hosts. All ranks
// must call it. It is zero for a device without ranks.
func MeasureLink(d Device) (ranks.Link, error) {
	if r, ok := d.(ranked); ok {
		return r.link()
	}
	return ranks.Link{}, nil
}

// OpenAlone opens a device like d, of the same kind and precision, that exchanges nothing with other ranks. A host
// device has the given number of threads.
func OpenAlone(d Device, threads int) (Device, error) {
	if r, ok := d.(ranked); ok {
		return r.alone(threads)
	}
	return nil, fmt.Errorf("engine: %s has no ranks", d.Name())
}

// Divides reports whether evaluations and samplers can divide their rows among the ranks of a device. On a GPU the
// rounding of a product depends on its number of rows, so that a part of the rows would have other bits than all.
func Divides(d Device) bool { return OnHost(d) }

// Divide sets whether evaluations and samplers on a device divide their rows among its ranks. If on, all ranks
// must make the same calls in the same order, and end them by [ranks.Conclude]. Only a host takes the setting (see
// [Divides]).
func Divide(d Device, on bool) {
	if h, ok := d.(*host); ok {
		h.divided = on
	}
}

// Divided returns the transport between the ranks among which work on a device is divided: [ranks.Alone] if [Divide]
// has not set it.
func Divided(d Device) ranks.Transport {
	if h, ok := d.(*host); ok && h.divided {
		return h.exchange.ranks
	}
	return ranks.Alone{}
}

// Overlaps reports whether a device sends the first blocks of a gradient to other ranks while it computes the next.
func Overlaps(d Device) bool {
	h, ok := d.(*host)
	return ok && h.exchange.apart()
}
