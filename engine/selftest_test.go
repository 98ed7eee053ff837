package engine

import (
	"math"
	"testing"

	"harmonium/kernels"
)

// nudge moves the last number by one unit in the last place.
func nudge(x []float32) { x[len(x)-1] = math.Nextafter32(x[len(x)-1], 100) }

// Each kernel is broken alone, as little as can be; its own check has to fail, and no
// other.
func TestCheckKernels(t *testing.T) {
	d := kernels.Definition
	for want, spoil := range map[string]func(k *kernels.Set){
		"": func(*kernels.Set) {},
		"field": func(k *kernels.Set) {
			k.Field = func(z, x []float32, w kernels.Panels, b []float32, rows int) {
				d.Field(z, x, w, b, rows)
				nudge(z)
			}
		},
		"field of lists": func(k *kernels.Set) {
			k.FieldOnes = func(z []float32, x kernels.Ones, w kernels.Panels, b []float32, rows int) {
				d.FieldOnes(z, x, w, b, rows)
				nudge(z)
			}
		},
		"mean": func(k *kernels.Set) {
			k.Mean = func(p, z []float32, m kernels.Temper, rows, columns int) {
				d.Mean(p, z, m, rows, columns)
				nudge(p)
			}
		},
		"sample": func(k *kernels.Set) {
			k.Sample = func(s []float32, ones kernels.Ones, p []float32, draw kernels.Draw, rows, columns int) {
				d.Sample(s, ones, p, draw, rows, columns)
				ones.Index[0]++
			}
		},
		"softplus": func(k *kernels.Set) {
			k.SoftplusSum = func(f []float64, z []float32, beta float32, rows, columns int) {
				d.SoftplusSum(f, z, beta, rows, columns)
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
