package engine

import "sync/atomic"

// firstBad is the smallest index of a NaN or infinite element that the threads of a task found.
type firstBad struct{ index atomic.Int64 }

func (b *firstBad) reset() { b.index.Store(-1) }

// note records an index. A negative one stands for none.
func (b *firstBad) note(index int) {
	if index < 0 {
		return
	}
	for {
		old := b.index.Load()
		if old >= 0 && old <= int64(index) || b.index.CompareAndSwap(old, int64(index)) {
			return
		}
	}
}

// fault returns the Fault of the parameter out, or nil.
func (b *firstBad) fault(out *hostBuffer) error {
	if bad := b.index.Load(); bad >= 0 {
		return &Fault{Index: int(bad), Shape: out.shape, Value: expanded(out).f32[bad]}
	}
	return nil
}
