//go:build gpu

package kernels

import (
	"runtime/debug"
	"testing"
)

// TestAllocCollectsGarbage: pieces that are garbage make room for others when the memory is full, although Go
// does not collect garbage by itself. Each of the ten pieces takes a third of the memory and is garbage at once.
func TestAllocCollectsGarbage(t *testing.T) {
	g := openGPU(t)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for i := range 10 {
		if _, err := g.Alloc(g.Memory / 3); err != nil {
			t.Fatalf("piece %d: %v", i, err)
		}
	}
}
