package engine

import (
	"math"
	"testing"

	"harmonium/kernels"
)

// nudge raises the last number by one unit in the last place.
func nudge(x []float32) { x[len(x)-1] = math.Nextafter32(x[len(x)-1], float32(math.Inf(1))) }

// TestCheckKernels: each kernel is broken by itself, by one bit or the last place of one number. Its own check must
// fail, and no other. "" is a set of kernels that are all right.
func TestCheckKernels(t *testing.T) {
	d := kernels.Definition
	for want, spoil := range map[string]func(k *kernels.Set){
		"": func(*kernels.Set) {},
		"field": func(k *kernels.Set) {
			k.Activate = func(a kernels.Activation, lo, hi int) int {
				ones := d.Activate(a, lo, hi)
				if a.Input.Values != nil {
					nudge(a.Field.Data)
				}
				return ones
			}
		},
		"field of states": func(k *kernels.Set) {
			k.Activate = func(a kernels.Activation, lo, hi int) int {
				ones := d.Activate(a, lo, hi)
				if a.Input.States.Bits != nil {
					nudge(a.Field.Data)
				}
				return ones
			}
		},
		"mean": func(k *kernels.Set) {
			k.Activate = func(a kernels.Activation, lo, hi int) int {
				ones := d.Activate(a, lo, hi)
				if a.Mean.Data != nil {
					nudge(a.Mean.Data)
				}
				return ones
			}
		},
		"sample": func(k *kernels.Set) {
			k.Activate = func(a kernels.Activation, lo, hi int) int {
				ones := d.Activate(a, lo, hi)
				if a.States.Bits != nil {
					a.States.Bits[0] ^= 1
				}
				return ones
			}
		},
		"cumulant": func(k *kernels.Set) {
			k.CumulantSum = func(f []float64, z kernels.Grid, u kernels.Units, beta float32, rows, columns int) {
				d.CumulantSum(f, z, u, beta, rows, columns)
				f[rows-1] = math.Nextafter(f[rows-1], 0)
			}
		},
		"gradient": func(k *kernels.Set) {
			k.Gradient = func(g []float32, data, chains kernels.Phase, lo, hi, visible, hidden int) {
				d.Gradient(g, data, chains, lo, hi, visible, hidden)
				nudge(g)
			}
		},
	} {
		k := d
		spoil(&k)
		for _, c := range checkKernels(&k) {
			if failed := c.Error != ""; failed != (c.Kernel == want) {
				t.Errorf("broken %q: check of %s: got error %q", want, c.Kernel, c.Error)
			}
		}
	}
}
